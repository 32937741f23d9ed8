import type { PlainError } from './protocol.js';

interface Token {
  text: string;
  /** From 0, in UTF-16 units. */
  start: number;
  end: number;
  line: number;
  /** From 1. */
  column: number;
}

const patterns = [
  /--\[(=*)\[[\s\S]*?\]\1\]/y,
  /--[^\n]*/y,
  /\s+/y,
  /\[(=*)\[[\s\S]*?\]\1\]/y,
  /"(?:\\(?:\r\n|[\s\S])|[^"\\\n])*"/y,
  /'(?:\\(?:\r\n|[\s\S])|[^'\\\n])*'/y,
  /0[xX][0-9a-fA-F.]*(?:[pP][+-]?[0-9]*)?|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]*)?|\.[0-9]+(?:[eE][+-]?[0-9]*)?/y,
  /[A-Za-z_][A-Za-z0-9_]*/y,
  /\.\.\.|\.\.|==|~=|<=|>=|<<|>>|\/\/|::|[\s\S]/y,
];
/** The first three are no tokens. */
const BLANK = 3;

/** The tokens of a Lua source, as far as it has any: what is not closed becomes tokens of one character. */
function tokens(source: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = source.startsWith('#') ? source.indexOf('\n') >>> 0 : 0; at < source.length; ) {
    for (let i = 0; i < patterns.length; i++) {
      const pattern = patterns[i] as RegExp;
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (match === null) continue;
      const text = match[0];
      if (i >= BLANK) found.push({ text, start: at, end: at + text.length, line, column: at - lineStart + 1 });
      for (let n = text.indexOf('\n'); n >= 0; n = text.indexOf('\n', n + 1)) {
        line++;
        lineStart = at + n + 1;
      }
      at += text.length;
      break;
    }
  }
  return found;
}

/**
 * A syntax error of Lua with the column, which Lua does not say.
 * @param problem Lua's message: `file:line: what near 'token'`
 * @param problemOf Lua's message for another source, undefined where it has no error
 */
export function syntaxError(source: string, file: string, problem: string, problemOf: (source: string) => string | undefined): PlainError {
  const parsed = /^[\s\S]*?:(\d+): ([\s\S]*)$/.exec(problem);
  if (parsed === null) return { code: 'LUA_SYNTAX', message: problem, where: { file } };
  const line = Number(parsed[1]);
  const message = parsed[2] as string;
  const near = / near '?([\s\S]*?)'?$/.exec(message)?.[1] ?? /'([^']+)'/.exec(message)?.[1];
  const all = tokens(source);
  const place =
    near === undefined ? undefined : near === '<eof>' ? end(source, message, all) : locate({ source, all, line, near, problem, problemOf });
  const index = place === undefined ? -1 : all.findIndex((token) => token.start === place.start);
  const hint = advice(message, all, index);
  return {
    code: 'LUA_SYNTAX',
    message: message.slice(0, 500),
    where: { file, line: place?.line ?? line, ...(place === undefined ? {} : { column: place.column }) },
    ...(hint === undefined ? {} : { hint }),
  };
}

interface Search {
  source: string;
  all: readonly Token[];
  line: number;
  near: string;
  problem: string;
  problemOf: (source: string) => string | undefined;
}

/** The token at which Lua gave up: the first of that text in the line after which the source has the same error. */
function locate({ source, all, line, near, problem, problemOf }: Search): { line: number; column: number; start: number } | undefined {
  const same = all.filter((token) => token.line === line && token.text === near);
  // Of "&&" the second half is what Lua stumbles over.
  const half = same.find((token) => /[&|]/.test(near) && all.some((other) => other.text === near && other.end === token.start));
  if (half !== undefined) return all.find((token) => token.end === half.start) ?? half;
  for (const token of same.slice(0, 50)) if (same.length === 1 || problemOf(source.slice(0, token.end)) === problem) return token;
  if (same[0] !== undefined) return same[0];
  // No token of ours: Lua could not read it, as a text that does not end.
  const lines = source.split('\n');
  const at = (lines[line - 1] ?? '').indexOf(near.split('\n')[0] as string);
  if (at < 0) return undefined;
  return { line, column: at + 1, start: lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, at) };
}

function end(source: string, message: string, all: readonly Token[]): { line: number; column: number; start: number } {
  if (message.startsWith('unfinished string')) {
    const quote = all.findLast((token) => token.text === '"' || token.text === "'");
    if (quote !== undefined) return quote;
  }
  const lines = source.split('\n');
  return { line: lines.length, column: (lines.at(-1) as string).length + 1, start: -1 };
}

/** What people of other languages write, and what Lua wants instead. */
function advice(message: string, all: readonly Token[], index: number): string | undefined {
  const token = all[index]?.text;
  const before = all[index - 1]?.text;
  const after = all[index + 1]?.text;
  if (token === '[' && message.startsWith('unexpected symbol')) return 'Lua writes lists in braces: { "a", "b" } instead of [ "a", "b" ].';
  if (token === ':' && /^["'A-Za-z_]/.test(before ?? ''))
    return 'Lua writes the members of a table with an equals sign: { name = value } or { ["a name"] = value }.';
  if (token === '!' || (token === '=' && before === '!'))
    return after === '=' ? 'Lua writes "~=" for "not equal".' : 'Lua writes "not" for "!".';
  if (token === '&' || token === '&&') return 'Lua writes "and" for "&&".';
  if (token === '|') return 'Lua writes "or" for "||".';
  if (token === '=' && before !== undefined && /^[+\-*/%]$|^\.\.$/.test(before)) return `Lua has no "${before}=": write x = x ${before} …`;
  if (token === '=' && /'then' expected/.test(message)) return 'Lua compares with "==".';
  if (token === '{' && /'then' expected|'do' expected/.test(message)) return 'Lua writes "then … end" and "do … end" instead of braces.';
  if (token === 'if' && before === 'else') return 'Lua writes "elseif" in one word.';
  return undefined;
}
