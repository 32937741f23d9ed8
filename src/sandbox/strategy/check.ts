import { type FieldErrors, invalid, notSupported, required } from './field.js';
import { nameProblems, portNameProblems, qualifiedNameProblems } from './names.js';
import type { Loose } from './types.js';

/** Each problem of a value as an error of its field. */
export const all = (at: string, value: unknown, problems: readonly string[]): FieldErrors => problems.map((p) => invalid(at, value, p));

export const label = (value: string, at: string): FieldErrors => all(at, value, nameProblems('label', value));
export const subdomain = (value: string, at: string): FieldErrors => all(at, value, nameProblems('subdomain', value));
export const qualifiedName = (value: string, at: string): FieldErrors => all(at, value, qualifiedNameProblems(value));

export function nonNegative(value: unknown, at: string): FieldErrors {
  const negative = typeof value === 'bigint' ? value < 0n : typeof value === 'number' && value < 0;
  return negative ? [invalid(at, value, 'must be greater than or equal to 0')] : [];
}

export function inRange(value: unknown, at: string, low: number, high: number): FieldErrors {
  if (value === undefined) return [];
  const n = Number(value);
  return n >= low && n <= high ? [] : [invalid(at, value, `must be between ${low} and ${high}, inclusive`)];
}

const largest = 2147483647;
/** Ids of users and groups. */
export const validId = (value: unknown, at: string): FieldErrors => inRange(value, at, 0, largest);

/** Required where empty, unsupported where not among the values, which are told in their order. */
export function oneOf(value: unknown, at: string, values: readonly string[]): FieldErrors {
  if (value === undefined || value === '' || value === null) return [required(at)];
  return values.includes(value as string) ? [] : [notSupported(at, value, values)];
}

export const portNumber = (value: unknown, at: string): FieldErrors => inRange(value, at, 1, 65535);

/** A port by number or by name. */
export function portNumberOrName(value: string | number | undefined, at: string): FieldErrors {
  if (typeof value === 'string') return all(at, value, portNameProblems(value));
  return portNumber(value ?? 0, at);
}

export function noBacksteps(path: string, at: string): FieldErrors {
  return path.split('/').includes('..') ? [invalid(at, path, "must not contain '..'")] : [];
}

/** A path that stays below where it starts. */
export function descendingPath(path: string, at: string): FieldErrors {
  return [...(path.startsWith('/') ? [invalid(at, path, 'must be a relative path')] : []), ...noBacksteps(path, at)];
}

/** A descending path whose name the kubelet does not use itself. */
export function ownPath(path: string, at: string): FieldErrors {
  const reserved = path.startsWith('..') && !path.startsWith('../');
  return [...descendingPath(path, at), ...(reserved ? [invalid(at, path, "must not start with '..'")] : [])];
}

/** Runs a check on each entry of a list that may be absent. */
export function each(
  list: readonly Loose[] | undefined,
  at: string,
  check: (item: Loose, at: string, index: number) => FieldErrors,
): FieldErrors {
  return (list ?? []).flatMap((item, i) => check(item, `${at}[${i}]`, i));
}

/** Required for each named field that is empty. */
export function needed(object: Loose, at: string, fields: readonly string[]): FieldErrors {
  return fields.filter((f) => object?.[f] === undefined || object[f] === '' || object[f]?.length === 0).map((f) => required(`${at}.${f}`));
}
