import { definitionNameProblems, definitionProblems, definitionStatusProblems } from '../crd/definition/validate.js';
import type { Loose, Strategy } from './types.js';

const definition: Strategy = {
  status: true,
  generation: true,
  defaults({ spec }) {
    spec.conversion ??= { strategy: 'None' };
    if (!spec.names.singular) spec.names.singular = (spec.names.kind ?? '').toLowerCase();
    if (!spec.names.listKind && spec.names.kind) spec.names.listKind = `${spec.names.kind}List`;
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
  validate(object, { old, subresource }) {
    return subresource === 'status'
      ? definitionStatusProblems(object)
      : [...(old ? [] : definitionNameProblems(object)), ...definitionProblems(object, old)];
  },
};

export const definitions: { [resource: string]: Strategy } = { 'customresourcedefinitions.apiextensions.k8s.io': definition };
