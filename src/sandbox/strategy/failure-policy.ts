import { each, qualifiedName } from './check.js';
import { duplicate, type FieldErrors, GoText, invalid, notSupported, required, tooMany, wrong } from './field.js';
import type { Loose } from './types.js';

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const statuses = ['False', 'True', 'Unknown'];
const most = { rules: 20, codes: 255, patterns: 20 };
const goList = (values: readonly string[]) => `[${values.map((v) => JSON.stringify(v)).join(' ')}]`;

function choice(value: string | undefined, at: string, values: readonly string[], shown = values): FieldErrors {
  if (!value) return [required(at, `valid values: ${goList(shown)}`)];
  return values.includes(value) ? [] : [notSupported(at, value, shown)];
}

function exitCodes(rule: Loose, at: string, containers: ReadonlySet<string>): FieldErrors {
  const { operator, containerName } = rule;
  const values: number[] = rule.values ?? [];
  const out = choice(operator, `${at}.operator`, ['In', 'NotIn']);
  if (containerName !== undefined && containerName !== null && !containers.has(containerName))
    out.push(invalid(`${at}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'));
  const path = `${at}.values`;
  const shown = new GoText(values.length === 0 ? '[]int32(nil)' : `[]int32{${values.join(', ')}}`);
  if (values.length === 0) out.push(invalid(path, shown, 'at least one value is required'));
  else if (values.length > most.codes) out.push(tooMany(path, values.length, most.codes));
  const seen = new Set<number>();
  out.push(
    ...each(values, path, (code, valuePath) => {
      const problems: FieldErrors = operator === 'In' && code === 0 ? [invalid(valuePath, code, 'must not be 0 for the In operator')] : [];
      if (seen.has(code)) problems.push(duplicate(valuePath, code));
      seen.add(code);
      return problems;
    }),
  );
  if (values.some((code, i) => code < (values[i - 1] ?? code))) out.push(invalid(path, shown, 'must be ordered'));
  return out;
}

interface Around {
  containers: ReadonlySet<string>;
  perIndex: boolean;
}

function rule(given: Loose, at: string, { containers, perIndex }: Around): FieldErrors {
  const out = choice(given.action, `${at}.action`, actions, ['Count', 'FailJob', 'Ignore']);
  if (given.action === 'FailIndex' && !perIndex)
    out.push(invalid(`${at}.action`, given.action, 'requires the backoffLimitPerIndex to be set'));
  const conditions: Loose[] = given.onPodConditions ?? [];
  if (given.onExitCodes) out.push(...exitCodes(given.onExitCodes, `${at}.onExitCodes`, containers));
  if (conditions.length > most.patterns) out.push(tooMany(`${at}.onPodConditions`, conditions.length, most.patterns));
  out.push(
    ...each(conditions, `${at}.onPodConditions`, (pattern, path) => [
      ...qualifiedName(pattern.type ?? '', `${path}.type`),
      ...choice(pattern.status, `${path}.status`, statuses),
    ]),
  );
  if (given.onExitCodes && conditions.length > 0) out.push(wrong(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!given.onExitCodes && conditions.length === 0) out.push(wrong(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return out;
}

/** What a job makes of pods that fail. */
export function validateFailurePolicy(spec: Loose, at: string): FieldErrors {
  const rules: Loose[] = spec.podFailurePolicy.rules ?? [];
  const { containers, initContainers } = spec.template?.spec ?? {};
  const names = new Set<string>([...(containers ?? []), ...(initContainers ?? [])].map((c: Loose) => c.name));
  return [
    ...(rules.length > most.rules ? [tooMany(`${at}.rules`, rules.length, most.rules)] : []),
    ...each(rules, `${at}.rules`, (given, path) =>
      rule(given, path, { containers: names, perIndex: spec.backoffLimitPerIndex !== undefined }),
    ),
  ];
}
