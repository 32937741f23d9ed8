/**
 * JSON as Kubernetes means it: 64-bit integers survive.
 *
 * A number that JavaScript's doubles hold exactly is a `number`; an integer beyond ±(2^53 − 1) is a
 * `bigint`. Everything that crosses a border (Git, the API server, the store) goes through here.
 */

export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** Far more than any object of Kubernetes has, and little enough that functions over JSON may recurse. */
const MAX_DEPTH = 1_000;

/** What a double can damage has sixteen digits in a row, or an exponent of three. */
const mayExceedDoubles = /[0-9]{16}|[eE]\+?[0-9]{3,}\s*(?:[,\]}]|$)/;

/**
 * Parses JSON text.
 * @throws SyntaxError with the position, as JSON.parse does; also where a number is larger than a double
 * can be and no integer, and where the text is nested deeper than 1000 levels
 */
export function parseJson(text: string): Json {
  // Validates the text and finds errors with the engine's own messages before anything of ours runs.
  const plain = JSON.parse(text) as Json;
  if (isTooDeep(text)) throw new SyntaxError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
  return mayExceedDoubles.test(text) && hasUnsafeInteger(plain) ? new Reader(text).read() : plain;
}

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}

/** The closing quote of the string that opens at `start`: the first one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slash = end;
    while (text.charCodeAt(slash - 1) === 0x5c) slash--;
    if ((end - slash) % 2 === 0) return end;
  }
}

function hasUnsafeInteger(root: Json): boolean {
  const stack: Json[] = [root];
  while (stack.length > 0) {
    const value = stack.pop() as Json;
    if (typeof value === 'number') {
      if (isUnsafeInteger(value) || !Number.isFinite(value)) return true;
    } else if (Array.isArray(value)) {
      for (const item of value) stack.push(item);
    } else if (value !== null && typeof value === 'object') {
      for (const key of Object.keys(value)) stack.push(value[key] as Json);
    }
  }
  return false;
}

function isUnsafeInteger(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Reads text that JSON.parse has accepted already, so it checks nothing twice. */
class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  read(): Json {
    this.#space();
    return this.#value();
  }

  #space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.#at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.#at++;
    }
  }

  #value(): Json {
    const c = this.text[this.#at];
    if (c === '{') return this.#object();
    if (c === '[') return this.#array();
    if (c === '"') return this.#string();
    if (c === 't') return this.#literal(4, true);
    if (c === 'f') return this.#literal(5, false);
    if (c === 'n') return this.#literal(4, null);
    return this.#number();
  }

  #literal<T>(length: number, value: T): T {
    this.#at += length;
    return value;
  }

  #object(): Json {
    const out: { [key: string]: Json } = {};
    this.#at++;
    this.#space();
    while (this.text[this.#at] !== '}') {
      const key = this.#string();
      this.#space();
      this.#at++;
      this.#space();
      setOwn(out, key, this.#value());
      this.#space();
      if (this.text[this.#at] === ',') this.#at++;
      this.#space();
    }
    this.#at++;
    return out;
  }

  #array(): Json {
    const out: Json[] = [];
    this.#at++;
    this.#space();
    while (this.text[this.#at] !== ']') {
      out.push(this.#value());
      this.#space();
      if (this.text[this.#at] === ',') this.#at++;
      this.#space();
    }
    this.#at++;
    return out;
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const c = this.text[this.#at];
      if (c === '\\') this.#at += 2;
      else if (c === '"') break;
      else this.#at++;
    }
    this.#at++;
    return JSON.parse(this.text.slice(start, this.#at)) as string;
  }

  #number(): Json {
    const match = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.text) as RegExpExecArray;
    this.#at = match.lastIndex;
    const value = Number(found[0]);
    if (found[1] === undefined && found[2] === undefined && !Number.isSafeInteger(value)) return BigInt(found[0]);
    if (!Number.isFinite(value))
      throw new SyntaxError(`Number ${found[0].slice(0, 40)} in JSON at position ${match.lastIndex - found[0].length} is too large`);
    return value;
  }
}

/** Sets a key as the object's own, `__proto__` included, so that data never reaches a prototype. */
export function setOwn<T>(target: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/**
 * Writes JSON text; a `bigint` is written as its digits, and so is a number that is an integer beyond
 * 2^53: it reads back as an equal value. Anything else is written as JSON.stringify writes it, `undefined`
 * alone as null.
 * @param indent spaces per level, at most 10; 0 writes one line
 */
export function stringifyJson(value: unknown, indent = 0): string {
  if (!needsOwnWriter(value)) return JSON.stringify(value, null, indent || undefined) ?? 'null';
  return write(value, Math.min(indent, 10), '') ?? 'null';
}

function needsOwnWriter(root: unknown): boolean {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value === 'bigint' || (typeof value === 'number' && isUnsafeInteger(value))) return true;
    if (value === null || typeof value !== 'object') continue;
    if (hasToJson(value)) stack.push(value.toJSON(''));
    else if (Array.isArray(value)) for (const item of value) stack.push(item);
    else for (const key of Object.keys(value)) stack.push((value as Record<string, unknown>)[key]);
  }
  return false;
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** Undefined for what JSON cannot hold: a member of that kind is left out, an item becomes null. */
function write(given: unknown, indent: number, pad: string, key = ''): string | undefined {
  const value = given !== null && typeof given === 'object' && hasToJson(given) ? given.toJSON(key) : given;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return writeNumber(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = indent > 0 ? pad + ' '.repeat(indent) : '';
  const newline = indent > 0 ? '\n' : '';
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = Array.from(value, (item, i) => inner + (write(item, indent, inner, String(i)) ?? 'null'));
    return `[${newline}${items.join(`,${newline}`)}${newline}${pad}]`;
  }
  const members: string[] = [];
  for (const name of Object.keys(value)) {
    const member = write((value as Record<string, unknown>)[name], indent, inner, name);
    if (member !== undefined) members.push(`${inner}${JSON.stringify(name)}:${indent > 0 ? ' ' : ''}${member}`);
  }
  if (members.length === 0) return '{}';
  return `{${newline}${members.join(`,${newline}`)}${newline}${pad}}`;
}

/** From 1e21 on JavaScript writes an exponent, which reads back as the same number. */
function writeNumber(value: number): string {
  return isUnsafeInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : JSON.stringify(value);
}

/** One text for one value, whatever the order of keys: what hashes are taken of. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && isUnsafeInteger(value)) return BigInt(value).toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** A deep copy of JSON data. */
export function cloneJson<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const out: { [key: string]: unknown } = {};
  for (const key of Object.keys(value)) setOwn(out, key, cloneJson((value as Record<string, unknown>)[key]));
  return out as T;
}

/** Equality of JSON data. A member that is undefined equals one that is absent; 1 and 1n are equal. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') return isNumeric(a) && isNumeric(b) && BigInt(a) === BigInt(b);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false;
    return true;
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const key of Object.keys(left)) {
    if (left[key] === undefined) continue;
    count++;
    if (!Object.hasOwn(right, key) || !equalJson(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) if (right[key] !== undefined) count--;
  return count === 0;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}
