import { equalJson } from '../../model/index.js';
import { structuralProblems } from '../crd/structural.js';
import { type FieldErrors, invalid, notSupported, required } from './field.js';
import { isSubdomain, nameProblems } from './names.js';
import type { Loose, Strategy } from './types.js';

const groupText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function validate({ metadata, spec }: Loose): FieldErrors {
  const out: FieldErrors = [];
  const { names } = spec;
  if (metadata.name && metadata.name !== `${names.plural}.${spec.group}`)
    out.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  if (!spec.group) out.push(required('spec.group'));
  else if (!isSubdomain(spec.group)) out.push(invalid('spec.group', spec.group, groupText));
  else if (!spec.group.includes('.')) out.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'));
  if (!['Cluster', 'Namespaced'].includes(spec.scope))
    out.push(spec.scope ? notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : required('spec.scope'));
  validateVersions(spec, out);
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    const name = names[field];
    if (!name) out.push(required(`spec.names.${field}`));
    else for (const problem of nameProblems('label1035', name.toLowerCase())) out.push(invalid(`spec.names.${field}`, name, problem));
  }
  if (names.kind && names.kind === names.listKind)
    out.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  if (spec.preserveUnknownFields === true)
    out.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  return out;
}

function validateVersions(spec: Loose, out: FieldErrors): void {
  const seen = new Set<string>();
  const storage = (spec.versions ?? []).filter((v: Loose) => v.storage);
  if (storage.length !== 1) out.push(invalid('spec.versions', spec.versions, 'must have exactly one version marked as storage version'));
  (spec.versions ?? []).forEach((version: Loose, i: number) => {
    const at = `spec.versions[${i}]`;
    for (const problem of nameProblems('label1035', version.name)) out.push(invalid(`${at}.name`, version.name, problem));
    if (seen.has(version.name)) out.push(invalid('spec.versions', spec.versions, 'must contain unique version names'));
    seen.add(version.name);
    const schema = version.schema?.openAPIV3Schema;
    if (!schema) out.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    else out.push(...structuralProblems(schema, `${at}.schema.openAPIV3Schema`));
    const scale = version.subresources?.scale;
    if (scale && !scale.specReplicasPath?.startsWith('.spec.'))
      out.push(invalid(`${at}.subresources.scale.specReplicasPath`, scale.specReplicasPath ?? '', 'should be a json path under .spec'));
    if (scale && !scale.statusReplicasPath?.startsWith('.status.'))
      out.push(
        invalid(`${at}.subresources.scale.statusReplicasPath`, scale.statusReplicasPath ?? '', 'should be a json path under .status'),
      );
    (version.additionalPrinterColumns ?? []).forEach((column: Loose, j: number) => {
      if (!['integer', 'number', 'string', 'boolean', 'date'].includes(column.type))
        out.push(
          notSupported(`${at}.additionalPrinterColumns[${j}].type`, column.type, ['boolean', 'date', 'integer', 'number', 'string']),
        );
      if (!column.jsonPath) out.push(required(`${at}.additionalPrinterColumns[${j}].jsonPath`));
    });
  });
}

const isTrue = (object: Loose, type: string) =>
  (object.status?.conditions ?? []).some((c: Loose) => c.type === type && c.status === 'True');

const definition: Strategy = {
  status: true,
  generation: true,
  defaults({ spec }) {
    spec.conversion ??= { strategy: 'None' };
    spec.names.singular ??= spec.names.kind.toLowerCase();
    if (spec.names.kind) spec.names.listKind ??= `${spec.names.kind}List`;
    const clientConfig = spec.conversion.webhook?.clientConfig;
    if (clientConfig?.service) clientConfig.service.port ??= 443;
  },
  prepareCreate(object) {
    object.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: (object.spec.versions ?? []).filter((v: Loose) => v.storage).map((v: Loose) => v.name),
    };
  },
  prepareUpdate(next, _old, { subresource }) {
    if (subresource !== '') return;
    // A version that objects were ever stored in stays on record.
    const stored = new Set<string>(next.status?.storedVersions ?? []);
    for (const version of next.spec.versions ?? []) if (version.storage) stored.add(version.name);
    next.status = { ...next.status, storedVersions: [...stored] };
  },
  validate,
  validateUpdate({ spec }, old, { subresource }) {
    const out: FieldErrors = [];
    if (subresource !== '') return out;
    const fixed = ['group', ...(isTrue(old, 'Established') ? ['scope'] : [])];
    for (const field of fixed)
      if (!equalJson(spec[field], old.spec[field])) out.push(invalid(`spec.${field}`, spec[field], 'field is immutable'));
    if (isTrue(old, 'Established'))
      for (const field of ['kind', 'plural'])
        if (spec.names[field] !== old.spec.names[field]) out.push(invalid(`spec.names.${field}`, spec.names[field], 'field is immutable'));
    const names = (spec.versions ?? []).map((v: Loose) => v.name);
    (old.status?.storedVersions ?? []).forEach((version: string, i: number) => {
      if (!names.includes(version)) out.push(invalid(`status.storedVersions[${i}]`, version, 'must appear in spec.versions'));
    });
    return out;
  },
};

export const definitions: { [resource: string]: Strategy } = { 'customresourcedefinitions.apiextensions.k8s.io': definition };
