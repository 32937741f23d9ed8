/** A function of a script: calls it in a thread of its own. Its interpreter has to be open still. */
export interface LuaFunction {
  (...args: unknown[]): Promise<unknown>;
  /** All that it returns; with a signal that ends it, and in the name of what runs. */
  call(args: readonly unknown[], options?: CallOptions): Promise<unknown[]>;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Handed to the host with every call that the function makes. */
  context?: unknown;
  /** What it returns has to be data: a function among it is refused. */
  data?: boolean;
}

const numbers = new WeakMap<object, { owner: object; fn: number }>();

export function markFunction(f: LuaFunction, owner: object, fn: number): void {
  numbers.set(f, { owner, fn });
}

/** Puts callable functions where marks stand in data that came from Lua; changes the data in place. */
export function revive(value: unknown, key: string, make: (fn: number) => LuaFunction): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const fn = (value as Record<string, unknown>)[key];
  if (typeof fn === 'number') return make(fn);
  for (const name of Object.keys(value)) {
    const members = value as Record<string, unknown>;
    const member = members[name];
    if (member !== null && typeof member === 'object') members[name] = revive(member, key, make);
  }
  return value;
}

/** Data for Lua with marks where it holds functions of the same interpreter. Copies what it changes. */
export function withMarks(value: unknown, key: string, owner: object, depth = 0): unknown {
  if (typeof value === 'function') {
    const known = numbers.get(value);
    return known?.owner === owner ? { [key]: known.fn } : value;
  }
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || depth > 200) return value;
  if (!holdsFunction(value, 0)) return value;
  if (Array.isArray(value)) return value.map((item) => withMarks(item, key, owner, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withMarks(member, key, owner, depth + 1)]));
}

function holdsFunction(value: unknown, depth: number): boolean {
  if (typeof value === 'function') return true;
  if (value === null || typeof value !== 'object' || depth > 200) return false;
  for (const name of Object.keys(value)) if (holdsFunction((value as Record<string, unknown>)[name], depth + 1)) return true;
  return false;
}
