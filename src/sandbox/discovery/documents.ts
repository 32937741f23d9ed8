import { compareText, sha256 } from '../../model/index.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/types.js';

interface ApiResourceEntry {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  verbs: string[];
  group?: string;
  version?: string;
  shortNames?: string[];
  categories?: string[];
  storageVersionHash?: string;
}

/** `/api/v1`, `/apis/GROUP/VERSION` */
export function resourceList(registry: Registry, group: string, version: string): { [key: string]: unknown } {
  const resources: ApiResourceEntry[] = [];
  for (const type of registry.types(group, version)) resources.push(...entriesOf(type));
  if (!resources[0] || registry.isBuiltin(group)) resources.sort((a, b) => compareText(a.name, b.name));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources };
}

const customVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function entriesOf(type: ResourceType): ApiResourceEntry[] {
  const own: ApiResourceEntry = {
    name: type.plural,
    singularName: type.custom ? type.singular : '',
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: type.custom ? customVerbs : type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(type.verbs.includes('list') ? { storageVersionHash: versionHash(type) } : {}),
  };
  return [
    own,
    ...type.subresources.map((s) => ({
      name: `${type.plural}/${s.name}`,
      singularName: '',
      namespaced: type.namespaced,
      ...(s.kind !== type.kind ? { group: s.group, version: s.version } : {}),
      kind: s.kind,
      verbs: s.verbs,
    })),
  ];
}

function versionHash(type: ResourceType): string {
  return Buffer.from(sha256(`${type.group}/${type.storageVersion}/${type.kind}`).slice(0, 16), 'hex').toString('base64');
}

function groupEntry(group: string, versions: readonly string[]): { [key: string]: unknown } {
  const named = (version: string) => ({ groupVersion: `${group}/${version}`, version });
  return { name: group, versions: versions.map(named), preferredVersion: named(versions[0] as string) };
}

/** `/apis` */
export function groupList(registry: Registry): { [key: string]: unknown } {
  const groups = registry.groups().filter((g) => g.group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((g) => groupEntry(g.group, g.versions)) };
}

/** `/apis/GROUP`; undefined where it is not served */
export function groupDocument(registry: Registry, group: string): { [key: string]: unknown } | undefined {
  const found = registry.groups().find((g) => g.group === group && group !== '');
  return found ? { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found.group, found.versions) } : undefined;
}

/** `/api` */
export function coreVersions(address: string): { [key: string]: unknown } {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] };
}

/** Aggregated discovery (apidiscovery.k8s.io) of the core group or of all others. */
export function aggregated(registry: Registry, core: boolean, version: 'v2' | 'v2beta1'): { [key: string]: unknown } {
  const items = registry
    .groups()
    .filter((g) => (g.group === '') === core)
    .map(({ group, versions }) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map((v) => ({
        version: v,
        resources: registry.types(group, v).map((type) => ({
          resource: type.plural,
          responseKind: { group: type.group, version: type.version, kind: type.kind },
          scope: type.namespaced ? 'Namespaced' : 'Cluster',
          singularResource: type.singular,
          verbs: type.verbs,
          ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
          ...(type.categories.length > 0 ? { categories: type.categories } : {}),
          ...(type.subresources.length > 0
            ? {
                subresources: type.subresources.map((s) => ({
                  subresource: s.name,
                  responseKind: { group: s.group, version: s.version, kind: s.kind },
                  verbs: s.verbs,
                })),
              }
            : {}),
        })),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}
