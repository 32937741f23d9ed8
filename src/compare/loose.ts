/** Helpers to read objects of any shape: what is not there, or of another type, reads as empty. */
export type Loose = { [key: string]: unknown };

export function asObject(value: unknown): Loose {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Loose) : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asObjects(value: unknown): Loose[] {
  return asList(value).map(asObject);
}

export function asTexts(value: unknown): string[] {
  return asList(value).filter((one): one is string => typeof one === 'string');
}

/** The value at a path of names; undefined where it leads nowhere. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) {
    const object = asObject(here);
    here = Object.hasOwn(object, name) ? object[name] : undefined;
  }
  return here;
}
