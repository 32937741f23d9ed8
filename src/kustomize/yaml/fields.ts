import { failure, WrongKind } from '../errors.js';
import { become, emptyNode, fieldOf, isNull, isText, NULL, QUOTED, removeField, STR, scalarNode, stringNode, type YNode } from './node.js';
import { isNonString11 } from './resolve.js';

/** Null and missing nodes have no kind and pass.
 * @throws WrongKind
 */
export function expectKind(node: YNode | undefined, kind: YNode['kind']): void {
  if (!isNull(node) && (node as YNode).kind !== kind) throw new WrongKind(kind, (node as YNode).kind);
}

function quoteIfAmbiguous(value: YNode): void {
  if (isText(value) && value.style === 0 && isNonString11(value.value)) value.style = QUOTED;
}

/** Sets a scalar's value where it stands; the way it is written stays. */
export function setScalar(node: YNode, value: YNode): void {
  quoteIfAmbiguous(value);
  expectKind(node, 'scalar');
  if (isNull(value)) return;
  value.style = node.style;
  become(node, value);
}

/** Sets a field: what is there becomes the value, else the value itself is appended. Null clears the field. */
export function setField(map: YNode, name: string, value: YNode | undefined): void {
  if (value !== undefined) quoteIfAmbiguous(value);
  // Kustomize takes an empty name for the scalar itself, so mappings with an empty key cannot be merged.
  expectKind(map, name === '' ? 'scalar' : 'map');
  if (value === undefined || (value.tag === NULL && value.keep !== true)) {
    removeField(map, name);
    return;
  }
  const field = isNull(map) ? undefined : fieldOf(map, name);
  if (field !== undefined) {
    value.style = field.style;
    become(field, value);
    return;
  }
  map.content.push(scalarNode(name), value);
}

/** `name` of a mapping, undefined for null; what is neither throws. */
export function getField(node: YNode | undefined, name: string): YNode | undefined {
  if (isNull(node)) return undefined;
  expectKind(node, 'map');
  return fieldOf(node, name);
}

/** The field, made as an empty node of a kind where it is not there. */
export function getOrCreate(map: YNode, name: string, kind: YNode['kind']): YNode | undefined {
  if (isNull(map)) return undefined;
  const found = getField(map, name);
  if (found !== undefined) return found;
  const created = emptyNode(kind);
  map.content.push(scalarNode(name), created);
  return created;
}

/** metadata of an object; undefined where it has none or it is empty. */
function metadataOf(node: YNode): YNode | undefined {
  const metadata = fieldOf(node, 'metadata');
  return isNull(metadata) || (metadata.kind !== 'scalar' && metadata.content.length === 0) ? undefined : metadata;
}

export function getMeta(node: YNode, name: 'name' | 'namespace'): string {
  const value = fieldOf(metadataOf(node), name);
  return isNull(value) || value.kind !== 'scalar' ? '' : value.value;
}

/** Labels or annotations as texts, whatever their types are. */
export function getMetaMap(node: YNode, name: 'labels' | 'annotations'): Map<string, string> {
  const result = new Map<string, string>();
  const map = fieldOf(metadataOf(node), name);
  if (map === undefined || map.kind !== 'map') return result;
  for (let i = 0; i < map.content.length; i += 2) result.set((map.content[i] as YNode).value, (map.content[i + 1] as YNode).value);
  return result;
}

export function getMetaMapEntry(node: YNode, name: 'labels' | 'annotations', key: string): string | undefined {
  return fieldOf(fieldOf(metadataOf(node), name), key)?.value;
}

/** Replaces labels or annotations as a whole: sorted, all of them strings, the field gone where there are none. */
export function setMetaMap(node: YNode, name: 'labels' | 'annotations', entries: ReadonlyMap<string, string>): void {
  const metadata = getOrCreate(node, 'metadata', 'map');
  if (metadata === undefined) return;
  expectKind(metadata, 'map');
  removeField(metadata, name);
  if (entries.size === 0) return;
  const map = emptyNode('map');
  for (const key of [...entries.keys()].sort(compareBytes)) {
    const value = stringNode(entries.get(key) as string);
    quoteIfAmbiguous(value);
    map.content.push(scalarNode(key), value);
  }
  metadata.content.push(scalarNode(name), map);
}

/** By bytes of UTF-8, as Go compares strings. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xs = x >= 0xd800 && x <= 0xdfff;
    const ys = y >= 0xd800 && y <= 0xdfff;
    return xs !== ys ? (xs ? 1 : -1) : x - y;
  }
  return a.length - b.length;
}

/** Sets one annotation; empty annotations and metadata are made anew. */
export function setAnnotation(node: YNode, key: string, text: string): void {
  const metadata = fieldOf(node, 'metadata');
  if (metadata?.kind === 'map') {
    const annotations = fieldOf(metadata, 'annotations');
    if (annotations !== undefined && annotations.content.length === 0) removeField(metadata, 'annotations');
  }
  if (metadata !== undefined && metadata.content.length === 0) removeField(node, 'metadata');
  const map = getOrCreate(getOrCreate(node, 'metadata', 'map') as YNode, 'annotations', 'map') as YNode;
  setField(map, key, scalarNode(text, STR, QUOTED));
}

export function setLabel(node: YNode, key: string, text: string): void {
  const metadata = getOrCreate(node, 'metadata', 'map') as YNode;
  setField(getOrCreate(metadata, 'labels', 'map') as YNode, key, scalarNode(text, STR, QUOTED));
}

export function setMetaField(node: YNode, name: 'name' | 'namespace', text: string): void {
  const metadata = getOrCreate(node, 'metadata', 'map');
  if (metadata === undefined) throw failure('KUSTOMIZE_RESOURCE_INVALID', 'metadata is null', { field: 'metadata' });
  setField(metadata, name, scalarNode(text));
}
