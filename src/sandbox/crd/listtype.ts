import { canonicalJson } from '../../model/index.js';
import { duplicate, type FieldErrors, invalid } from '../strategy/field.js';
import { childOf, keyOf } from './paths.js';
import type { StructuralSchema } from './types.js';
import { goAny } from './validate.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Items that lists of type set and map have more than once. */
export function listTypeProblems(schema: StructuralSchema, value: unknown, at = ''): FieldErrors {
  if (Array.isArray(value)) {
    const out = repeated(schema, value, at);
    const { items } = schema;
    if (items) for (let i = 0; i < value.length; i++) out.push(...listTypeProblems(items, value[i], `${at}[${i}]`));
    return out;
  }
  if (!isObject(value)) return [];
  const { properties, additionalProperties } = schema;
  return Object.keys(value)
    .sort()
    .flatMap((key) => {
      if (properties && Object.hasOwn(properties, key))
        return listTypeProblems(properties[key] as StructuralSchema, value[key], childOf(at, key));
      return isObject(additionalProperties) ? listTypeProblems(additionalProperties as StructuralSchema, value[key], keyOf(at, key)) : [];
    });
}

function repeated(schema: StructuralSchema, list: unknown[], at: string): FieldErrors {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return twice(list).map((i) => duplicate(`${at}[${i}]`, goAny(list[i])));
  if (type !== 'map') return [];
  const stranger = list.findIndex((item) => item !== null && !isObject(item));
  if (stranger >= 0) return [invalid(`${at}[${stranger}]`, goAny(list[stranger]), 'must be an object for an array of list-type map')];
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  const keys = list.map((item) => {
    const key: Obj = {};
    if (isObject(item)) for (const name of names) if (Object.hasOwn(item, name)) key[name] = item[name];
    return key;
  });
  return twice(keys).map((i) => duplicate(`${at}[${i}]`, goAny(keys[i])));
}

/** Where each value that occurs more than once occurs for the second time. */
function twice(list: unknown[]): number[] {
  const seen = new Map<string, number>();
  return list.flatMap((item, i) => {
    const text = canonicalJson(item);
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    return count === 1 ? [i] : [];
  });
}
