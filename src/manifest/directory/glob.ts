import { EvenkeelError } from '../../model/index.js';

type Piece =
  | { type: 'text'; char: string }
  | { type: 'any' }
  | { type: 'star' }
  | { type: 'class'; negated: boolean; ranges: [string, string][] };

/** How many patterns the braces of one may stand for. */
const maxAlternatives = 256;

/**
 * A matcher for paths with `/`. `*` and `?` stand for what is in one name, `**` as a whole name for any
 * number of folders, `[a-z]` and `[!a-z]` for one character, `{a,b}` for either. A pattern without `/` is
 * held against the last name; one that matches a folder takes all below it. Time grows with the product of
 * the lengths at most, whatever the pattern.
 * @throws EvenkeelError MANIFEST_GLOB_INVALID
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const matchers = expandBraces(pattern).map((alternative) => compileOne(alternative, pattern));
  return (path) => matchers.some((matches) => matches(path));
}

function invalid(pattern: string, why: string): EvenkeelError {
  return new EvenkeelError('MANIFEST_GLOB_INVALID', `the pattern "${pattern.slice(0, 200)}" is no glob: ${why}`, {
    hint: 'Patterns are written like *.yaml, charts/**, [a-c]*.json or {dev,test}/**.',
  });
}

function compileOne(alternative: string, pattern: string): (path: string) => boolean {
  const names = alternative.split('/').filter((name, index) => name !== '' && !(index === 0 && name === '.'));
  if (names.length === 0) throw invalid(pattern, 'it is empty');
  const segments = names.map((name) => (name === '**' ? ('**' as const) : compileName(name, pattern)));
  const anywhere = !alternative.replace(/\/$/, '').includes('/');
  if (anywhere && segments[0] !== '**') segments.unshift('**');
  return (path) => matchesAnyPrefix(segments, path.split('/'));
}

/** Greedy matching with a return to the last `**` only, over the path and each folder above it. */
function matchesAnyPrefix(segments: readonly ('**' | Piece[])[], names: readonly string[]): boolean {
  for (let length = names.length; length >= 1; length--) if (matchSegments(segments, names, length)) return true;
  return false;
}

function matchSegments(segments: readonly ('**' | Piece[])[], names: readonly string[], length: number): boolean {
  let s = 0;
  let n = 0;
  let star = -1;
  let starAt = 0;
  while (n < length) {
    const segment = segments[s];
    if (segment === '**') {
      star = s++;
      starAt = n;
    } else if (segment !== undefined && matchName(segment, names[n] as string)) {
      s++;
      n++;
    } else if (star >= 0) {
      s = star + 1;
      n = ++starAt;
    } else return false;
  }
  while (segments[s] === '**') s++;
  return s === segments.length;
}

function matchName(pieces: readonly Piece[], name: string): boolean {
  const chars = [...name];
  let p = 0;
  let c = 0;
  let star = -1;
  let starAt = 0;
  while (c < chars.length) {
    const piece = pieces[p];
    if (piece?.type === 'star') {
      star = p++;
      starAt = c;
    } else if (piece !== undefined && matchChar(piece, chars[c] as string)) {
      p++;
      c++;
    } else if (star >= 0) {
      p = star + 1;
      c = ++starAt;
    } else return false;
  }
  while (pieces[p]?.type === 'star') p++;
  return p === pieces.length;
}

function matchChar(piece: Piece, char: string): boolean {
  switch (piece.type) {
    case 'text':
      return piece.char === char;
    case 'class':
      return piece.negated !== piece.ranges.some(([from, to]) => char >= from && char <= to);
    default:
      return true;
  }
}

function compileName(name: string, pattern: string): Piece[] {
  const pieces: Piece[] = [];
  const chars = [...name];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    if (char === '*') {
      if (pieces[pieces.length - 1]?.type !== 'star') pieces.push({ type: 'star' });
    } else if (char === '?') pieces.push({ type: 'any' });
    else if (char === '\\') {
      const next = chars[++i];
      if (next === undefined) throw invalid(pattern, 'nothing follows the last \\');
      pieces.push({ type: 'text', char: next });
    } else if (char === '[') {
      const end = chars.indexOf(']', chars[i + 1] === '!' || chars[i + 1] === '^' ? i + 3 : i + 2);
      if (end < 0) throw invalid(pattern, 'a [ is never closed');
      pieces.push(compileClass(chars.slice(i + 1, end)));
      i = end;
    } else pieces.push({ type: 'text', char });
  }
  return pieces;
}

function compileClass(chars: string[]): Piece {
  const negated = chars[0] === '!' || chars[0] === '^';
  const body = negated ? chars.slice(1) : chars;
  const ranges: [string, string][] = [];
  for (let i = 0; i < body.length; i++) {
    const from = body[i] as string;
    if (body[i + 1] === '-' && i + 2 < body.length) {
      ranges.push([from, body[i + 2] as string]);
      i += 2;
    } else ranges.push([from, from]);
  }
  return { type: 'class', negated, ranges };
}

/** `a{b,c}` as `ab`, `ac`. Nested braces are taken apart from the inside out. */
function expandBraces(pattern: string): string[] {
  let done: string[] = [];
  let waiting = [pattern];
  while (waiting.length > 0) {
    const next: string[] = [];
    for (const text of waiting) {
      const close = findUnescaped(text, '}', 0);
      const open = close < 0 ? findUnescaped(text, '{', 0) : text.slice(0, close).lastIndexOf('{');
      if (close < 0 && open < 0) done.push(text);
      else if (close < 0 || open < 0) throw invalid(pattern, 'the braces do not fit');
      else for (const part of text.slice(open + 1, close).split(',')) next.push(text.slice(0, open) + part + text.slice(close + 1));
    }
    if (next.length + done.length > maxAlternatives) throw invalid(pattern, `its braces stand for more than ${maxAlternatives} patterns`);
    waiting = next;
  }
  done = [...new Set(done)];
  return done;
}

function findUnescaped(text: string, char: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === char) return at;
  }
  return -1;
}
