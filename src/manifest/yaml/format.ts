import { findForbidden } from './chars.js';
import { isPlainString } from './resolve.js';

export interface FormatYamlOptions {
  /** Keys in code-unit order, as kubectl prints them. Default: as they stand in the object. */
  sortKeys?: boolean;
}

/**
 * One value as YAML in the style of `kubectl get -o yaml`: two spaces, lists not indented, strings quoted
 * wherever a YAML 1.1 or 1.2 reader could take them for something else. Ends in a newline.
 * `parseYaml` reads back an equal value; members that are undefined are left out.
 */
export function formatYaml(value: unknown, options: FormatYamlOptions = {}): string {
  const lines: string[] = [];
  const writer: Writer = { lines, sort: options.sortKeys ?? false };
  if (isMapping(value) && keysOf(value, writer).length > 0) writeMapping(value, '', '', writer);
  else if (Array.isArray(value) && value.length > 0) writeSequence(value, '', '', writer);
  else lines.push(scalar(value, '  '));
  return `${lines.join('\n')}\n`;
}

/** Several documents in one text, with `---` between them. */
export function formatYamlDocuments(values: readonly unknown[], options: FormatYamlOptions = {}): string {
  return values.map((value) => formatYaml(value, options)).join('---\n');
}

interface Writer {
  lines: string[];
  sort: boolean;
}

type Mapping = { [key: string]: unknown };

function isMapping(value: unknown): value is Mapping {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function keysOf(mapping: Mapping, writer: Writer): string[] {
  const keys = Object.keys(mapping).filter((key) => mapping[key] !== undefined);
  return writer.sort ? keys.sort() : keys;
}

/** A key longer than this is written behind `? `; a simple key may hold 1024 characters. */
const longestSimpleKey = 128;

/** `first` is what stands before the first line: the padding, or the dashes of lists around it. */
function writeMapping(mapping: Mapping, first: string, pad: string, writer: Writer): void {
  let lead = first;
  for (const key of keysOf(mapping, writer)) {
    const value = mapping[key];
    const text = inlineString(key);
    let head = `${lead}${text}:`;
    if (text.length > longestSimpleKey) {
      writer.lines.push(`${lead}? ${text}`);
      head = `${pad}:`;
    }
    lead = pad;
    writeValue(value, head, pad, writer);
  }
}

function writeValue(value: unknown, head: string, pad: string, writer: Writer): void {
  if (isMapping(value) && keysOf(value, writer).length > 0) {
    writer.lines.push(head);
    writeMapping(value, `${pad}  `, `${pad}  `, writer);
  } else if (Array.isArray(value) && value.length > 0) {
    writer.lines.push(head);
    writeSequence(value, pad, pad, writer);
  } else writer.lines.push(`${head} ${scalar(value, `${pad}  `)}`);
}

function writeSequence(items: readonly unknown[], first: string, pad: string, writer: Writer): void {
  let lead = first;
  for (const item of items) {
    if (isMapping(item) && keysOf(item, writer).length > 0) writeMapping(item, `${lead}- `, `${pad}  `, writer);
    else if (Array.isArray(item) && item.length > 0) writeSequence(item, `${lead}- `, `${pad}  `, writer);
    else writer.lines.push(`${lead}- ${scalar(item, `${pad}  `)}`);
    lead = pad;
  }
}

function scalar(value: unknown, pad: string): string {
  switch (typeof value) {
    case 'string':
      return value.includes('\n') ? (literal(value, pad) ?? inlineString(value)) : inlineString(value);
    case 'number':
      return number(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}';
    default:
      return 'null';
  }
}

function number(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  // A whole number is read back by its digits, so all of them are written where an integer can hold them.
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  return String(value);
}

// Line breaks that only some readers know, and invisible marks, are escaped so that a person sees them.
const needsEscape = /[\t\r\u0085\u00a0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

function isUnprintable(text: string): boolean {
  return needsEscape.test(text) || findForbidden(text) >= 0;
}

/** A text of several lines as a `|` block, or undefined where a block cannot hold it. */
function literal(text: string, pad: string): string | undefined {
  if (isUnprintable(text.replaceAll('\t', ' ')) || !/[^\n ]/.test(text) || /(?:^|\n) +(?:\n|$)/.test(text)) return undefined;
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const indicator = /^\n*[ \t]/.test(text) || text.startsWith('\n') ? '2' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `|${indicator}${chomping}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : pad + line))
    .join('\n')}`;
}

function inlineString(text: string): string {
  if (isUnprintable(text) || text.includes('\n')) return doubleQuoted(text);
  if (text === '' || couldBeOtherType(text)) return `"${text}"`;
  if (isPlainSyntax(text)) return text;
  return `'${text.replaceAll("'", "''")}'`;
}

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const timeLike = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt ])/;
const numberLike = /^[-+]?(?:(?:[0-9][0-9_,]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?|0[xXoObB][0-9a-fA-F_]+)$/;

/** Whether any reader of YAML 1.1 or 1.2 takes the text, unquoted, for something that is no string. */
function couldBeOtherType(text: string): boolean {
  return !isPlainString(text) || text === '=' || text === '<<' || sexagesimal.test(text) || timeLike.test(text) || numberLike.test(text);
}

function isPlainSyntax(text: string): boolean {
  if (/^[\s,[\]{}#&*!|>'"%@`]|\s$|: |:$| #/.test(text)) return false;
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  return !/^[-?:](?:$|\s)/.test(text);
}

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\0', '\\0'],
]);

function doubleQuoted(text: string): string {
  let out = '';
  for (const c of text) {
    const short = shortEscapes.get(c);
    const code = c.codePointAt(0) as number;
    if (short !== undefined) out += short;
    else if (code >= 0xd800 && code <= 0xdfff) out += '\ufffd';
    else if (needsEscape.test(c) || findForbidden(c) >= 0) out += code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
    else out += c;
  }
  return `"${out}"`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}
