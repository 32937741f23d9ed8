import { failure } from '../errors.js';
import type { SchemaSource } from '../schema/index.js';
import {
  fieldOf,
  getMetaMap,
  getOrCreate,
  isEmpty,
  QUOTED,
  removeField,
  STR,
  scalarNode,
  setField,
  setMetaField,
  setMetaMap,
  type YNode,
} from '../yaml/index.js';
import { idKey, idText, type ResId, sameId } from './id.js';
import { allIds, behaviorOf, buildNotes, currentId, nameOf, namespaceOf, note, type Resource } from './resource.js';

/**
 * Adds objects behind those there.
 * @throws EvenkeelError KUSTOMIZE_CONFLICT where one is there already
 */
export function appendAll(list: Resource[], added: readonly Resource[], schemas: SchemaSource): void {
  const known = new Map(list.map((resource) => [idKey(currentId(resource, schemas)), resource]));
  for (const resource of added) {
    const id = currentId(resource, schemas);
    const key = idKey(id);
    const other = known.get(key);
    if (other !== undefined)
      throw failure('KUSTOMIZE_CONFLICT', `may not add resource with an already registered id: ${idText(id)}`, {
        file: resource.file,
        line: resource.line,
        hint:
          other.file === undefined
            ? 'It is there already.'
            : `It also stands in ${other.file}${other.line === undefined ? '' : `, line ${other.line}`}.`,
      });
    known.set(key, resource);
    list.push(resource);
  }
}

export function matchingAnyId(list: readonly Resource[], matches: (id: ResId) => boolean, schemas: SchemaSource): Resource[] {
  return list.filter((resource) => allIds(resource, schemas).some(matches));
}

/**
 * The one object that a patch names.
 * @throws EvenkeelError KUSTOMIZE_NO_MATCH, KUSTOMIZE_CONFLICT where there are several
 */
export function theOne(list: readonly Resource[], id: ResId, schemas: SchemaSource): Resource {
  const found = matchingAnyId(list, (other) => sameId(id, other), schemas);
  if (found.length === 1) return found[0] as Resource;
  const what = `for Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`;
  if (found.length > 1)
    throw failure('KUSTOMIZE_CONFLICT', `multiple matches ${what}`, { hint: 'Give the patch a target, or a namespace.' });
  throw failure('KUSTOMIZE_NO_MATCH', `no matches ${what}`, {
    hint: 'A patch names apiVersion, kind, metadata.name and, where there is one, metadata.namespace of what it changes, as they are written in the base.',
  });
}

/** Adds what a generator makes, or merges it into what is there, as its behaviour says. */
export function absorb(list: Resource[], added: readonly Resource[], schemas: SchemaSource): void {
  for (const resource of added) absorbOne(list, resource, schemas);
}

function absorbOne(list: Resource[], resource: Resource, schemas: SchemaSource): void {
  const id = currentId(resource, schemas);
  const matches = matchingAnyId(list, (other) => sameId(id, other), schemas);
  const behavior = behaviorOf(resource);
  const [old] = matches;
  if (matches.length > 1 || (old !== undefined && behavior === 'create'))
    throw failure(
      'KUSTOMIZE_CONFLICT',
      matches.length > 1
        ? `found multiple objects that could accept merge of ${idText(id)}`
        : `id ${idText(id)} exists; behavior must be merge or replace`,
      { file: resource.file },
    );
  if (old === undefined) {
    if (behavior !== 'create')
      throw failure('KUSTOMIZE_NO_MATCH', `id ${idText(id)} does not exist; cannot merge or replace`, { file: resource.file });
    appendAll(list, [resource], schemas);
    return;
  }
  const origin = getMetaMap(old.node, 'annotations').get(note.origin);
  takeMetadata(resource, old);
  if (behavior === 'merge') {
    mergeData(resource.node, old.node, 'data');
    mergeData(resource.node, old.node, 'binaryData');
    if (origin !== undefined) setMetaMap(resource.node, 'annotations', getMetaMap(resource.node, 'annotations').set(note.origin, origin));
  }
  const replaced = currentId(resource, schemas);
  const at = list.findIndex((other) => sameId(replaced, currentId(other, schemas)));
  if (at < 0 || at !== list.indexOf(old))
    throw failure('KUSTOMIZE_CONFLICT', `cannot find resource with id ${idText(replaced)} to replace`, { file: resource.file });
  list[at] = resource;
}

/** Labels and annotations of both, its own before the other's; name and namespace of the other. */
export function takeMetadata(resource: Resource, other: Resource): void {
  const { node } = resource;
  setMetaMap(node, 'labels', new Map([...getMetaMap(other.node, 'labels'), ...getMetaMap(node, 'labels')]));
  const theirs = getMetaMap(other.node, 'annotations');
  const ours = getMetaMap(node, 'annotations');
  const merged = new Map([...theirs, ...ours]);
  for (const key of buildNotes) {
    const value = theirs.get(key);
    if (value === undefined) merged.delete(key);
    else merged.set(key, value);
  }
  if (!ours.has(note.needsHash)) merged.delete(note.needsHash);
  setMetaMap(node, 'annotations', merged);
  setMetaField(node, 'name', nameOf(other));
  setNamespace(node, namespaceOf(other));
  resource.refVars = other.refVars.slice();
}

export function setNamespace(node: YNode, namespace: string): void {
  if (namespace !== '') setMetaField(node, 'namespace', namespace);
  else {
    const metadata = fieldOf(node, 'metadata');
    if (metadata !== undefined) removeField(metadata, 'namespace');
  }
}

function mergeData(node: YNode, other: YNode, field: 'data' | 'binaryData'): void {
  const merged = new Map([...textsOf(other, field), ...textsOf(node, field)]);
  removeField(node, field);
  for (const key of [...merged.keys()].sort()) {
    const value = merged.get(key) as string;
    const map = getOrCreate(node, field, 'map') as YNode;
    setField(map, key, scalarNode(value, STR, value.includes('\n') ? QUOTED : 0));
  }
}

function textsOf(node: YNode, field: string): [string, string][] {
  const map = fieldOf(node, field);
  if (isEmpty(map)) return [];
  const { content } = map as YNode;
  const entries: [string, string][] = [];
  for (let i = 0; i < content.length; i += 2) entries.push([(content[i] as YNode).value, (content[i + 1] as YNode).value]);
  return entries;
}
