/**
 * Reading of objects whose shape nobody has checked. Nothing here throws, whatever JSON comes in; what is
 * absent, null or of another type reads as undefined, '' or an empty list.
 */

/** A condition as controllers write it (https://github.com/kubernetes/community, API conventions). */
export interface Condition {
  readonly type: string;
  /** `True`, `False`, `Unknown`, or whatever else was written. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number | undefined;
}

export type Path = string | readonly string[];

/**
 * The value at a path such as `status.phase` or `status.conditions.0.type`; undefined for null too. Keys that have dots
 * themselves are written in brackets, `metadata.labels[example.org/state]`, or the path as an array.
 */
export function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of typeof path === 'string' ? keysOf(path) : path) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, key)) return undefined;
    here = (here as { [key: string]: unknown })[key];
  }
  return here ?? undefined;
}

function keysOf(path: string): readonly string[] {
  const open = path.indexOf('[');
  return open < 0 ? path.split('.') : [...path.slice(0, open).split('.'), path.slice(open + 1, -1)];
}

/** A string as it is, a number or boolean as its digits or word, anything else as ''. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

export function text(value: unknown, path: Path): string {
  return textOf(at(value, path));
}

/** A JSON number (a bigint too); text made of digits is not one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : undefined;
}

export function number(value: unknown, path: Path): number | undefined {
  return numberOf(at(value, path));
}

export function list(value: unknown, path: Path): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

export function isRecord(value: unknown): value is { [key: string]: unknown } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The values of a map; the items of a list where a controller wrote one instead. */
export function values(value: unknown, path: Path): readonly unknown[] {
  const found = at(value, path);
  if (Array.isArray(found)) return found;
  return isRecord(found) ? Object.values(found) : [];
}

/** Whether there is something at all: not absent, null, '', {} or []. */
export function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

export function conditionsAt(value: unknown, path: Path = 'status.conditions'): Condition[] {
  const out: Condition[] = [];
  for (const item of list(value, path)) if (isRecord(item)) out.push(toCondition(item));
  return out;
}

export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((c) => c.type === type);
}

function toCondition(item: { [key: string]: unknown }): Condition {
  return {
    type: text(item, 'type'),
    status: statusWord(at(item, 'status')),
    reason: text(item, 'reason'),
    message: text(item, 'message'),
    observedGeneration: number(item, 'observedGeneration'),
  };
}

/** Some controllers write a condition's status as a boolean or in lower case. */
export function statusWord(value: unknown): string {
  const word = textOf(value);
  if (word === 'true') return 'True';
  return word === 'false' ? 'False' : word === 'unknown' ? 'Unknown' : word;
}
