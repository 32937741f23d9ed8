import { EvenkeelError, parseJson } from '../../model/index.js';
import { compareBytes, goJson, goNumber, goQuote } from './go.js';

/**
 * One step of a path, in the form that fieldsV1 uses: `f:name`, `k:{"name":"web"}`, `v:"finalizer"`, `i:3`.
 * Always canonical, so that equal elements are equal strings.
 */
export type PathElement = string;

/** From the object's root inwards; the root itself is the empty path. */
export type Path = readonly PathElement[];

/** What a path element says. */
export type ElementParts =
  | { type: 'field'; name: string }
  | { type: 'key'; keys: readonly (readonly [name: string, value: unknown])[] }
  | { type: 'value'; value: unknown }
  | { type: 'index'; index: number };

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** An item of a list of objects, by the fields that identify it, in any order. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only !== undefined) return `k:{${goJson(only[0])}:${goJson(only[1])}}`;
  const sorted = [...keys].sort((a, b) => compareBytes(a[0], b[0]));
  return `k:{${sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`;
}

/** An item of a set, by its value. */
export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`;
}

export function indexElement(index: number): PathElement {
  return `i:${index}`;
}

const remembered = new Map<string, ElementParts>();
const limit = 20_000;

/** Reads a canonical path element. Key fields come in order of their names. */
export function elementParts(element: PathElement): ElementParts {
  if (element.charCodeAt(0) === 102) return { type: 'field', name: element.slice(2) };
  let parts = remembered.get(element);
  if (parts === undefined) {
    parts = readParts(element);
    if (parts === undefined) throw invalid(element, 'it is of no known kind');
    if (remembered.size >= limit) remembered.clear();
    remembered.set(element, parts);
  }
  return parts;
}

function readParts(text: string): ElementParts | undefined {
  const rest = text.slice(2);
  switch (text[0]) {
    case 'f':
      return { type: 'field', name: rest };
    case 'k': {
      const keys = readJson(text, rest);
      if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) throw invalid(text, 'its key is not an object');
      return { type: 'key', keys: Object.entries(keys).sort((a, b) => compareBytes(a[0], b[0])) };
    }
    case 'v':
      return { type: 'value', value: readJson(text, rest) };
    case 'i':
      if (!/^[+-]?[0-9]+$/.test(rest)) throw invalid(text, 'its index is not a number');
      return { type: 'index', index: Number(rest) };
    default:
      return undefined;
  }
}

function readJson(element: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw invalid(element, 'what follows the colon is not JSON', cause);
  }
}

const canonicals = new Map<string, PathElement | undefined>();

/**
 * Brings what stands as a key in fieldsV1 into canonical form.
 * @returns undefined for elements of a kind that is not known: readers skip them
 * @throws EvenkeelError FIELDS_INVALID
 */
export function parseElement(text: string): PathElement | undefined {
  if (text.charCodeAt(0) === 102 && text.charCodeAt(1) === 58) return text;
  if (canonicals.has(text)) return canonicals.get(text);
  if (text.length < 2) throw invalid(text, 'it is shorter than two characters');
  if (text[1] !== ':') throw invalid(text, 'its second character is not a colon');
  const parts = readParts(text);
  const canonical = parts === undefined ? undefined : writeElement(parts);
  if (canonicals.size >= limit) canonicals.clear();
  canonicals.set(text, canonical);
  return canonical;
}

function writeElement(parts: ElementParts): PathElement {
  switch (parts.type) {
    case 'field':
      return fieldElement(parts.name);
    case 'key':
      return keyElement(parts.keys);
    case 'value':
      return valueElement(parts.value);
    case 'index':
      return indexElement(parts.index);
  }
}

function invalid(element: string, why: string, cause?: unknown): EvenkeelError {
  return new EvenkeelError('FIELDS_INVALID', `"${element}" is not a path element of managed fields: ${why}`, {
    hint: 'The object’s metadata.managedFields was written by something that does not follow fieldsV1; reset it with an empty list.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Upstream's order: fields, keys, values, indices. */
const rank: { [letter: string]: number } = { f: 0, k: 1, v: 2, i: 3 };

export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kinds = (rank[a[0] as string] as number) - (rank[b[0] as string] as number);
  if (kinds !== 0) return kinds;
  if (a.charCodeAt(0) === 102) return compareBytes(a, b);
  const left = elementParts(a);
  const right = elementParts(b);
  if (left.type === 'key' && right.type === 'key') return compareKeys(left.keys, right.keys);
  if (left.type === 'value' && right.type === 'value') return compareValues(left.value, right.value);
  if (left.type === 'index' && right.type === 'index') return left.index - right.index;
  return 0;
}

function compareKeys(a: readonly (readonly [string, unknown])[], b: readonly (readonly [string, unknown])[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] as readonly [string, unknown];
    const right = b[i] as readonly [string, unknown];
    const order = compareBytes(left[0], right[0]) || compareValues(left[1], right[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const typeOrder = ['number', 'string', 'boolean', 'array', 'object', 'null'];

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** A total order of JSON values: numbers, texts, booleans, lists, objects, null. */
function compareValues(a: unknown, b: unknown): number {
  const type = typeOf(a);
  const types = typeOrder.indexOf(type) - typeOrder.indexOf(typeOf(b));
  if (types !== 0) return types;
  switch (type) {
    case 'number':
      return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
    case 'string':
      return compareBytes(a as string, b as string);
    case 'boolean':
      return Number(a) - Number(b);
    case 'array':
      return compareLists(a as unknown[], b as unknown[]);
    case 'object':
      return compareKeys(sortedEntries(a), sortedEntries(b));
    default:
      return 0;
  }
}

function compareLists(a: unknown[], b: unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function sortedEntries(value: unknown): [string, unknown][] {
  return Object.entries(value as { [key: string]: unknown }).sort((x, y) => compareBytes(x[0], y[0]));
}

/** A path as the API server writes it in conflicts: `.spec.template.spec.containers[name="web"].image`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const element of path) text += formatElement(element);
  return text;
}

export function formatElement(element: PathElement): string {
  const parts = elementParts(element);
  switch (parts.type) {
    case 'field':
      return `.${parts.name}`;
    case 'key':
      return `[${parts.keys.map(([name, value]) => `${name}=${formatValue(value)}`).join(',')}]`;
    case 'value':
      return `[=${formatValue(parts.value)}]`;
    case 'index':
      return `[${parts.index}]`;
  }
}

function formatValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(',')}]`;
  if (typeof value === 'object')
    return sortedEntries(value)
      .map(([key, member]) => `${key}=${formatValue(member)}`)
      .join('');
  return String(value);
}
