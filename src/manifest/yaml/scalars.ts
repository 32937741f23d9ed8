import { hexValue, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isFlowIndicator, SPACE, TAB } from './chars.js';
import { Fault } from './fault.js';
import type { Cursor } from './scanner.js';

/** Reads one line break; every kind but LS and PS counts as a newline. */
function readBreak(cursor: Cursor): string {
  const c = cursor.text.charCodeAt(cursor.at);
  cursor.skipBreak();
  return c === 0x2028 ? '\u2028' : c === 0x2029 ? '\u2029' : '\n';
}

/** Joins the breaks between two lines of a flow scalar: one newline becomes a space, further ones stay. */
function fold(leading: string, trailing: string): string {
  if (leading !== '\n') return leading + trailing;
  return trailing === '' ? ' ' : trailing;
}

/** Reads a plain scalar. Sets `cursor.keyAllowed` where it ended on a later line than it began. */
export function scanPlain(cursor: Cursor, flow: boolean, indent: number): string {
  const { text } = cursor;
  let value = '';
  let blanks = '';
  let leading = '';
  let trailing = '';
  let onNewLine = false;
  for (;;) {
    if (cursor.atDocumentIndicator() || text.charCodeAt(cursor.at) === 35) break;
    const start = cursor.at;
    let at = start;
    for (;;) {
      const c = text.charCodeAt(at);
      if (isBlankOrEnd(c)) break;
      if (c === 58) {
        if (isBlankOrEnd(text.charCodeAt(at + 1))) break;
      } else if (flow && (c === 63 || isFlowIndicator(c))) break;
      at++;
    }
    if (at > start) {
      if (onNewLine) {
        value += fold(leading, trailing);
        leading = trailing = '';
        onNewLine = false;
      } else value += blanks;
      blanks = '';
      value += text.slice(start, at);
      cursor.at = at;
    }
    let c = text.charCodeAt(cursor.at);
    if (!isBlank(c) && !isBreak(c)) break;
    const blanksFrom = cursor.at;
    while (isBlank(c) || isBreak(c)) {
      if (isBreak(c)) {
        if (onNewLine) trailing += readBreak(cursor);
        else {
          leading = readBreak(cursor);
          onNewLine = true;
        }
      } else {
        if (onNewLine && c === TAB && cursor.column() < indent)
          throw new Fault('syntax', 'a tab character stands where the indentation of a continued text is expected', cursor.at);
        cursor.at++;
      }
      c = text.charCodeAt(cursor.at);
    }
    if (!onNewLine) blanks = text.slice(blanksFrom, cursor.at);
    if (!flow && cursor.column() < indent) break;
  }
  if (onNewLine) cursor.keyAllowed = true;
  return value;
}

const simpleEscapes = new Map<string, string>([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const hexEscapes = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function readEscape(cursor: Cursor): string {
  const letter = cursor.text.charAt(cursor.at + 1);
  const simple = simpleEscapes.get(letter);
  if (simple !== undefined || (letter === '/' && cursor.jsonEscapes)) {
    cursor.at += 2;
    return simple ?? letter;
  }
  const length = hexEscapes.get(letter);
  if (length === undefined) throw new Fault('syntax', 'unknown escape after the backslash in a double-quoted text', cursor.at);
  let code = 0;
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.text.charCodeAt(cursor.at + 2 + i));
    if (digit < 0) throw new Fault('syntax', `a \\${letter} escape needs ${length} hexadecimal digits`, cursor.at);
    code = code * 16 + digit;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff && !cursor.jsonEscapes))
    throw new Fault('syntax', 'the escape names no Unicode character (YAML has no surrogate pairs)', cursor.at);
  cursor.at += 2 + length;
  return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}

/** Reads a quoted scalar from its opening to its closing quote. */
export function scanQuoted(cursor: Cursor, single: boolean): string {
  const { text } = cursor;
  const quote = single ? 39 : 34;
  const opened = cursor.at;
  cursor.at++;
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator())
      throw new Fault('syntax', 'a document marker stands inside a quoted text; is a quote missing?', opened);
    let c = text.charCodeAt(cursor.at);
    if (c === 0) throw new Fault('syntax', 'a quoted text is never closed', opened);
    let onNewLine = false;
    let leading = '';
    let trailing = '';
    let blanks = '';
    while (!isBlankOrEnd(c)) {
      if (c === quote) {
        if (!single || text.charCodeAt(cursor.at + 1) !== 39) break;
        value += "'";
        cursor.at += 2;
      } else if (c === 92 && !single) {
        if (isBreak(text.charCodeAt(cursor.at + 1))) {
          cursor.at++;
          cursor.skipBreak();
          onNewLine = true;
          break;
        }
        value += readEscape(cursor);
      } else {
        const start = cursor.at;
        do c = text.charCodeAt(++cursor.at);
        while (c !== quote && c !== 92 && !isBlankOrEnd(c));
        if (c === 92 && single) {
          do c = text.charCodeAt(++cursor.at);
          while (c !== quote && !isBlankOrEnd(c));
        }
        value += text.slice(start, cursor.at);
      }
      c = text.charCodeAt(cursor.at);
    }
    if (!onNewLine && text.charCodeAt(cursor.at) === quote) break;
    const blanksFrom = cursor.at;
    for (c = text.charCodeAt(cursor.at); isBlank(c) || isBreak(c); c = text.charCodeAt(cursor.at)) {
      if (isBlank(c)) cursor.at++;
      else if (onNewLine) trailing += readBreak(cursor);
      else {
        leading = readBreak(cursor);
        onNewLine = true;
      }
    }
    if (!onNewLine) blanks = text.slice(blanksFrom, cursor.at);
    value += onNewLine ? fold(leading, trailing) : blanks;
  }
  cursor.at++;
  return value;
}

interface BlockHeader {
  chomping: '-' | '+' | '';
  increment: number;
}

function readBlockHeader(cursor: Cursor): BlockHeader {
  const { text } = cursor;
  const header: BlockHeader = { chomping: '', increment: 0 };
  const readChomping = () => {
    const sign = text.charAt(cursor.at);
    if (sign !== '+' && sign !== '-') return false;
    header.chomping = sign;
    cursor.at++;
    return true;
  };
  const readIncrement = () => {
    const digit = text.charCodeAt(cursor.at) - 48;
    if (!(digit >= 0 && digit <= 9)) return false;
    if (digit === 0) throw new Fault('syntax', 'a block text cannot be indented by 0', cursor.at);
    header.increment = digit;
    cursor.at++;
    return true;
  };
  cursor.at++;
  if (readChomping()) readIncrement();
  else if (readIncrement()) readChomping();
  while (isBlank(text.charCodeAt(cursor.at))) cursor.at++;
  if (text.charCodeAt(cursor.at) === 35) while (!isBreakOrEnd(text.charCodeAt(cursor.at))) cursor.at++;
  const c = text.charCodeAt(cursor.at);
  if (!isBreakOrEnd(c)) throw new Fault('syntax', 'after | or > only a comment or the end of the line may stand', cursor.at);
  if (c !== 0) cursor.skipBreak();
  return header;
}

/** Skips indentation and collects empty lines. With an indent of 0 it finds the indent out. */
function readBlockBreaks(cursor: Cursor, indent: number, parentIndent: number): { indent: number; breaks: string } {
  const { text } = cursor;
  let widest = 0;
  let breaks = '';
  for (;;) {
    while ((indent === 0 || cursor.column() < indent) && text.charCodeAt(cursor.at) === SPACE) cursor.at++;
    widest = Math.max(widest, cursor.column());
    const c = text.charCodeAt(cursor.at);
    if ((indent === 0 || cursor.column() < indent) && c === TAB)
      throw new Fault('syntax', 'a tab character stands where spaces indent a block text', cursor.at);
    if (!isBreak(c)) break;
    breaks += readBreak(cursor);
  }
  return { indent: indent === 0 ? Math.max(widest, parentIndent + 1, 1) : indent, breaks };
}

/** Reads a literal (`|`) or folded (`>`) scalar. */
export function scanBlock(cursor: Cursor, literal: boolean, parentIndent: number): string {
  const { text } = cursor;
  const { chomping, increment } = readBlockHeader(cursor);
  const given = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let { indent, breaks } = readBlockBreaks(cursor, given, parentIndent);
  const parts: string[] = [];
  let leading = '';
  let lineBeganBlank = false;
  while (cursor.column() === indent && text.charCodeAt(cursor.at) !== 0) {
    const beginsBlank = isBlank(text.charCodeAt(cursor.at));
    if (!literal && leading === '\n' && !lineBeganBlank && !beginsBlank) {
      if (breaks === '') parts.push(' ');
    } else parts.push(leading);
    parts.push(breaks);
    lineBeganBlank = beginsBlank;
    const start = cursor.at;
    let at = start;
    while (!isBreakOrEnd(text.charCodeAt(at))) at++;
    cursor.at = at;
    parts.push(text.slice(start, at));
    leading = text.charCodeAt(at) === 0 ? '' : readBreak(cursor);
    ({ indent, breaks } = readBlockBreaks(cursor, indent, parentIndent));
  }
  if (chomping !== '-') parts.push(leading);
  if (chomping === '+') parts.push(breaks);
  return parts.join('');
}
