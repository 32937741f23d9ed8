import { equalJson, setOwn } from '../../model/index.js';
import { elementParts } from './element.js';
import type { FieldNode, FieldSet } from './set.js';

/**
 * The part of an object that a field set names: what a manager would apply to own exactly these fields.
 * Items of keyed lists keep the fields that identify them. What the object does not have is left out.
 */
export function extractFields(object: unknown, set: FieldSet): { [key: string]: unknown } {
  const extracted = take(object, { member: false, children: set });
  return extracted !== null && typeof extracted === 'object' && !Array.isArray(extracted) ? (extracted as { [key: string]: unknown }) : {};
}

function take(value: unknown, node: FieldNode): unknown {
  const { children } = node;
  // A member without anything named inside it is a whole: a scalar, or an atomic list or map.
  if (children === undefined || value === null || typeof value !== 'object') return value;
  return Array.isArray(value) ? takeItems(value, children) : takeMembers(value as { [key: string]: unknown }, children);
}

function takeMembers(value: { [key: string]: unknown }, children: FieldSet): { [key: string]: unknown } {
  const out: { [key: string]: unknown } = {};
  for (const [element, node] of children) {
    const parts = elementParts(element);
    if (parts.type === 'field' && Object.hasOwn(value, parts.name)) setOwn(out, parts.name, take(value[parts.name], node));
  }
  return out;
}

function takeItems(list: readonly unknown[], children: FieldSet): unknown[] {
  const nodes = [...children].map(([element, node]) => ({ parts: elementParts(element), node }));
  const out: unknown[] = [];
  for (const [index, item] of list.entries()) {
    const found = nodes.find(({ parts }) => {
      if (parts.type === 'value') return equalJson(item, parts.value);
      if (parts.type === 'index') return parts.index === index;
      return parts.type === 'key' && identifies(item, parts.keys);
    });
    if (found === undefined) continue;
    const taken = take(item, found.node);
    if (found.parts.type === 'key' && found.node.children !== undefined)
      addKeys(taken as { [key: string]: unknown }, item as { [key: string]: unknown }, found.parts.keys);
    out.push(taken);
  }
  return out;
}

function identifies(item: unknown, keys: readonly (readonly [string, unknown])[]): boolean {
  if (item === null || typeof item !== 'object') return false;
  return keys.every(([name, wanted]) => !Object.hasOwn(item, name) || equalJson((item as { [key: string]: unknown })[name], wanted));
}

function addKeys(taken: { [key: string]: unknown }, item: { [key: string]: unknown }, keys: readonly (readonly [string, unknown])[]): void {
  for (const [name] of keys) if (Object.hasOwn(item, name) && !Object.hasOwn(taken, name)) setOwn(taken, name, item[name]);
}
