import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/types.js';
import { Definitions } from './schemas.js';

type Obj = { [key: string]: unknown };

const info = { title: 'Kubernetes', version: 'v1.36.0+evenkeel' };

/** Query parameters of writes that clients look for before they use them. */
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'];
const methods: { [verb: string]: { method: string; action: string; onItem: boolean } } = {
  list: { method: 'get', action: 'list', onItem: false },
  create: { method: 'post', action: 'post', onItem: false },
  deletecollection: { method: 'delete', action: 'deletecollection', onItem: false },
  get: { method: 'get', action: 'get', onItem: true },
  update: { method: 'put', action: 'put', onItem: true },
  patch: { method: 'patch', action: 'patch', onItem: true },
  delete: { method: 'delete', action: 'delete', onItem: true },
};

const patchMedia = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

function parametersOf(action: string, v3: boolean): Obj[] {
  const names =
    action === 'post' || action === 'put' || action === 'patch'
      ? writeParameters
      : action === 'delete' || action === 'deletecollection'
        ? ['dryRun', 'propagationPolicy']
        : [];
  const all = action === 'patch' ? [...names, 'force'] : names;
  return all.map((name) => {
    const type = name === 'force' ? 'boolean' : 'string';
    return { name, in: 'query', ...(v3 ? { schema: { type, uniqueItems: true } } : { type, uniqueItems: true }) };
  });
}

function pathsOf(type: ResourceType, definition: string, v3: boolean): Obj {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const base = `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`;
  const collection: Obj = {};
  const item: Obj = {};
  const gvk = { group: type.group, kind: type.kind, version: type.version };
  // kubectl chooses by this how it patches.
  const media = type.custom ? patchMedia.filter((m) => !m.includes('strategic')) : patchMedia;
  for (const verb of type.verbs) {
    const found = methods[verb];
    if (!found) continue;
    const ref = { $ref: `${v3 ? '#/components/schemas/' : '#/definitions/'}${definition}` };
    const response = v3 ? { description: 'OK', content: { 'application/json': { schema: ref } } } : { description: 'OK', schema: ref };
    (found.onItem ? item : collection)[found.method] = {
      operationId: `${found.action}${type.group}${type.version}${type.kind}`,
      'x-kubernetes-action': found.action,
      'x-kubernetes-group-version-kind': gvk,
      parameters: parametersOf(found.action, v3),
      responses: { '200': response },
      ...(found.action !== 'patch'
        ? {}
        : v3
          ? { requestBody: { content: Object.fromEntries(media.map((m) => [m, { schema: { type: 'object' } }])) } }
          : { consumes: media }),
    };
  }
  const names = type.namespaced ? ['namespace'] : [];
  const inPath = (name: string) => ({ name, in: 'path', required: true, ...(v3 ? { schema: { type: 'string' } } : { type: 'string' }) });
  return {
    ...(Object.keys(collection).length > 0 ? { [base]: { ...collection, parameters: names.map(inPath) } } : {}),
    ...(Object.keys(item).length > 0 ? { [`${base}/{name}`]: { ...item, parameters: [...names, 'name'].map(inPath) } } : {}),
  };
}

/** `/openapi/v3/…` of one group version. */
export function openApiV3(registry: Registry, group: string, version: string): Obj {
  const definitions = new Definitions('#/components/schemas/');
  const paths: Obj = {};
  for (const type of registry.types(group, version)) Object.assign(paths, pathsOf(type, definitions.addKind(type), true));
  return { openapi: '3.0.0', info, paths, components: { schemas: definitions.all } };
}

/** `/openapi/v3`: where each group version's document is. `revision` changes whenever what is served changes. */
export function openApiIndex(registry: Registry, revision: (group: string, version: string) => string): Obj {
  const paths: Obj = {};
  for (const { group, versions } of registry.groups())
    for (const version of versions) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${revision(group, version)}` };
    }
  return { paths };
}

/** `/openapi/v2`: everything in one document. */
export function openApiV2(registry: Registry): Obj {
  const definitions = new Definitions('#/definitions/');
  const paths: Obj = {};
  for (const { group, versions } of registry.groups())
    for (const version of versions)
      for (const type of registry.types(group, version)) Object.assign(paths, pathsOf(type, definitions.addKind(type), false));
  return { swagger: '2.0', info, paths, definitions: definitions.all };
}
