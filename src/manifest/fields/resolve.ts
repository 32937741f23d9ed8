import type { ManagedFieldsEntry } from '../../model/index.js';
import { equalJson } from '../../model/index.js';
import type { TypeSchema } from '../types/index.js';
import { childSchema } from '../types/index.js';
import { elementParts, type Path, type PathElement } from './element.js';
import { parseFields } from './fields-v1.js';
import type { FieldNode, FieldSet } from './set.js';

/**
 * The value that a path leads to, or undefined where the object has none.
 * @param schema tells the defaults of key fields that a list item leaves out (`protocol` of a port)
 */
export function resolvePath(object: unknown, path: Path, schema?: TypeSchema): unknown {
  let value = object;
  let at = schema;
  for (const element of path) {
    value = step(value, element, at);
    if (value === undefined) return undefined;
    const parts = elementParts(element);
    at = parts.type === 'field' ? childSchema(at, parts.name) : at?.items;
  }
  return value;
}

function step(value: unknown, element: PathElement, schema: TypeSchema | undefined): unknown {
  const parts = elementParts(element);
  if (parts.type === 'field') {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, parts.name)) return undefined;
    return (value as { [key: string]: unknown })[parts.name];
  }
  if (!Array.isArray(value)) return undefined;
  if (parts.type === 'index') return value[parts.index];
  if (parts.type === 'value') return value.find((item) => equalJson(item, parts.value));
  return value.find((item) => parts.keys.every(([name, wanted]) => equalJson(keyOf(item, name, schema), wanted)));
}

function keyOf(item: unknown, name: string, schema: TypeSchema | undefined): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  if (Object.hasOwn(item, name)) return (item as { [key: string]: unknown })[name];
  return schema?.items?.properties?.get(name)?.default;
}

/**
 * The managedFields entries that own a path: those that name it, and those that own a value it lies inside of
 * as a whole (an atomic list or map). In the order of the list; an entry that cannot be read owns nothing.
 */
export function ownersOf(managedFields: readonly ManagedFieldsEntry[] | undefined, path: Path): ManagedFieldsEntry[] {
  return (managedFields ?? []).filter((entry) => {
    try {
      return covers(parseFields(entry.fieldsV1), path);
    } catch {
      return false;
    }
  });
}

function covers(set: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = set;
  for (let i = 0; i < path.length; i++) {
    const node: FieldNode | undefined = at?.get(path[i] as PathElement);
    if (node === undefined) return false;
    if (i === path.length - 1) return node.member;
    if (node.member && node.children === undefined) return true;
    at = node.children;
  }
  return false;
}
