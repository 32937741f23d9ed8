import { nearest } from '../../model/index.js';
import { readExpressions } from './expression.js';
import { type Expression, fault, type Node, type Source } from './syntax.js';

const LONGEST = 4 * 1024 * 1024;
const DEEPEST = 50;
const tags = ['if', 'elif', 'else', 'endif', 'for', 'endfor', 'set', 'raw', 'endraw'];

type Piece = { type: 'text'; text: string } | { type: 'output' | 'tag'; from: number; to: number; at: number; word: string };

/**
 * Reads a template.
 * @throws EvenkeelError TEMPLATE_INVALID with line and column, TEMPLATE_LIMIT
 */
export function parseTemplate(source: Source): Node[] {
  if (source.text.length > LONGEST)
    throw fault('TEMPLATE_LIMIT', source, { message: `the template has more than ${LONGEST} characters`, at: 0 });
  const pieces = cut(source);
  let index = 0;

  function body(ends: readonly string[], opened: { word: string; at: number } | undefined, depth: number): Node[] {
    if (depth > DEEPEST)
      throw fault('TEMPLATE_LIMIT', source, { message: `blocks are nested deeper than ${DEEPEST} levels`, at: opened?.at ?? 0 });
    const nodes: Node[] = [];
    for (;;) {
      const piece = pieces[index];
      if (piece === undefined) {
        if (opened === undefined) return nodes;
        throw fault('TEMPLATE_INVALID', source, {
          message: `"${opened.word}" has no end`,
          at: opened.at,
          hint: `Write {% ${ends.at(-1)} %} where it ends.`,
        });
      }
      if (piece.type === 'tag' && ends.includes(piece.word)) return nodes;
      index++;
      if (piece.type === 'text') {
        if (piece.text !== '') nodes.push(piece);
      } else if (piece.type === 'output') nodes.push({ type: 'output', value: whole(piece), at: piece.at });
      else nodes.push(block(piece, depth));
    }
  }

  function block(piece: Exclude<Piece, { type: 'text' }>, depth: number): Node {
    const { word, at } = piece;
    const read = readExpressions(source, piece.from, piece.to);
    if (word === 'set') {
      const name = read.name();
      read.expect('=');
      const value = read.expression();
      read.end();
      return { type: 'set', name, value, at };
    }
    if (word === 'if') {
      const branches: { when: Expression | undefined; body: Node[] }[] = [];
      let when: Expression | undefined = whole(piece);
      let last = piece;
      for (;;) {
        const inner = body(last.word === 'else' ? ['endif'] : ['elif', 'else', 'endif'], piece, depth + 1);
        branches.push({ when, body: inner });
        last = pieces[index++] as typeof piece;
        if (last.word === 'endif') {
          empty(last);
          return { type: 'if', branches, at };
        }
        when = last.word === 'elif' ? whole(last) : empty(last);
      }
    }
    if (word === 'for') {
      const first = read.name();
      const second = read.take(',') ? read.name() : undefined;
      read.expect('in');
      const of = read.expression();
      read.end();
      const inner = body(['else', 'endfor'], piece, depth + 1);
      let end = pieces[index++] as typeof piece;
      let otherwise: Node[] = [];
      if (end.word === 'else') {
        empty(end);
        otherwise = body(['endfor'], piece, depth + 1);
        end = pieces[index++] as typeof piece;
      }
      empty(end);
      return { type: 'for', ...(second === undefined ? {} : { key: first }), item: second ?? first, of, body: inner, otherwise, at };
    }
    const near = nearest(word, tags);
    throw fault('TEMPLATE_INVALID', source, {
      message: tags.includes(word) ? `"${word}" stands where nothing was begun that it belongs to` : `there is no tag "${word}"`,
      at,
      hint: near === undefined || near === word ? `Tags: ${tags.join(', ')}.` : `Did you mean "${near}"?`,
    });
  }

  const whole = ({ from, to }: { from: number; to: number }): Expression => {
    const read = readExpressions(source, from, to);
    const value = read.expression();
    read.end();
    return value;
  };
  const empty = ({ from, to }: { from: number; to: number }): undefined => readExpressions(source, from, to).end() as undefined;

  return body([], undefined, 0);
}

/** Cuts a source into its texts and tags; each character is looked at a bounded number of times. */
function cut(source: Source): Piece[] {
  const { text } = source;
  const pieces: Piece[] = [];
  const close = { '{{': '}}', '{%': '%}', '{#': '#}' } as const;
  let at = 0;
  let trimNext = false;
  const add = (piece: string, trimEnd: boolean) => {
    let kept = trimNext ? piece.trimStart() : piece;
    if (trimEnd) kept = kept.trimEnd();
    pieces.push({ type: 'text', text: kept });
  };
  for (;;) {
    const open = opening(text, at);
    if (open < 0) {
      add(text.slice(at), false);
      return pieces;
    }
    const kind = text.slice(open, open + 2) as keyof typeof close;
    const end = closing(source, open, close[kind]);
    const trimsBefore = text[open + 2] === '-';
    add(text.slice(at, open), trimsBefore);
    trimNext = text[end - 1] === '-' && end - 1 > open + 2;
    const from = open + 2 + (trimsBefore ? 1 : 0);
    const to = trimNext ? end - 1 : end;
    at = end + 2;
    if (kind === '{#') continue;
    if (kind === '{{') {
      pieces.push({ type: 'output', from, to, at: open, word: '' });
      continue;
    }
    const word = /^\s*([A-Za-z]+)/.exec(text.slice(from, Math.min(to, from + 200)));
    const name = word?.[1] ?? '';
    if (name === 'raw') {
      const until = /\{%-?\s{0,100}endraw\s{0,100}-?%\}/g;
      until.lastIndex = at;
      const found = until.exec(text);
      if (found === null)
        throw fault('TEMPLATE_INVALID', source, { message: '"raw" has no end', at: open, hint: 'Write {% endraw %} where it ends.' });
      add(text.slice(at, found.index), found[0].startsWith('{%-'));
      trimNext = found[0].endsWith('-%}');
      at = until.lastIndex;
    } else pieces.push({ type: 'tag', from: from + (word?.[0].length ?? 0), to, at: open, word: name });
  }
}

function opening(text: string, from: number): number {
  for (let at = text.indexOf('{', from); at >= 0; at = text.indexOf('{', at + 1)) {
    const next = text[at + 1];
    if (next === '{' || next === '%' || next === '#') return at;
  }
  return -1;
}

/** The end of a tag, texts in quotes skipped. */
function closing(source: Source, open: number, close: string): number {
  const { text } = source;
  if (close === '#}') {
    const end = text.indexOf(close, open + 2);
    if (end >= 0) return end;
  } else
    for (let at = open + 2; at < text.length; at++) {
      const c = text[at] as string;
      if (c === '"' || c === "'") at = quoteEnd(text, at);
      else if (text.startsWith(close, at)) return at;
    }
  throw fault('TEMPLATE_INVALID', source, {
    message: `"${text.slice(open, open + 2)}" has no end`,
    at: open,
    hint: `Close it with "${close}", or put it between {% raw %} and {% endraw %}.`,
  });
}

function quoteEnd(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return start;
}
