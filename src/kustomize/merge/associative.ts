import { failure } from '../errors.js';
import { expectKind, fieldOf, isEmpty, isEmptyMap, isNull, listNode, NULL, scalarNode, setField, type YNode } from '../yaml/index.js';
import { takeDirective } from './directive.js';
import { type MergeOptions, mergeNodes, type Step } from './merge.js';

/** Merges lists whose items are the same by keys, or by value where there are none. */
export function mergeAssociative({ dest, patch, schema }: Step, options: MergeOptions): YNode | undefined {
  if (dest !== undefined && patch !== undefined && dest.content.length === 0) dest.style = patch.style;
  const base = chooseList(dest, patch);
  if (base === undefined) return undefined;
  const keys = schema === undefined ? [inferredKey(base, patch)] : (schema.mergeKeys as readonly string[]);
  const sources = options.prepend ? [patch, base] : [base, patch];
  const byValue = keys.length === 0;
  let tuples = distinct(sources.flatMap((list) => (list === undefined ? [] : byValue ? ownValues(list) : keyValues(list, keys))));
  if (keys.length > 1) tuples = unify(tuples);
  return mergeItems({ base, patch, tuples, keys: byValue ? [''] : keys, element: schema?.elements() }, options);
}

function chooseList(dest: YNode | undefined, patch: YNode | undefined): YNode | undefined {
  if (isNull(dest)) return patch;
  if (patch?.tag === NULL) return undefined;
  const directive = patch === undefined ? 'merge' : takeDirective(patch, false);
  return directive === 'delete' ? undefined : directive === 'replace' ? patch : dest;
}

function inferredKey(...lists: (YNode | undefined)[]): string {
  for (const list of lists)
    if (list !== undefined && list.content.length > 0 && !list.content.every((item) => fieldOf(item, 'name') !== undefined))
      throw failure('KUSTOMIZE_PATCH_INVALID', 'no merge key found for a list whose items are not all named');
  return 'name';
}

type Tuple = string[];

function keyValues(list: YNode, keys: readonly string[]): Tuple[] {
  return list.content.map((item) =>
    keys.map((key) => {
      const value = fieldOf(item, key);
      return isEmpty(value) ? '' : (value as YNode).value;
    }),
  );
}

function ownValues(list: YNode): Tuple[] {
  return list.content.map((item) => [item.value]);
}

function distinct(tuples: Tuple[]): Tuple[] {
  const seen = new Set<string>();
  return tuples.filter((tuple) => {
    const id = JSON.stringify(tuple);
    if (tuple.length === 0 || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** A port with a protocol and the same port without one are the same. */
function unify(tuples: Tuple[]): Tuple[] {
  const result = tuples.slice();
  for (let i = 0; i < result.length; i++) {
    // What is compared is the tuple as it was when this round began, as in Kustomize.
    const one = result[i] as Tuple;
    for (let j = 0; j < result.length; j++) {
      const both = join(one, result[j] as Tuple);
      if (both === undefined) continue;
      result[i] = both;
      result[j] = both;
    }
  }
  return result;
}

function join(one: Tuple, other: Tuple): Tuple | undefined {
  let common = false;
  const joined: Tuple = [];
  for (const [i, value] of one.entries()) {
    const theirs = other[i] as string;
    if (value === theirs) common = true;
    else if (value !== '' && theirs !== '') return undefined;
    joined.push(value !== '' ? value : theirs);
  }
  return common ? joined : undefined;
}

/** The keys that any of the tuples has a value for, with the values of one of them. */
function usable(all: Tuple[], values: Tuple, keys: readonly string[]): { keys: readonly string[]; values: Tuple } {
  const used = new Set(keys.filter((_, i) => all.some((tuple) => tuple[i] !== '' && tuple[i] !== undefined)));
  if (used.size === 0) return { keys, values };
  return { keys: keys.filter((key) => used.has(key)), values: values.filter((value, i) => value !== '' || used.has(keys[i] as string)) };
}

interface Items {
  base: YNode;
  patch: YNode | undefined;
  tuples: Tuple[];
  keys: readonly string[];
  element: Step['schema'];
}

function mergeItems({ base, patch, tuples, keys, element }: Items, options: MergeOptions): YNode | undefined {
  const added = listNode();
  added.style = 0;
  let validKeys: readonly string[] = [];
  for (const tuple of tuples) {
    const valid = usable(tuples, tuple, keys);
    validKeys = valid.keys;
    const own = usable([valid.values], valid.values, valid.keys);
    const value = mergeNodes({ dest: find(base, own), patch: patch && find(patch, own), schema: element }, options);
    if (isEmptyMap(value)) {
      for (let i = 0; i < valid.keys.length; i++) setElement(base, undefined, valid);
      continue;
    }
    const node = value as unknown as YNode;
    if (node.kind === 'map')
      for (const [i, key] of valid.keys.entries())
        if (fieldOf(node, key) === undefined && valid.values[i] !== '') setField(node, key, scalarNode(valid.values[i] as string));
    setElement(added, node, valid);
  }
  if (tuples.length === 0) return base;
  return options.prepend ? append(added, base, validKeys) : append(base, added, validKeys);
}

interface Match {
  keys: readonly string[];
  values: Tuple;
}

function find(list: YNode, { keys, values }: Match): YNode | undefined {
  if (keys.length === 0 || keys[0] === '') return list.content.find((item) => item.value === values[0]);
  return list.content.find((item) => item.kind === 'map' && keys.every((key, i) => fieldOf(item, key)?.value === values[i]));
}

/** Replaces the items that match by `element`, removes them where it is undefined, and else appends it. */
function setElement(list: YNode, element: YNode | undefined, { keys: given, values }: Match): void {
  expectKind(list, 'list');
  const keys = given.length === 0 ? [''] : given;
  const wantsMap = keys[0] !== '' && values.length > 0 && values[0] !== '';
  let matched = false;
  const content: YNode[] = [];
  for (const item of list.content) {
    if (isEmptyMap(item)) continue;
    if (item.kind !== 'map' && wantsMap) {
      content.push(item);
      continue;
    }
    let last = false;
    const found = keys.every((key, i) => {
      if (i < values.length) last = matches(item, key, values[i] as string);
      return last;
    });
    if (!found) {
      if (values.length > 0) content.push(item);
      continue;
    }
    matched = true;
    if (element !== undefined) content.push(element);
  }
  list.content = content;
  if (!matched && element !== undefined && !isNull(element)) list.content.push(element);
}

/** An empty value asks only that the field is there. */
function matches(item: YNode, key: string, value: string): boolean {
  if (key === '') {
    expectKind(item, 'scalar');
    return item.value === value;
  }
  expectKind(item, 'map');
  const field = fieldOf(item, key);
  return field !== undefined && (value === '' || field.value === value);
}

function append(list: YNode, items: YNode, keys: readonly string[]): YNode {
  for (const item of items.content) {
    if (keys[0] === '') {
      setElement(list, item, { keys: [''], values: [item.value] });
      continue;
    }
    const values: Tuple = [];
    for (const key of keys) {
      const value = isNull(item) ? undefined : fieldOf(item, key);
      // An item without the key goes to the end, once for each key that it lacks.
      if (value === undefined) list.content.push(item);
      else values.push(value.value);
    }
    if (keys.length > 1) setElement(list, undefined, { keys, values });
    setElement(list, item, { keys, values });
  }
  return list;
}
