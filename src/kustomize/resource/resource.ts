import type { SchemaSource } from '../schema/index.js';
import { copyNode, fieldOf, getMeta, getMetaMap, getMetaMapEntry, setAnnotation, setMetaMap, type YNode } from '../yaml/index.js';
import { makeId, type ResId } from './id.js';

/** An object on its way through a build. What it was called before stands in annotations, as Kustomize keeps it. */
export interface Resource {
  node: YNode;
  /** Names of vars that take their value from here. */
  refVars: string[];
  /** The file that it was read from or that generates it. */
  file: string | undefined;
  line: number | undefined;
}

const domain = 'internal.config.kubernetes.io';

export const note = {
  previousNames: `${domain}/previousNames`,
  previousNamespaces: `${domain}/previousNamespaces`,
  previousKinds: `${domain}/previousKinds`,
  prefixes: `${domain}/prefixes`,
  suffixes: `${domain}/suffixes`,
  allowNameChange: `${domain}/allowNameChange`,
  allowKindChange: `${domain}/allowKindChange`,
  refBy: `${domain}/refBy`,
  behavior: `${domain}/generatorBehavior`,
  needsHash: `${domain}/needsHashSuffix`,
  origin: 'config.kubernetes.io/origin',
  transformations: 'alpha.config.kubernetes.io/transformations',
  local: 'config.kubernetes.io/local-config',
} as const;

const legacyNotes = ['config.kubernetes.io/path', 'config.kubernetes.io/index', 'config.k8s.io/id'];

/** Annotations that only a build knows and that never reach its result. */
export const buildNotes: readonly string[] = [
  note.previousKinds,
  note.previousNames,
  note.prefixes,
  note.suffixes,
  note.previousNamespaces,
  note.allowNameChange,
  note.allowKindChange,
  note.refBy,
  note.behavior,
  note.needsHash,
  `${domain}/path`,
  `${domain}/index`,
  `${domain}/seqindent`,
  `${domain}/id`,
  `${domain}/annotations-migration-resource-id`,
  ...legacyNotes,
];

export function isInternalNote(key: string): boolean {
  return key.startsWith(domain) || legacyNotes.includes(key);
}

export function newResource(node: YNode, from: { file?: string | undefined; line?: number | undefined } = {}): Resource {
  return { node, refVars: [], file: from.file, line: from.line };
}

export function copyResource(resource: Resource): Resource {
  return { ...resource, node: copyNode(resource.node), refVars: resource.refVars.slice() };
}

export const kindOf = (resource: Resource) => fieldOf(resource.node, 'kind')?.value ?? '';
export const apiVersionOf = (resource: Resource) => fieldOf(resource.node, 'apiVersion')?.value ?? '';
export const nameOf = (resource: Resource) => getMeta(resource.node, 'name');
export const namespaceOf = (resource: Resource) => getMeta(resource.node, 'namespace');

export function currentId(resource: Resource, schemas: SchemaSource): ResId {
  return makeId(schemas, apiVersionOf(resource), { kind: kindOf(resource), name: nameOf(resource), namespace: namespaceOf(resource) });
}

/** What it was called at each step before, the oldest first. */
export function previousIds(resource: Resource, schemas: SchemaSource): ResId[] {
  const names = getMetaMapEntry(resource.node, 'annotations', note.previousNames);
  if (names === undefined) return [];
  const namespaces = (getMetaMapEntry(resource.node, 'annotations', note.previousNamespaces) ?? '').split(',');
  const kinds = (getMetaMapEntry(resource.node, 'annotations', note.previousKinds) ?? '').split(',');
  const apiVersion = apiVersionOf(resource);
  return names.split(',').map((name, i) => makeId(schemas, apiVersion, { kind: kinds[i] ?? '', name, namespace: namespaces[i] ?? '' }));
}

export function originalId(resource: Resource, schemas: SchemaSource): ResId {
  return previousIds(resource, schemas)[0] ?? currentId(resource, schemas);
}

export function allIds(resource: Resource, schemas: SchemaSource): ResId[] {
  return [...previousIds(resource, schemas), currentId(resource, schemas)];
}

function appendNote(resource: Resource, key: string, value: string): void {
  if (value === '') return;
  const known = getMetaMapEntry(resource.node, 'annotations', key);
  setAnnotation(resource.node, key, known === undefined ? value : `${known},${value}`);
}

export function storePreviousId(resource: Resource, schemas: SchemaSource): void {
  const id = currentId(resource, schemas);
  appendNote(resource, note.previousNames, id.name);
  appendNote(resource, note.previousNamespaces, id.clusterScoped ? '_non_namespaceable_' : id.namespace || 'default');
  appendNote(resource, note.previousKinds, id.kind);
}

export const addPrefix = (resource: Resource, prefix: string) => appendNote(resource, note.prefixes, prefix);
export const addSuffix = (resource: Resource, suffix: string) => appendNote(resource, note.suffixes, suffix);

function listNote(resource: Resource, key: string): string[] {
  return getMetaMapEntry(resource.node, 'annotations', key)?.split(',') ?? [];
}

export const prefixesOf = (resource: Resource) => listNote(resource, note.prefixes);
export const suffixesOf = (resource: Resource) => listNote(resource, note.suffixes);

export function isEnabled(resource: Resource, key: string): boolean {
  return getMetaMapEntry(resource.node, 'annotations', key) === 'enabled';
}

/** Sets an annotation the way that turns all others into strings and sorts them. */
export function enable(resource: Resource, key: string, value = 'enabled'): void {
  setMetaMap(resource.node, 'annotations', getMetaMap(resource.node, 'annotations').set(key, value));
}

export function behaviorOf(resource: Resource): 'create' | 'merge' | 'replace' {
  const word = getMetaMapEntry(resource.node, 'annotations', note.behavior);
  return word === 'merge' || word === 'replace' ? word : 'create';
}
