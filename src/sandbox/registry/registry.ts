import { compareText } from '../../model/index.js';
import { builtinResources, builtinVersions } from '../facts.js';
import { kindStruct } from '../gotypes/types.js';
import type { GroupVersions, ResourceType } from './types.js';

/** What is served at this moment: built-in types and those of accepted CustomResourceDefinitions. */
export interface Registry {
  find(group: string, version: string, plural: string): ResourceType | undefined;
  /** By kind, in one version or in any. */
  findKind(group: string, version: string | undefined, kind: string): ResourceType | undefined;
  hasGroup(group: string): boolean;
  hasVersion(group: string, version: string): boolean;
  groups(): GroupVersions[];
  /** All types of one group version, by plural. */
  types(group: string, version: string): ResourceType[];
  /** One type per stored resource, in its storage version. */
  stored(): ResourceType[];
  byStorage(storage: string): ResourceType | undefined;
  isBuiltin(group: string): boolean;
  setCustom(definition: string, types: ResourceType[]): void;
  removeCustom(definition: string): void;
  /** Changes whenever what is served changes. */
  revision(): number;
}

/** The older version of each stored resource whose wire form is the one that is kept. */
const storageVersions: { [resource: string]: string } = { 'horizontalpodautoscalers.autoscaling': 'v2' };

function builtinTypes(): ResourceType[] {
  const preferred = new Map<string, string>();
  const types: ResourceType[] = [];
  for (const r of builtinResources()) {
    // Events of both groups are the same objects.
    const storage = r.plural === 'events' ? 'events.' : `${r.plural}.${r.group}`;
    const storageVersion = storageVersions[storage] ?? preferred.get(storage) ?? (r.plural === 'events' ? 'v1' : r.version);
    preferred.set(storage, storageVersion);
    const own = { group: r.group, version: r.version, kind: r.kind };
    types.push({
      ...own,
      listKind: `${r.kind}List`,
      plural: r.plural,
      singular: r.singular,
      namespaced: r.namespaced,
      shortNames: [...r.shortNames],
      categories: [...r.categories],
      verbs: [...r.verbs],
      subresources: r.subresources.map((s) => ({ ...s, verbs: [...s.verbs] })),
      storage,
      storageVersion,
      go: kindStruct(r.group, r.version, r.kind),
      custom: undefined,
    });
  }
  return types;
}

const id = (group: string, version: string, plural: string) => `${group}/${version}/${plural}`;

export function createRegistry(): Registry {
  const builtin = builtinTypes();
  const builtinGroups = new Set(builtin.map((t) => t.group));
  const byPath = new Map<string, ResourceType>();
  const byKind = new Map<string, ResourceType>();
  const byStorage = new Map<string, ResourceType>();
  const custom = new Map<string, ResourceType[]>();
  const order: GroupVersions[] = [];

  const add = (type: ResourceType) => {
    byPath.set(id(type.group, type.version, type.plural), type);
    byKind.set(`${type.group}/${type.version}/${type.kind}`, type);
    if (!byKind.has(`${type.group}//${type.kind}`)) byKind.set(`${type.group}//${type.kind}`, type);
    if (type.version === type.storageVersion || !byStorage.has(type.storage)) byStorage.set(type.storage, type);
  };
  for (const type of builtin) {
    add(type);
    const group = order.find((g) => g.group === type.group);
    if (!group) order.push({ group: type.group, versions: [type.version] });
    else if (!group.versions.includes(type.version)) group.versions.push(type.version);
  }
  const preferred = builtinVersions();
  for (const group of order) group.versions = (preferred[group.group] ?? group.versions).filter((v) => group.versions.includes(v));

  let revision = 0;
  const rebuildCustom = () => {
    revision++;
    for (const map of [byPath, byKind, byStorage]) for (const [key, type] of map) if (type.custom) map.delete(key);
    for (const types of custom.values()) for (const type of types) add(type);
  };
  const customGroups = (): GroupVersions[] => {
    const groups = new Map<string, string[]>();
    for (const type of [...custom.values()].flat()) {
      const versions = groups.get(type.group) ?? [];
      if (!versions.includes(type.version)) versions.push(type.version);
      groups.set(type.group, versions);
    }
    return [...groups]
      .sort((a, b) => compareText(a[0], b[0]))
      .map(([group, versions]) => ({ group, versions: versions.sort(compareVersions) }));
  };

  return {
    find: (group, version, plural) => byPath.get(id(group, version, plural)),
    findKind: (group, version, kind) => byKind.get(`${group}/${version ?? ''}/${kind}`),
    hasGroup: (group) => builtinGroups.has(group) || [...custom.values()].some((types) => types.some((t) => t.group === group)),
    hasVersion: (group, version) => [...byPath.values()].some((t) => t.group === group && t.version === version),
    groups: () => [...order, ...customGroups()],
    types: (group, version) =>
      [...byPath.values()].filter((t) => t.group === group && t.version === version).sort((a, b) => compareText(a.plural, b.plural)),
    stored: () => [...byStorage.values()],
    byStorage: (storage) => byStorage.get(storage),
    isBuiltin: (group) => builtinGroups.has(group),
    revision: () => revision,
    setCustom(definition, types) {
      custom.set(definition, types);
      rebuildCustom();
    },
    removeCustom(definition) {
      if (custom.delete(definition)) rebuildCustom();
    },
  };
}

/** Kubernetes' order of versions: v2 before v1, stable before beta before alpha, others after, by name. */
function compareVersions(a: string, b: string): number {
  const read = (v: string) => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(v);
    return match
      ? { stage: match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, major: Number(match[1]), minor: Number(match[3] ?? 0) }
      : undefined;
  };
  const x = read(a);
  const y = read(b);
  if (!x || !y) return x ? -1 : y ? 1 : compareText(a, b);
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}
