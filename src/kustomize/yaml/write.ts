import type { Json } from '../../model/index.js';
import { goShortest } from './json.js';
import { hasOtherType11 } from './resolve.js';

/**
 * JSON as YAML the way `kustomize build` prints it: what go-yaml v2 makes of it, with its order of keys, its
 * choice of quotes and blocks and its folding at 80 columns.
 */
export function writeYaml(value: Json): string {
  const writer: Writer = { out: [] };
  if (isMap(value) && Object.keys(value).length > 0) writeMap(writer, value, '', '');
  else if (Array.isArray(value) && value.length > 0) writeList(writer, value, '', '');
  else writer.out.push(leaf(value, 0, ''), '\n');
  return writer.out.join('');
}

interface Writer {
  out: string[];
}

type JsonMap = { [key: string]: Json };

function isMap(value: Json): value is JsonMap {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const width = 80;
const longestSimpleKey = 128;

/** `lead` stands before the first key: the padding, or dashes of lists around it. */
function writeMap(writer: Writer, map: JsonMap, lead: string, pad: string): void {
  for (const key of sortKeys(Object.keys(map))) {
    const value = map[key] as Json;
    let head: string;
    if (key.includes('\n') || (key.length > 42 && Buffer.byteLength(key) > longestSimpleKey)) {
      head = `${lead}? ${text(key, { column: lead.length + 1, pad: `${pad}  `, isKey: false })}\n${pad}:`;
    } else head = `${lead}${text(key, { column: lead.length, pad, isKey: true })}:`;
    lead = pad;
    if (isMap(value) && Object.keys(value).length > 0) {
      writer.out.push(head, '\n');
      writeMap(writer, value, `${pad}  `, `${pad}  `);
    } else if (Array.isArray(value) && value.length > 0) {
      writer.out.push(head, '\n');
      writeList(writer, value, pad, pad);
    } else writer.out.push(head, ' ', leaf(value, head.length - head.lastIndexOf('\n') - 1, `${pad}  `), '\n');
  }
}

function writeList(writer: Writer, list: Json[], lead: string, pad: string): void {
  for (const item of list) {
    if (isMap(item) && Object.keys(item).length > 0) writeMap(writer, item, `${lead}- `, `${pad}  `);
    else if (Array.isArray(item) && item.length > 0) writeList(writer, item, `${lead}- `, `${pad}  `);
    else writer.out.push(lead, '- ', leaf(item, lead.length + 1, `${pad}  `), '\n');
    lead = pad;
  }
}

/** `column` is where the blank before the value stands, `pad` the indentation of lines that continue it. */
function leaf(value: Json, column: number, pad: string): string {
  switch (typeof value) {
    case 'string':
      return text(value, { column, pad, isKey: false });
    case 'number':
      return numberText(value);
    case 'bigint':
      return integerText(value);
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}';
  }
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const digits = String(value);
  return /^-?[0-9]+$/.test(digits) ? integerText(BigInt(digits)) : goShortest(value);
}

function integerText(value: bigint): string {
  return value >= -(2n ** 63n) && value < 2n ** 64n ? String(value) : goShortest(Number(value));
}

interface Spot {
  column: number;
  pad: string;
  isKey: boolean;
}

const simple = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;

function text(value: string, spot: Spot): string {
  if (value.includes('\u0085')) return text(withoutNel(value), spot);
  if (value.length > 5 && simple.test(value)) return value;
  if (value === '') return '""';
  const facts = analyze(value);
  let style: 'plain' | 'single' | 'double' | 'literal' = 'double';
  if (value.includes('\n')) style = spot.isKey || !facts.block ? 'double' : 'literal';
  else if (mayBePlain(value)) style = facts.plain ? 'plain' : facts.single ? 'single' : 'double';
  switch (style) {
    case 'plain':
      return spot.isKey || spot.column + value.length < width ? value : foldPlain(value, spot);
    case 'single':
      return single(value, spot);
    case 'literal':
      return literal(value, spot.pad);
    default:
      return double(value, spot);
  }
}

/** Kustomize reads the texts of its JSON as YAML, where the character NEL breaks a line, and folds it. */
function withoutNel(value: string): string {
  return value.replace(/[ \t]*\u0085[ \t\u0085]*/g, (run) => {
    const count = run.split('\u0085').length - 1;
    return count === 1 ? ' ' : '\n'.repeat(count - 1);
  });
}

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether a reader would take it for a string without quotes. */
function mayBePlain(value: string): boolean {
  const c = value.charCodeAt(0);
  // Only what begins with a digit, a sign, a dot or a letter of a known word can be anything else.
  if (c > 57 && value.length > 5) return true;
  return !hasOtherType11(value) && !sexagesimal.test(value);
}

const unprintable = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const breaks = /[\n\r\u0085\u2028\u2029]/;
const isBreak = (c: number) => c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
const indicatorsFirst = new Set([...'#,[]{}&*!|>\'"%@`']);

/** Which styles can hold a text in block context, as libyaml's emitter decides. */
function analyze(value: string): { plain: boolean; single: boolean; block: boolean } {
  const special = unprintable.test(value);
  const multiline = breaks.test(value);
  const first = value.charAt(0);
  const last = value.charCodeAt(value.length - 1);
  const trailingSpace = last === 32;
  let breakSpace = false;
  let spaceBreak = false;
  if (multiline) {
    let before = 0;
    for (let i = 0; i < value.length; i++) {
      const c = value.charCodeAt(i);
      if (c === 32 && isBreak(before)) breakSpace = true;
      if (isBreak(c) && before === 32) spaceBreak = true;
      before = c;
    }
  }
  const block = !trailingSpace && !spaceBreak && !special;
  const single = !breakSpace && !spaceBreak && !special;
  if (special || multiline || trailingSpace || first === ' ') return { plain: false, single, block };
  const blankSecond = value.length === 1 || value.charCodeAt(1) === 32;
  const indicator =
    indicatorsFirst.has(first) ||
    ((first === '?' || first === ':' || first === '-') && blankSecond) ||
    value.startsWith('---') ||
    value.startsWith('...') ||
    value.endsWith(':') ||
    value.includes(': ') ||
    value.includes(' #');
  return { plain: !indicator, single, block };
}

function foldPlain(value: string, { column, pad }: Spot): string {
  return fold(value, { column: column + 1, pad, first: 0, last: value.length });
}

/** Breaks at lone blanks beyond the width. Blanks before `first` and from `last` on are left alone. */
function fold(value: string, { column, pad, first, last }: { column: number; pad: string; first: number; last: number }): string {
  let out = '';
  let from = 0;
  let at = column;
  let spaces = false;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (isBreak(c)) {
      while (isBreak(value.charCodeAt(i + 1))) i++;
      out += `${value.slice(from, i + 1)}${i + 1 < value.length ? pad : ''}`;
      from = i + 1;
      at = pad.length;
      spaces = false;
    } else if (c === 32) {
      if (!spaces && at > width && i >= first && i < last && value.charCodeAt(i + 1) !== 32) {
        out += `${value.slice(from, i)}\n${pad}`;
        from = i + 1;
        at = pad.length;
      } else at++;
      spaces = true;
    } else {
      at++;
      spaces = false;
    }
  }
  return out + value.slice(from);
}

function single(value: string, { column, pad, isKey }: Spot): string {
  if (isKey) return `'${value.replaceAll("'", "''")}'`;
  // A doubled quote counts twice, as it is written, and holds no blank: folding the escaped text is the same.
  const escaped = value.replaceAll("'", "''");
  return `'${fold(escaped, { column: column + 2, pad, first: 1, last: escaped.length - 1 })}'`;
}

const escapes = new Map<number, string>([
  [0, '0'],
  [7, 'a'],
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
  [27, 'e'],
  [34, '"'],
  [92, '\\'],
  [0x85, 'N'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);

function double(value: string, { column, pad, isKey }: Spot): string {
  let out = '"';
  let at = column + 2;
  let spaces = false;
  for (let i = 0; i < value.length; i++) {
    let c = value.codePointAt(i) as number;
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
    const last = i + (c > 0xffff ? 2 : 1) >= value.length;
    const escaped =
      escapes.get(c) ?? (c > 0xffff || (c !== 0xfffd && unprintable.test(String.fromCodePoint(c))) ? hexEscape(c) : undefined);
    if (escaped !== undefined) {
      out += `\\${escaped}`;
      at += 1 + escaped.length;
      spaces = false;
      if (c > 0xffff) i++;
    } else if (c === 32) {
      if (!isKey && !spaces && at > width && i > 0 && !last) {
        out += `\n${pad}`;
        at = pad.length;
        if (value.charCodeAt(i + 1) === 32) {
          out += '\\';
          at++;
        }
      } else {
        out += ' ';
        at++;
      }
      spaces = true;
    } else {
      out += String.fromCodePoint(c);
      at++;
      spaces = false;
    }
  }
  return `${out}"`;
}

function hexEscape(c: number): string {
  const digits = c.toString(16).toUpperCase();
  return c <= 0xff ? `x${digits.padStart(2, '0')}` : c <= 0xffff ? `u${digits.padStart(4, '0')}` : `U${digits.padStart(8, '0')}`;
}

function literal(value: string, pad: string): string {
  const first = value.charCodeAt(0);
  const hint = first === 32 || isBreak(first) ? '2' : '';
  const end = value.length - 1;
  let chomp = '-';
  if (isBreak(value.charCodeAt(end))) chomp = end === 0 || isBreak(value.charCodeAt(end - 1)) ? '+' : '';
  const body = value.endsWith('\n') ? value.slice(0, -1) : value;
  const lines = body.split('\n').map((line) => (line === '' ? '' : pad + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;
const allAscii = /^[\x20-\x7f]*$/;

/** go-yaml's natural order: `a2` before `a10`, letters after other characters. */
function sortKeys(keys: string[]): string[] {
  return keys.sort(compareKeys);
}

function compareKeys(a: string, b: string): number {
  const ascii = allAscii.test(a) && allAscii.test(b);
  const left = ascii ? a : [...a];
  const right = ascii ? b : [...b];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const x = left[i] as string;
    const y = right[i] as string;
    if (x === y) continue;
    const xl = isLetter(x);
    const yl = isLetter(y);
    if (xl && yl) return x < y ? -1 : 1;
    if (xl || yl) return yl ? -1 : 1;
    return compareDigits(left, right, i);
  }
  return left.length - right.length;
}

function compareDigits(left: string | string[], right: string | string[], i: number): number {
  let xn = 0n;
  let yn = 0n;
  const x = left[i] as string;
  const y = right[i] as string;
  if (x === '0' || y === '0') {
    for (let j = i - 1; j >= 0 && isDigit(left[j] as string); j--)
      if (left[j] !== '0') {
        xn = 1n;
        yn = 1n;
        break;
      }
  }
  let xi = i;
  let yi = i;
  for (; xi < left.length && isDigit(left[xi] as string); xi++)
    xn = wrap(xn * 10n + BigInt((left[xi] as string).codePointAt(0) as number) - 48n);
  for (; yi < right.length && isDigit(right[yi] as string); yi++)
    yn = wrap(yn * 10n + BigInt((right[yi] as string).codePointAt(0) as number) - 48n);
  if (xn !== yn) return xn < yn ? -1 : 1;
  if (xi !== yi) return xi - yi;
  return (x.codePointAt(0) as number) < (y.codePointAt(0) as number) ? -1 : 1;
}

const wrap = (n: bigint) => BigInt.asIntN(64, n);

function isLetter(c: string): boolean {
  const code = c.charCodeAt(0);
  if (code < 128) return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letter.test(c);
}

function isDigit(c: string): boolean {
  const code = c.charCodeAt(0);
  return code < 128 ? code >= 48 && code <= 57 : digit.test(c);
}
