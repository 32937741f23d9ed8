import type { TypeSchema } from '../../manifest/index.js';
import { equalJson, setOwn } from '../../model/index.js';
import { isMembers, type Members } from './atom.js';
import { goPrint } from './go-print.js';
import { withoutNulls } from './json-merge-patch.js';
import { jsonKind, PatchError } from './patch-error.js';
import { mergeOrders, partition } from './strategic-order.js';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';

/**
 * Strategic merge patch: lists merge by the merge keys of the built-in types, with the directives $patch,
 * $retainKeys, $setElementOrder/… and $deleteFromPrimitiveList/…
 * (https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md).
 * The original is not changed; what the patch does not touch is shared.
 * @throws PatchError
 */
export function strategicMergePatch<T>(schema: TypeSchema, original: T, patch: unknown): T {
  if (!isMembers(patch))
    throw new PatchError(400, `json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`);
  return mergeMaps(original as Members, patch, schema) as T;
}

/** What the schema says of a field that merges. */
interface Field {
  schema: TypeSchema;
  strategy: string;
  mergeKey: string;
}

function lookUp(schema: TypeSchema, key: string): Field {
  if (schema.kind !== 'object' && schema.kind !== 'any')
    throw new PatchError(
      500,
      `merging an object in json but data type is not struct, instead is: ${schema.kind === 'array' ? 'slice' : schema.kind}`,
    );
  const child = schema.properties?.get(key) ?? (schema.kind === 'any' ? schema : undefined);
  if (child === undefined) {
    const name = schema.name === undefined ? '' : schema.name.slice(schema.name.lastIndexOf('.') + 1);
    throw new PatchError(500, `unable to find api field in struct ${name} for the json field ${JSON.stringify(key)}`);
  }
  return { schema: child, strategy: strategyOf(child.patchStrategy ?? []), mergeKey: child.patchMergeKey ?? '' };
}

function strategyOf(strategies: readonly string[]): string {
  const others = strategies.filter((s) => s !== 'retainKeys');
  if (others.length > 1) throw new PatchError(500, `unexpected patch strategy: ${goPrint(strategies, 'integers')}`);
  return others[0] ?? '';
}

function lookUpList(schema: TypeSchema, key: string): Field {
  const field = lookUp(schema, key);
  if (field.schema.kind === 'any') return field;
  if (field.schema.kind !== 'array') throw new PatchError(500, 'expected slice or array type, but got: struct');
  return { ...field, schema: field.schema.items as TypeSchema };
}

function mergeMaps(original: Members, patch: Members, schema: TypeSchema): Members {
  if (Object.hasOwn(patch, directive)) return replaced(patch);
  const { [retainKeys]: retained, ...changes } = patch;
  const out: Members = retained === undefined ? { ...original } : retain(original, changes, retained);
  for (const key of Object.keys(changes)) if (key.startsWith(orderPrefix)) orderList(out, changes, key, schema);
  for (const key of Object.keys(changes)) {
    if (key.startsWith(orderPrefix)) continue;
    if (key.startsWith(deletePrefix)) deleteFromList(out, key, changes[key], schema);
    else mergeMember(out, key, changes[key], schema);
  }
  return out;
}

/** `$patch: replace` puts the rest of the patch in the place of the map, `delete` an empty map. */
function replaced(patch: Members): Members {
  const { [directive]: how, ...rest } = patch;
  if (how === 'replace') return rest;
  if (how === 'delete') return {};
  throw badDirective(how, patch);
}

function badDirective(how: unknown, patch: Members): PatchError {
  return new PatchError(500, `unknown patch type: ${goPrint(how, 'integers')} in map: ${goPrint(patch, 'integers')}`);
}

function mergeMember(out: Members, key: string, value: unknown, schema: TypeSchema): void {
  if (value === undefined) return;
  if (value === null) {
    delete out[key];
    return;
  }
  const kind = jsonKind(value);
  if (!Object.hasOwn(out, key) || jsonKind(out[key]) !== kind) {
    setOwn(out, key, withoutNulls(value));
  } else if (kind === 'object') {
    const field = lookUp(schema, key);
    setOwn(out, key, field.strategy === 'replace' ? value : mergeMaps(out[key] as Members, value as Members, field.schema));
  } else if (kind === 'array') {
    const field = lookUpList(schema, key);
    setOwn(out, key, field.strategy === 'merge' ? mergeLists(out[key] as unknown[], value as unknown[], field) : value);
  } else setOwn(out, key, value);
}

function retain(original: Members, changes: Members, keys: unknown): Members {
  const refuse = () => new PatchError(400, 'invalid patch format of retainKeys');
  if (!Array.isArray(keys)) throw refuse();
  const kept = new Set(keys);
  for (const key of Object.keys(changes)) {
    if (changes[key] === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue;
    if (!kept.has(key)) throw refuse();
  }
  const out: Members = {};
  for (const key of Object.keys(original)) if (kept.has(key)) setOwn(out, key, original[key]);
  return out;
}

function targetOf(key: string, prefix: string): string {
  const slash = key.indexOf('/');
  if (slash < 0 || key.slice(0, slash) !== prefix)
    throw new PatchError(
      400,
      prefix === deletePrefix ? 'invalid patch format of primitive list' : 'invalid patch format of setElementOrder list',
    );
  return key.slice(slash + 1);
}

function deleteFromList(out: Members, key: string, value: unknown, schema: TypeSchema): void {
  const target = targetOf(key, deletePrefix);
  if (value === null || value === undefined) {
    delete out[target];
    return;
  }
  const current = out[target];
  if (!Array.isArray(current) || !Array.isArray(value)) return;
  const field = lookUpList(schema, target);
  if (field.strategy !== 'merge') setOwn(out, target, value);
  else if (current.length > 0 || value.length > 0) {
    if (elementKind(current, value) === 'object') setOwn(out, target, mergeLists(current, value, field));
    else
      setOwn(
        out,
        target,
        current.filter((item) => !value.includes(item)),
      );
  }
}

/** Applies `$setElementOrder/<list>` and the patch's own list, and takes both out of the changes. */
function orderList(out: Members, changes: Members, key: string, schema: TypeSchema): void {
  const order = changes[key];
  if (!Array.isArray(order)) throw badArgument(order);
  const target = targetOf(key, orderPrefix);
  const original = Object.hasOwn(out, target) ? out[target] : undefined;
  const patch = Object.hasOwn(changes, target) ? changes[target] : undefined;
  if (original !== undefined && !Array.isArray(original)) throw badArgument(original);
  if (patch !== undefined && !Array.isArray(patch)) throw badArgument(patch);
  const field = lookUpList(schema, target);
  checkOrder(patch ?? [], order, field.mergeKey);
  delete changes[key];
  if (original === undefined && patch === undefined) return;
  let merged = original ?? (patch as unknown[]);
  if (original !== undefined && patch !== undefined) merged = field.strategy === 'merge' ? mergeLists(original, patch, field) : patch;
  const parts = partition(merged, order, field.mergeKey);
  elementKind(original ?? [], patch ?? []);
  setOwn(out, target, mergeOrders(parts, { patch: order, server: original ?? [] }, field.mergeKey));
  delete changes[target];
}

function badArgument(actual: unknown): PatchError {
  const types: { [kind: string]: string } = { object: 'map[string]interface {}', null: '%!s(<nil>)', number: 'int64' };
  const kind = jsonKind(actual);
  return new PatchError(500, `expected a []interface {}, but received a ${types[kind] ?? kind}`);
}

/** The patch's items must come in the order that $setElementOrder names. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  const items = mergeKey === '' ? patch : patch.filter((item) => !(isMembers(item) && item[directive] === 'delete'));
  let at = 0;
  let next = 0;
  while (at < items.length && next < order.length) {
    if (isMembers(items[at]) && Object.hasOwn(items[at] as Members, directive)) {
      at++;
      continue;
    }
    if (equalJson(identity(items[at], mergeKey), identity(order[next], mergeKey))) at++;
    next++;
  }
  if (at < items.length)
    throw new PatchError(
      500,
      `The order in patch list:\n${goPrint(patch, 'integers')}\n doesn't match ${orderPrefix} list:\n${goPrint(order, 'integers')}\n`,
    );
}

function identity(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item;
  if (!isMembers(item)) throw new PatchError(500, `expected a map[string]interface {}, but received a ${jsonKind(item)}`);
  if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
  return item[mergeKey];
}

function noMergeKey(item: Members, mergeKey: string): PatchError {
  return new PatchError(500, `map: ${goPrint(item, 'integers')} does not contain declared merge key: ${mergeKey}`);
}

/** The one kind that all items of lists have. */
function elementKind(...lists: readonly (readonly unknown[])[]): string {
  let kind: string | undefined;
  for (const list of lists)
    for (const item of list) {
      const other = jsonKind(item);
      if (kind === undefined && other === 'array') throw new PatchError(422, 'lists of lists are not supported');
      kind ??= other;
      if (kind !== other) throw new PatchError(500, `list element types are not identical: ${goPrint(lists, 'integers')}`);
    }
  if (kind === undefined) throw new PatchError(500, 'no elements in any of the given slices');
  return kind;
}

function mergeLists(original: readonly unknown[], patch: readonly unknown[], field: Field): unknown[] {
  if (original.length === 0 && patch.length === 0) return [];
  if (elementKind(original, patch) !== 'object') {
    const merged = [...new Set([...original, ...patch])];
    return mergeOrders(partition(merged, patch, ''), { patch, server: original }, '');
  }
  const { mergeKey } = field;
  if (mergeKey === '')
    throw new PatchError(500, `cannot merge lists without merge key for ${field.schema.kind === 'object' ? 'struct' : field.schema.kind}`);
  const { base, changes } = special(original as Members[], patch as Members[], mergeKey);
  const merged = [...base];
  for (const change of changes) {
    if (!Object.hasOwn(change, mergeKey)) throw noMergeKey(change, mergeKey);
    const at = merged.findIndex((item) => Object.hasOwn(item, mergeKey) && equalJson(item[mergeKey], change[mergeKey]));
    if (at < 0) merged.push(change);
    else merged[at] = mergeMaps(merged[at] as Members, change, field.schema);
  }
  return mergeOrders(partition(merged, changes, mergeKey), { patch: changes, server: base }, mergeKey);
}

/** Deals with items that carry `$patch`: one of `delete` takes an item away, one of `replace` the whole list. */
function special(
  original: readonly Members[],
  patch: readonly Members[],
  mergeKey: string,
): { base: readonly Members[]; changes: readonly Members[] } {
  const changes: Members[] = [];
  let base = original;
  let replace = false;
  for (const item of patch) {
    const how = item[directive];
    if (how === undefined) changes.push(item);
    else if (how === 'delete') {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      base = base.filter((other) => !(Object.hasOwn(other, mergeKey) && equalJson(other[mergeKey], item[mergeKey])));
    } else if (how === 'replace') replace = true;
    else if (how === 'merge') throw new PatchError(500, 'merging lists cannot yet be specified in the patch');
    else throw badDirective(how, item);
  }
  return replace ? { base: changes, changes: [] } : { base, changes };
}
