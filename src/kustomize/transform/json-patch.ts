import { isDeepStrictEqual } from 'node:util';
import { EvenkeelError, type Json, parseJson, setOwn } from '../../model/index.js';
import { failure } from '../errors.js';

export interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: Json;
  hasValue: boolean;
}

const known = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/**
 * Reads the operations of a JSON patch (RFC 6902).
 * @throws EvenkeelError KUSTOMIZE_PATCH_INVALID
 */
export function readOperations(value: Json): Operation[] {
  if (!Array.isArray(value)) throw failure('KUSTOMIZE_PATCH_INVALID', 'a JSON patch is a list of operations');
  return value.map((entry, i) => {
    if (entry === null || typeof entry !== 'object' || Array.isArray(entry))
      throw failure(
        'KUSTOMIZE_PATCH_INVALID',
        `cannot unmarshal ${Array.isArray(entry) ? 'array' : typeof entry} into Go value of type jsonpatch.Operation (operation ${i})`,
      );
    const text = (name: string) => (typeof entry[name] === 'string' ? (entry[name] as string) : undefined);
    const hasValue = Object.hasOwn(entry, 'value');
    return {
      op: text('op') ?? 'unknown',
      path: text('path') ?? '',
      from: text('from'),
      value: hasValue ? (entry['value'] as Json) : undefined,
      hasValue,
    };
  });
}

export function parseOperations(json: string): Operation[] {
  try {
    return readOperations(parseJson(json));
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    throw failure('KUSTOMIZE_PATCH_INVALID', `the JSON patch is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** How much copies may add, so that a patch that doubles a value again and again ends. */
const maxCopied = 1_000_000;

/**
 * Applies operations to a document, which is not changed.
 * @throws EvenkeelError KUSTOMIZE_PATCH_INVALID, KUSTOMIZE_NO_MATCH where a path leads nowhere
 */
export function applyOperations(document: Json, operations: readonly Operation[]): Json {
  let root: Json = structuredClone(document);
  let copied = 0;
  for (const operation of operations) {
    const { op, path } = operation;
    if (!known.has(op)) throw failure('KUSTOMIZE_PATCH_INVALID', `Unexpected kind: ${op}`, { field: path });
    if (op === 'add' || op === 'replace') {
      const value = operation.hasValue ? structuredClone(operation.value as Json) : null;
      root = put(root, path, { value, op });
    } else if (op === 'remove') remove(root, path);
    else if (op === 'test') test(root, operation);
    else {
      const from = operation.from ?? '';
      const value = read(root, from, op);
      if (op === 'move') remove(root, from);
      else copied += sizeOf(value);
      if (copied > maxCopied) throw failure('KUSTOMIZE_PATCH_INVALID', 'the patch copies more than a document may hold', { field: path });
      root = put(root, path, { value: op === 'copy' ? structuredClone(value) : value, op: 'add' });
    }
  }
  return root;
}

function sizeOf(value: Json): number {
  if (value === null || typeof value !== 'object') return 1;
  let size = 1;
  for (const each of Object.values(value)) size += sizeOf(each as Json);
  return size;
}

function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Container = Json[] | { [key: string]: Json };

function missing(op: string, path: string, why = 'missing container'): EvenkeelError {
  return failure('KUSTOMIZE_NO_MATCH', `${op} operation does not apply: doc is missing path: "${path}": ${why}`, {
    field: path,
    hint: 'Every part of the path but the last must be there; "add" creates the last one, "replace" and "remove" need it.',
  });
}

function containerOf(root: Json, segments: readonly string[], { op, path }: { op: string; path: string }): Container {
  let at: Json = root;
  for (const segment of segments) {
    const next: Json | undefined = Array.isArray(at) ? at[indexIn(at, segment, false)] : isMap(at) ? own(at, segment) : undefined;
    if (next === undefined || next === null || typeof next !== 'object') throw missing(op, path);
    at = next;
  }
  if (at === null || typeof at !== 'object') throw missing(op, path);
  return at as Container;
}

function isMap(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function own(map: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Negative numbers count from the end. */
function indexIn(list: Json[], segment: string, adding: boolean): number {
  if (!/^[+-]?[0-9]+$/.test(segment)) return -1;
  const index = Number(segment);
  return index < 0 ? index + list.length + (adding ? 1 : 0) : index;
}

function put(root: Json, path: string, { value, op }: { value: Json; op: string }): Json {
  const segments = segmentsOf(path);
  const last = segments.pop();
  if (last === undefined) throw missing(op, path);
  const container = containerOf(root, segments, { op, path });
  if (!Array.isArray(container)) {
    // The library that Kustomize uses asks of a replaced field no more than that its mapping is there.
    setOwn(container, last, value);
    return root;
  }
  if (op === 'add' && last === '-') {
    container.push(value);
    return root;
  }
  const index = indexIn(container, last, op === 'add');
  if (index < 0 || index > (op === 'add' ? container.length : container.length - 1))
    throw failure('KUSTOMIZE_NO_MATCH', `${op} operation does not apply: Unable to access invalid index: ${last}`, {
      field: path,
      hint: `The list has ${container.length} items; the first is 0.`,
    });
  if (op === 'add') container.splice(index, 0, value);
  else container[index] = value;
  return root;
}

function remove(root: Json, path: string): void {
  const segments = segmentsOf(path);
  const last = segments.pop();
  if (last === undefined) throw missing('remove', path);
  const container = containerOf(root, segments, { op: 'remove', path });
  if (Array.isArray(container)) {
    const index = indexIn(container, last, false);
    if (index < 0 || index >= container.length)
      throw failure('KUSTOMIZE_NO_MATCH', `remove operation does not apply: Unable to access invalid index: ${last}`, { field: path });
    container.splice(index, 1);
  } else if (Object.hasOwn(container, last)) delete container[last];
  else throw missing('remove', path, 'Unable to remove nonexistent key');
}

function read(root: Json, path: string, op: string): Json {
  const segments = segmentsOf(path);
  const last = segments.pop();
  if (last === undefined) throw missing(op, path);
  const container = containerOf(root, segments, { op, path });
  const value = Array.isArray(container) ? container[indexIn(container, last, false)] : (own(container, last) ?? null);
  if (value === undefined) throw missing(op, path, 'missing value');
  return value;
}

function test(root: Json, { path, value = null }: Operation): void {
  const found = read(root, path, 'test');
  if (!isDeepStrictEqual(plain(found), plain(value)))
    throw failure('KUSTOMIZE_NO_MATCH', `testing value ${path} failed: test failed`, { field: path });
}

/** Objects without a prototype are equal to those with one. */
function plain(value: Json): unknown {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)));
}
