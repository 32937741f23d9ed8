import { equalJson } from '../../../model/index.js';
import { type FieldErrors, GoText, goStrings, invalid, notSupported, required } from '../../strategy/field.js';
import { nameProblems } from '../../strategy/names.js';
import type { Loose } from '../../strategy/types.js';
import { conversionProblems } from './conversion.js';
import { type SchemaRequirements, schemaProblems, specHas } from './schema.js';
import { printVersions, type SpecView, viewOf } from './view.js';

const all: SchemaRequirements = { structural: true, prunedDefaults: true, atomicSets: true, mapKeys: true, types: true };

/** What is wrong with a definition; `old` is what it was, whose own faults are not held against it. */
export function definitionProblems(definition: Loose, old: Loose | undefined): FieldErrors {
  const { spec, status } = definition;
  const versions: Loose[] = spec.versions ?? [];
  return [
    ...specProblems(spec, old),
    ...(old ? immutableProblems(spec, old) : []),
    ...namesProblems(status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...storedVersionProblems(status?.storedVersions ?? [], versions, old !== undefined),
    ...approvalProblems(definition, old),
    ...(spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

/** What the name of a definition has to be beside a domain name. */
export function definitionNameProblems({ metadata, spec }: Loose): FieldErrors {
  return metadata.name && metadata.name !== `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
    ? [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]
    : [];
}

function specProblems(spec: Loose, old: Loose | undefined): FieldErrors {
  const out: FieldErrors = [];
  const view = viewOf(spec);
  const { names = {} } = spec;
  const group = spec.group ?? '';
  const groupProblems = nameProblems('subdomain', group);
  if (!group) out.push(required('spec.group'));
  else if (groupProblems.length > 0) out.push(invalid('spec.group', group, groupProblems.join(',')));
  else if (!group.includes('.')) out.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  out.push(...oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  const requirements = old ? requirementsOf(old.spec) : all;
  const schemasRequired = !old || (old.spec.versions ?? []).every((v: Loose) => v.schema?.openAPIV3Schema);
  const requirement = { ...requirements, structural: requirements.structural || spec.preserveUnknownFields !== true };
  if (!view.schema?.openAPIV3Schema)
    view.versions.forEach(({ version, schema }, i) => {
      const place = `spec.versions[${i}].schema.openAPIV3Schema`;
      if (schema?.openAPIV3Schema) return;
      if (schemasRequired) out.push(required(place, 'schemas are required'));
      else if (spec.preserveUnknownFields !== true && version.served) out.push(required(place, 'because otherwise all fields are pruned'));
    });
  if (spec.preserveUnknownFields === true && specHas(spec, (s) => s.default !== undefined))
    out.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  out.push(...versionProblems(view, requirement));
  for (const field of ['plural', 'singular', 'kind', 'listKind']) if (!names[field]) out.push(required(`spec.names.${field}`));
  out.push(...namesProblems(names, 'spec.names'));
  out.push(...schemaProblems(view.schema?.openAPIV3Schema, 'spec.validation', hasAnyStatus(spec), requirement));
  out.push(...subresourceProblems(view.subresources, 'spec.subresources'));
  view.columns.forEach((column, i) => void out.push(...columnProblems(column, `spec.additionalPrinterColumns[${i}]`)));
  out.push(...conversionProblems(spec, old?.spec));
  return out;
}

const hasAnyStatus = (spec: Loose) => (spec.versions ?? []).some((v: Loose) => v.subresources?.status !== undefined);

function oneOf(field: string, value: string | undefined, accepted: string[]): FieldErrors {
  if (!value) return [required(field)];
  return accepted.includes(value) ? [] : [notSupported(field, value, accepted)];
}

/** What is asked of a definition's schemas: no more than what the old ones kept to. */
function requirementsOf(spec: Loose): SchemaRequirements {
  const held = (only: Partial<SchemaRequirements>) =>
    (spec.versions ?? []).every(
      (v: Loose) =>
        schemaProblems(v.schema?.openAPIV3Schema, '', false, {
          structural: false,
          prunedDefaults: false,
          atomicSets: false,
          mapKeys: false,
          types: false,
          ...only,
        }).length === 0,
    );
  if (held(all)) return all;
  const base = held({});
  const requirement = (name: keyof SchemaRequirements) => !base || held({ [name]: true });
  return {
    structural: requirement('structural'),
    prunedDefaults: requirement('prunedDefaults'),
    atomicSets: requirement('atomicSets'),
    mapKeys: requirement('mapKeys'),
    types: requirement('types'),
  };
}

function versionProblems(view: SpecView, requirement: SchemaRequirements): FieldErrors {
  const out: FieldErrors = [];
  const seen = new Set<string>();
  view.versions.forEach(({ version, schema, subresources, columns }, i) => {
    const at = `spec.versions[${i}]`;
    seen.add(version.name);
    const problems = nameProblems('label1035', version.name ?? '');
    if (problems.length > 0) out.push(invalid(`${at}.name`, version.name ?? '', problems.join(',')));
    for (const problem of deprecationProblems(version)) out.push(invalid(`${at}.deprecationWarning`, version.deprecationWarning, problem));
    const status = (view.subresources ?? subresources)?.status !== undefined;
    out.push(...schemaProblems(schema?.openAPIV3Schema, `${at}.schema`, status, requirement));
    out.push(...subresourceProblems(subresources, `${at}.subresources`));
    columns.forEach((column, j) => void out.push(...columnProblems(column, `${at}.additionalPrinterColumns[${j}]`)));
  });
  const shown = () => new GoText(printVersions(view));
  if (seen.size < view.versions.length) out.push(invalid('spec.versions', shown(), 'must contain unique version names'));
  if (view.versions.filter((v) => v.version.storage).length !== 1)
    out.push(invalid('spec.versions', shown(), 'must have exactly one version marked as storage version'));
  return out;
}

function deprecationProblems({ deprecated, deprecationWarning: text }: Loose): string[] {
  if (text === undefined || text === null) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const out: string[] = [];
  if (Buffer.byteLength(text) > 256) out.push('must be <= 256 characters long');
  if (text === '') out.push('must not be an empty string');
  const strange = [...(text as string)].findIndex((c) => c !== ' ' && /[\p{C}\p{Z}]/u.test(c));
  if (strange >= 0) {
    const index = Buffer.byteLength([...(text as string)].slice(0, strange).join(''));
    out.push(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  }
  return out;
}

function namesProblems(names: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const check = (place: string, name: string, mixed = false) => {
    const problems = nameProblems('label1035', mixed ? name.toLowerCase() : name).join(',');
    if (problems !== '')
      out.push(invalid(`${at}.${place}`, name, mixed ? `may have mixed case, but should otherwise match: ${problems}` : problems));
  };
  for (const field of ['plural', 'singular']) if (names[field]) check(field, names[field]);
  for (const field of ['kind', 'listKind']) if (names[field]) check(field, names[field], true);
  (names.shortNames ?? []).forEach((name: string, i: number) => void check(`shortNames[${i}]`, name));
  if (names.kind && names.kind === names.listKind)
    out.push(invalid(`${at}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  (names.categories ?? []).forEach((name: string, i: number) => void check(`categories[${i}]`, name));
  return out;
}

const simplePath = (path: string): string | undefined => (path.startsWith('.') ? undefined : 'must be a simple json path starting with .');

function subresourceProblems(subresources: Loose, at: string): FieldErrors {
  const scale = subresources?.scale;
  if (!scale) return [];
  const out: FieldErrors = [];
  const check = (field: string, roots: string[], detail: string, optional: boolean) => {
    const path: string = scale[field] ?? '';
    if (path === '') {
      if (!optional) out.push(required(`${at}.scale.${field}`));
      return;
    }
    const problem = simplePath(path) ?? (roots.some((root) => path.startsWith(root)) ? undefined : detail);
    if (problem !== undefined) out.push(invalid(`${at}.scale.${field}`, path, problem));
  };
  check('specReplicasPath', ['.spec.'], 'should be a json path under .spec', false);
  check('statusReplicasPath', ['.status.'], 'should be a json path under .status', false);
  check('labelSelectorPath', ['.spec.', '.status.'], 'should be a json path under either .spec or .status', true);
  return out;
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnProblems(column: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (!column.name) out.push(required(`${at}.name`));
  const types = `must be one of ${columnTypes.join(',')}`;
  if (!column.type) out.push(required(`${at}.type`, types));
  else if (!columnTypes.includes(column.type)) out.push(invalid(`${at}.type`, column.type, types));
  if (column.format && !columnFormats.includes(column.format))
    out.push(invalid(`${at}.format`, column.format, `must be one of ${columnFormats.join(',')}`));
  const problem = column.jsonPath ? simplePath(column.jsonPath) : undefined;
  if (!column.jsonPath) out.push(required(`${at}.JSONPath`));
  else if (problem !== undefined) out.push(invalid(`${at}.JSONPath`, column.jsonPath, problem));
  return out;
}

function storedVersionProblems(stored: string[], versions: Loose[], given: boolean): FieldErrors {
  const at = 'status.storedVersions';
  if (stored.length === 0) return [invalid(at, goStrings(given ? stored : undefined), 'must have at least one stored version')];
  const out: FieldErrors = [];
  for (const version of versions)
    if (version.storage && !stored.includes(version.name))
      out.push(
        invalid(
          at,
          new GoText(printVersions(viewOf({ versions: [version] })).replace(/^\[\][^{]+\{(.*)\}$/, '$1')),
          `must have the storage version ${version.name}`,
        ),
      );
  stored.forEach((name, i) => {
    if (!versions.some((v) => v.name === name)) out.push(invalid(`${at}[${i}]`, name, 'must appear in spec.versions'));
  });
  return out;
}

const established = (definition: Loose): boolean =>
  (definition.status?.conditions ?? []).some((c: Loose) => c.type === 'Established' && c.status === 'True');

function immutableProblems(spec: Loose, old: Loose): FieldErrors {
  const fields: [string, unknown, unknown][] = [
    ...(established(old)
      ? ([
          ['spec.scope', spec.scope, old.spec.scope],
          ['spec.names.kind', spec.names?.kind, old.spec.names.kind],
        ] as [string, unknown, unknown][])
      : []),
    ['spec.group', spec.group, old.spec.group],
    ['spec.names.plural', spec.names?.plural, old.spec.names.plural],
  ];
  return fields.flatMap(([field, now, before]) =>
    equalJson(now ?? '', before ?? '') ? [] : [invalid(field, now ?? '', 'field is immutable')],
  );
}

const approvalAnnotation = 'api-approved.kubernetes.io';

export interface Approval {
  state: 'missing' | 'invalid' | 'approved' | 'bypassed';
  reason: string;
}

/** How far a definition in one of Kubernetes' own groups says that it is approved; undefined in other groups. */
export function approvalOf({ metadata, spec }: Loose): Approval | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group ?? '')) return undefined;
  const text: string = metadata.annotations?.[approvalAnnotation] ?? '';
  const must = `protected groups must have approval annotation "${approvalAnnotation}"`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (text === '') return { state: 'missing', reason: `${must}, ${see}` };
  if (text.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(text)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+/i.test(text)) return { state: 'approved', reason: `approved in ${text}` };
  return { state: 'invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${see}` };
}

function approvalProblems(definition: Loose, old: Loose | undefined): FieldErrors {
  const approval = approvalOf(definition);
  if (!approval || (old && approvalOf({ ...old, spec: definition.spec })?.state === approval.state)) return [];
  const field = `metadata.annotations[${approvalAnnotation}]`;
  if (approval.state === 'missing') return [required(field, approval.reason)];
  return approval.state === 'invalid' ? [invalid(field, definition.metadata.annotations[approvalAnnotation], approval.reason)] : [];
}

/** What is wrong with the status that a write to the status subresource sets. */
export function definitionStatusProblems({ status }: Loose): FieldErrors {
  return namesProblems(status?.acceptedNames ?? {}, 'status.acceptedNames');
}
