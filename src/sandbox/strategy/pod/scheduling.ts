import { each, label, qualifiedName } from '../check.js';
import { duplicate, type FieldErrors, forbiddenField, goStruct, invalid, notSupported, required } from '../field.js';
import { labelValueProblems } from '../names.js';
import { validateSelector } from '../selector.js';
import type { Loose } from '../types.js';

function nodeRequirement(requirement: Loose, at: string): FieldErrors {
  const { operator, values = [] } = requirement;
  const out: FieldErrors = [];
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) out.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) out.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) out.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      out.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  return [...out, ...qualifiedName(requirement.key ?? '', `${at}.key`)];
}

function nodeFieldRequirement(requirement: Loose, at: string): FieldErrors {
  const { operator, values = [], key = '' } = requirement;
  const out: FieldErrors = [];
  if (operator !== 'In' && operator !== 'NotIn') out.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1)
    out.push(required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (key !== 'metadata.name') out.push(invalid(`${at}.key`, key, 'not a valid field selector key'));
  return out;
}

const nodeTerm = (term: Loose, at: string): FieldErrors => [
  ...each(term?.matchExpressions, `${at}.matchExpressions`, nodeRequirement),
  ...each(term?.matchFields, `${at}.matchFields`, nodeFieldRequirement),
];

/** Nodes that are asked for: at least one term. */
export function validateNodeSelector(selector: Loose, at: string): FieldErrors {
  const path = `${at}.nodeSelectorTerms`;
  if ((selector.nodeSelectorTerms ?? []).length === 0) return [required(path, 'must have at least one node selector term')];
  return each(selector.nodeSelectorTerms, path, nodeTerm);
}

const weight = (value: number, at: string): FieldErrors =>
  value >= 1 && value <= 100 ? [] : [invalid(at, value, 'must be in the range 1-100')];

function podTerm(term: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const field of ['labelSelector', 'namespaceSelector'])
    if (term?.[field]) out.push(...validateSelector(term[field], `${at}.${field}`));
  for (const name of term?.namespaces ?? []) out.push(...label(name, `${at}.namespace`));
  const key = term?.topologyKey ?? '';
  if (key === '') out.push(required(`${at}.topologyKey`, 'can not be empty'));
  return [...out, ...qualifiedName(key, `${at}.topologyKey`)];
}

const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
const soft = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const node = affinity?.nodeAffinity;
  if (node) {
    if (node[hard]) out.push(...validateNodeSelector(node[hard], `${at}.nodeAffinity.${hard}`));
    out.push(
      ...each(node[soft], `${at}.nodeAffinity.${soft}`, (term, path) => [
        ...weight(term.weight, `${path}.weight`),
        ...nodeTerm(term.preference, `${path}.preference`),
      ]),
    );
  }
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const pods = affinity?.[kind];
    if (!pods) continue;
    out.push(...each(pods[hard], `${at}.${kind}.${hard}`, podTerm));
    out.push(
      ...each(pods[soft], `${at}.${kind}.${soft}`, (term, path) => [
        ...weight(term.weight, `${path}.weight`),
        ...podTerm(term.podAffinityTerm, `${path}.podAffinityTerm`),
      ]),
    );
  }
  return out;
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: Loose[] | undefined, at: string): FieldErrors {
  return each(tolerations, at, (t, path) => {
    const out: FieldErrors = t.key ? qualifiedName(t.key, `${path}.key`) : [];
    if (!t.key && t.operator !== 'Exists')
      out.push(
        invalid(
          `${path}.operator`,
          t.operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (t.tolerationSeconds !== undefined && t.effect !== 'NoExecute')
      out.push(invalid(`${path}.effect`, t.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (!t.operator || t.operator === 'Equal') {
      const problems = labelValueProblems(t.value ?? '');
      if (problems.length > 0) out.push(invalid(`${path}.operator`, t.value, problems.join(';')));
    } else if (t.operator === 'Exists') {
      if (t.value) out.push(invalid(`${path}.operator`, goStruct('core.Toleration', t), "value must be empty when `operator` is 'Exists'"));
    } else out.push(notSupported(`${path}.operator`, t.operator, ['Equal', 'Exists']));
    if (t.effect && !effects.includes(t.effect)) out.push(notSupported(`${path}.effect`, t.effect, effects));
    return out;
  });
}

export function validateSpread(constraints: Loose[] | undefined, at: string): FieldErrors {
  return each(constraints, at, (c, path, i) => {
    const out: FieldErrors = [];
    if (!(c.maxSkew > 0)) out.push(invalid(`${path}.maxSkew`, c.maxSkew, 'must be greater than 0'));
    if (!c.topologyKey) out.push(required(`${path}.topologyKey`, 'can not be empty'));
    else out.push(...qualifiedName(c.topologyKey, `${path}.topologyKey`));
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(c.whenUnsatisfiable))
      out.push(notSupported(`${path}.whenUnsatisfiable`, c.whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']));
    const same = (other: Loose) => other.topologyKey === c.topologyKey && other.whenUnsatisfiable === c.whenUnsatisfiable;
    if ((constraints ?? []).slice(i + 1).some(same))
      out.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${c.topologyKey}, ${c.whenUnsatisfiable}}`));
    if (c.minDomains !== undefined) {
      if (c.minDomains <= 0) out.push(invalid(`${path}.minDomains`, c.minDomains, 'must be greater than 0'));
      if (c.whenUnsatisfiable !== 'DoNotSchedule')
        out.push(
          invalid(
            `${path}.minDomains`,
            c.minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${c.whenUnsatisfiable}`,
          ),
        );
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'])
      if (c[field] !== undefined && !['Honor', 'Ignore'].includes(c[field]))
        out.push(notSupported(`${path}.${field}`, c[field], ['Honor', 'Ignore']));
    if (c.labelSelector) out.push(...validateSelector(c.labelSelector, `${path}.labelSelector`));
    return out;
  });
}

export function validateGates(spec: Loose, at: string): FieldErrors {
  const names = new Set<string>();
  return [
    ...each(spec.readinessGates, `${at}.readinessGates`, (gate, path) => qualifiedName(gate.conditionType ?? '', `${path}.conditionType`)),
    ...each(spec.schedulingGates, `${at}.schedulingGates`, (gate, path) => {
      const out = qualifiedName(gate.name ?? '', path);
      if (names.has(gate.name)) out.push(duplicate(path, gate.name));
      names.add(gate.name);
      return out;
    }),
  ];
}
