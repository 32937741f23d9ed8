import type { Json } from '../../model/index.js';
import { failure } from '../errors.js';

/** What a field may hold, as Go's JSON decoder checks it. */
export type Shape = 'string' | 'bool' | 'int' | 'any' | { list: Shape } | { map: Shape } | { fields: { [name: string]: Shape } };

export interface DecodeOptions {
  file?: string;
  /** Unknown fields are an error, as in a kustomization; else they are left out, as in a plugin's configuration. */
  strict: boolean;
  /** Numbers and booleans become strings where a string is wanted, as in files other than the kustomization. */
  coerce?: boolean;
  /** For errors: where a field stands. */
  lineOf?(path: readonly (string | number)[]): number | undefined;
}

/**
 * Reads JSON into the fields that a shape names, whatever the case of their letters is. Null is nothing.
 * @throws EvenkeelError KUSTOMIZE_INVALID
 */
export function decode<T>(value: Json, shape: Shape, options: DecodeOptions): T {
  return read(value, shape, [], options) as T;
}

type Path = readonly (string | number)[];

function read(value: Json, shape: Shape, path: Path, options: DecodeOptions): unknown {
  if (value === null) return undefined;
  if (shape === 'any') return value;
  if (shape === 'string') {
    if (typeof value === 'string') return value;
    if (options.coerce && typeof value !== 'object') return String(value);
    throw wrong(value, 'string', path, options);
  }
  if (shape === 'bool') {
    if (typeof value === 'boolean') return value;
    throw wrong(value, 'bool', path, options);
  }
  if (shape === 'int') {
    if ((typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint') return value;
    throw wrong(value, 'int', path, options);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw wrong(value, 'list', path, options);
    return value.map((item, i) => read(item, shape.list, [...path, i], options) ?? zeroOf(shape.list));
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw wrong(value, 'map' in shape ? 'mapping' : 'mapping of known fields', path, options);
  if ('map' in shape) {
    const entries = Object.keys(value).map((key) => [
      key,
      read(value[key] as Json, shape.map, [...path, key], options) ?? zeroOf(shape.map),
    ]);
    return Object.fromEntries(entries);
  }
  return readFields(value, shape.fields, path, options);
}

function zeroOf(shape: Shape): unknown {
  if (shape === 'string') return '';
  if (shape === 'bool') return false;
  if (shape === 'int') return 0;
  return shape === 'any' ? null : 'list' in shape ? [] : {};
}

function readFields(value: { [key: string]: Json }, fields: { [name: string]: Shape }, path: Path, options: DecodeOptions): unknown {
  const result: { [name: string]: unknown } = {};
  for (const key of Object.keys(value).sort()) {
    const here = [...path, key];
    const name = Object.hasOwn(fields, key) ? key : Object.keys(fields).find((each) => each.toLowerCase() === key.toLowerCase());
    if (name === undefined) {
      if (!options.strict) continue;
      throw failure('KUSTOMIZE_INVALID', `unknown field "${key}"`, {
        ...placeOf(here, options),
        hint: nearest(key, Object.keys(fields)),
      });
    }
    const read_ = read(value[key] as Json, fields[name] as Shape, here, options);
    if (read_ !== undefined) result[name] = read_;
  }
  return result;
}

function wrong(value: Json, wanted: string, path: Path, options: DecodeOptions) {
  const found = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a mapping'
      : typeof value === 'boolean'
        ? 'a boolean'
        : typeof value === 'string'
          ? 'a text'
          : 'a number';
  const field = fieldText(path);
  const hint =
    wanted === 'string' && typeof value !== 'object'
      ? 'Write it in quotes: YAML reads numbers, and words like yes, no, on, off, y and n, as something else.'
      : undefined;
  return failure(
    'KUSTOMIZE_INVALID',
    `${field === '' ? 'the file' : field} must be ${wanted === 'int' ? 'an' : 'a'} ${wanted}, and is ${found}`,
    {
      ...placeOf(path, options),
      hint,
    },
  );
}

function placeOf(path: Path, { file, lineOf }: DecodeOptions) {
  const line = lineOf?.(path);
  const field = fieldText(path);
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }), ...(field === '' ? {} : { field }) };
}

function fieldText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('');
}

function nearest(key: string, names: readonly string[]): string | undefined {
  const wanted = key.toLowerCase();
  const near = names.find((name) => {
    const other = name.toLowerCase();
    return other.startsWith(wanted) || wanted.startsWith(other) || distance(other, wanted) <= 2;
  });
  return near === undefined ? undefined : `Is ${near} meant?`;
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 60) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] as number;
}
