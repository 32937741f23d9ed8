import { type Json, parseJson, setOwn } from '../../model/index.js';
import { Fault } from './fault.js';

/** One of the values that stand one after another in a JSON text. */
export interface JsonValue {
  value: Json;
  start: number;
  end: number;
}

/**
 * Reads a text that begins with `{` as kubectl does: JSON, one value after another, with the last of equal
 * keys kept.
 * @throws Fault with the place of the first mistake
 */
export function readJsonValues(text: string, maxDepth: number): JsonValue[] {
  const values: JsonValue[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = endOfValue(text, at, maxDepth);
    values.push({ value: readOne(text.slice(at, end), at), start: at, end });
    at = skipSpace(text, end);
  }
  return values;
}

/** The text is known to be JSON by now: only a number beyond what a double holds is still refused. */
function readOne(text: string, offset: number): Json {
  try {
    return normalize(parseJson(text), text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = /position ([0-9]+)/.exec(error.message)?.[1] ?? '0';
    throw new Fault('value', 'a number is too large', offset + Number(position));
  }
}

function skipSpace(text: string, at: number): number {
  for (;;) {
    const c = text.charCodeAt(at);
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return at;
    at++;
  }
}

const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const stringForm = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

function match(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : -1;
}

/** Checks one value and finds its end, without recursion. */
function endOfValue(text: string, at: number, maxDepth: number): number {
  const open: ('{' | '[')[] = [];
  for (;;) {
    const c = text.charAt(at);
    let end = -1;
    if (c === '{' || c === '[') {
      open.push(c);
      if (open.length > maxDepth) throw new Fault('depth', `nested deeper than ${maxDepth} levels`, at);
      const inner = skipSpace(text, at + 1);
      if (text.charAt(inner) === (c === '{' ? '}' : ']')) {
        open.pop();
        end = inner + 1;
      } else {
        at = c === '{' ? afterKey(text, inner) : inner;
        continue;
      }
    } else if (c === '"') {
      end = match(stringForm, text, at);
      if (end < 0)
        throw new Fault('syntax', 'a text is never closed, or holds an escape or a control character that JSON does not allow', at);
    } else if (text.startsWith('true', at) || text.startsWith('null', at)) end = at + 4;
    else if (text.startsWith('false', at)) end = at + 5;
    else end = match(numberForm, text, at);
    if (end < 0) throw new Fault('syntax', `expected a JSON value, but found ${found(text, at)}`, at);
    for (;;) {
      const last = open[open.length - 1];
      if (last === undefined) return end;
      at = skipSpace(text, end);
      const next = text.charAt(at);
      if (next === ',') {
        at = skipSpace(text, at + 1);
        if (last === '{') at = afterKey(text, at);
        break;
      }
      if (next !== (last === '{' ? '}' : ']'))
        throw new Fault('syntax', `expected ',' or '${last === '{' ? '}' : ']'}', but found ${found(text, at)}`, at);
      open.pop();
      end = at + 1;
    }
  }
}

/** From a member's key to the beginning of its value. */
function afterKey(text: string, at: number): number {
  const end = match(stringForm, text, at);
  if (end < 0) throw new Fault('syntax', `expected a key in double quotes, but found ${found(text, at)}`, at);
  const colon = skipSpace(text, end);
  if (text.charAt(colon) !== ':') throw new Fault('syntax', `expected ':' after a key, but found ${found(text, colon)}`, colon);
  return skipSpace(text, colon + 1);
}

function found(text: string, at: number): string {
  return at >= text.length ? 'the end of the text' : `'${String.fromCodePoint(text.codePointAt(at) as number)}'`;
}

const int64 = 2n ** 63n;

/** Integers beyond 64 bits become doubles and lone surrogates U+FFFD, as in Kubernetes. */
function normalize(root: Json, text: string): Json {
  const loneSurrogates = /\\u[dD][89a-fA-F]/.test(text);
  if (!loneSurrogates && !/[0-9]{19}|-0/.test(text)) return root;
  const wellFormed = (s: string) => (loneSurrogates ? Buffer.from(s, 'utf8').toString('utf8') : s);
  const visit = (value: Json): Json => {
    if (typeof value === 'bigint') return value >= int64 || value < -int64 ? Number(value) : value;
    if (typeof value === 'number') return value === 0 ? 0 : value;
    if (typeof value === 'string') return wellFormed(value);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(visit);
    const out: { [key: string]: Json } = {};
    for (const key of Object.keys(value)) setOwn(out, wellFormed(key), visit(value[key] as Json));
    return out;
  };
  return visit(root);
}
