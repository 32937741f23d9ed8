import { childSchema, type TypeSchema } from '../manifest/index.js';
import { equalJson, type Json, type KubeObject } from '../model/index.js';

/** A step into an object: a member's name, a place in a list, or the keys that tell an element of a list. */
export type Step = string | number | { [key: string]: Json };

export interface RawChange {
  steps: Step[];
  before?: Json;
  after?: Json;
}

/** Metadata that the server writes by itself, which no manifest asks for. */
const serverMetadata = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/**
 * The fields in which two states of an object differ, leaving out `status` and what the server writes by
 * itself. Elements of lists are told apart by the list's merge keys (from the schema, else by `name`), so
 * that a new container does not show as a change of all that follow it.
 * @param schema of the object's type; undefined where none is known
 */
export function fieldChanges(before: KubeObject | undefined, after: KubeObject | undefined, schema?: TypeSchema): RawChange[] {
  const changes: RawChange[] = [];
  compareValues(strip(before), strip(after), { schema, steps: [], changes });
  return changes;
}

/** An object without `status` and without the metadata that the server writes by itself. */
export function strip(object: KubeObject | undefined): Json | undefined {
  if (object === undefined) return undefined;
  const out: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(object)) {
    if (key === 'status') continue;
    out[key] = value as Json;
  }
  const metadata: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(object.metadata)) if (!serverMetadata.has(key)) metadata[key] = value as Json;
  out['metadata'] = metadata;
  return out;
}

interface Context {
  schema: TypeSchema | undefined;
  steps: Step[];
  changes: RawChange[];
}

function compareValues(before: Json | undefined, after: Json | undefined, context: Context): void {
  if (equalJson(before, after)) return;
  if (isObject(before) && isObject(after)) compareObjects(before, after, context);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, context);
  else context.changes.push({ steps: context.steps, before, after });
}

type JsonObject = { [key: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function compareObjects(before: JsonObject, after: JsonObject, { schema, steps, changes }: Context): void {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  for (const key of keys) {
    compareValues(own(before, key), own(after, key), { schema: childSchema(schema, key), steps: [...steps, key], changes });
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function compareLists(before: Json[], after: Json[], { schema, steps, changes }: Context): void {
  const keys = listKeys(before, after, schema);
  const items = schema?.items;
  if (keys === undefined) {
    const sameShape = before.length === after.length && before.every(isObject) && after.every(isObject);
    if (!sameShape) {
      changes.push({ steps, before, after });
      return;
    }
    before.forEach((item, i) => {
      compareValues(item, after[i], { schema: items, steps: [...steps, i], changes });
    });
    return;
  }
  const id = (item: Json) => JSON.stringify(keys.map((k) => (isObject(item) ? (item[k] ?? null) : null)));
  const step = (item: Json): Step =>
    Object.fromEntries(keys.filter((k) => isObject(item) && item[k] !== undefined).map((k) => [k, (item as JsonObject)[k] as Json]));
  const olds = new Map(before.map((item) => [id(item), item]));
  const news = new Map(after.map((item) => [id(item), item]));
  const removed = before.filter((item) => !news.has(id(item)));
  const added = after.filter((item) => !olds.has(id(item)));
  for (const [key, item] of olds) {
    const other = news.get(key);
    if (other !== undefined) compareValues(item, other, { schema: items, steps: [...steps, step(item)], changes });
  }
  // An element whose key itself changed (a port's number) reads as a change, not as one gone and one come.
  if (removed.length === added.length) {
    removed.forEach((item, i) => {
      compareValues(item, added[i], {
        schema: items,
        steps: removed.length === 1 ? [...steps, before.indexOf(item)] : [...steps, step(item)],
        changes,
      });
    });
    return;
  }
  for (const item of removed) changes.push({ steps: [...steps, step(item)], before: item, after: undefined });
  for (const item of added) changes.push({ steps: [...steps, step(item)], before: undefined, after: item });
}

/** The members that tell the elements of a list apart, where they really do in both lists. */
function listKeys(before: Json[], after: Json[], schema: TypeSchema | undefined): readonly string[] | undefined {
  const candidates: (readonly string[])[] = schema?.mapKeys !== undefined && schema.mapKeys.length > 0 ? [schema.mapKeys] : [];
  if (schema === undefined) candidates.push(['name']);
  for (const keys of candidates) {
    const unique = (list: Json[]) =>
      list.every((item) => isObject(item) && keys.some((k) => item[k] !== undefined)) &&
      new Set(list.map((item) => JSON.stringify(keys.map((k) => (item as JsonObject)[k] ?? null)))).size === list.length;
    if (unique(before) && unique(after)) return keys;
  }
  return undefined;
}

const plainName = /^[A-Za-z0-9_-]+$/;

/** `spec.containers[name=web].image`, `data["a.b"]`. */
export function formatSteps(steps: readonly Step[]): string {
  let out = '';
  for (const step of steps) {
    if (typeof step === 'number') out += `[${step}]`;
    else if (typeof step === 'object')
      out += `[${Object.entries(step)
        .map(([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`)
        .join(',')}]`;
    else if (!plainName.test(step)) out += `[${JSON.stringify(step)}]`;
    else out += out === '' ? step : `.${step}`;
  }
  return out;
}
