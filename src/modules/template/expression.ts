import { type Expression, fault, type Source } from './syntax.js';

interface Token {
  type: 'name' | 'number' | 'text' | 'sign' | 'end';
  text: string;
  at: number;
}

/** How deep parentheses and brackets may go. */
const DEEPEST = 100;
/** How many operators, filters, members and brackets one tag may have: evaluating goes as deep as that. */
const LONGEST = 2_000;

const token =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+(?:\.[0-9]+)?)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(==|!=|<=|>=|[-+*/%~<>()[\],.|=]))/y;

const words = new Set(['and', 'or', 'not', 'in', 'true', 'false', 'null', 'if', 'else', 'for', 'set']);

/** Reads the expressions of one tag. */
export interface ExpressionReader {
  expression(): Expression;
  /** A name that a `set` or `for` gives. */
  name(): string;
  /** Takes a sign or word where it is next. */
  take(text: string): boolean;
  expect(text: string): void;
  end(): void;
}

/** @param from where the text of the tag begins in the source, and where it ends */
export function readExpressions(source: Source, from: number, to: number): ExpressionReader {
  let at = from;
  let depth = 0;
  let length = 0;
  let current = next();

  function next(): Token {
    token.lastIndex = at;
    const found = token.exec(source.text);
    if (found === null || token.lastIndex > to) {
      const rest = /\S/.exec(source.text.slice(at, to));
      if (rest === null) return { type: 'end', text: '', at: to };
      throw invalid(`"${source.text.slice(at + rest.index, at + rest.index + 1)}" is not expected here`, at + rest.index);
    }
    at = token.lastIndex;
    const [, name, number, quoted, sign] = found;
    const text = (name ?? number ?? quoted ?? sign) as string;
    const type = name !== undefined ? 'name' : number !== undefined ? 'number' : quoted !== undefined ? 'text' : 'sign';
    return { type, text, at: at - text.length };
  }

  function invalid(message: string, where: number, hint?: string) {
    return fault('TEMPLATE_INVALID', source, { message, at: where, ...(hint === undefined ? {} : { hint }) });
  }

  const advance = (): Token => {
    const taken = current;
    current = next();
    return taken;
  };
  const take = (text: string): boolean => {
    if (current.text !== text || current.type === 'text' || current.type === 'number') return false;
    advance();
    return true;
  };
  const expect = (text: string) => {
    if (!take(text)) throw unexpected(`"${text}"`);
  };
  const unexpected = (wanted: string) =>
    invalid(
      current.type === 'end' ? `the tag ends where ${wanted} should be` : `"${current.text}" stands where ${wanted} should be`,
      current.at,
    );

  const grow = () => {
    if (++length > LONGEST) throw fault('TEMPLATE_LIMIT', source, { message: 'the expression is too long', at: current.at });
  };
  const nested = <T>(read: () => T): T => {
    grow();
    if (++depth > DEEPEST)
      throw fault('TEMPLATE_LIMIT', source, { message: `the expression is nested deeper than ${DEEPEST} levels`, at: current.at });
    try {
      return read();
    } finally {
      depth--;
    }
  };

  /** From the loosest to the tightest. */
  const levels: string[][] = [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>=', 'in'], ['~'], ['+', '-'], ['*', '/', '%']];

  function binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return unary();
    if (level === 2 && current.text === 'not' && current.type === 'name') {
      const { at: where } = advance();
      return { type: 'not', of: nested(() => binary(level)), at: where };
    }
    let left = binary(level + 1);
    while (current.type !== 'text' && operators.includes(current.text)) {
      grow();
      const { text: operator, at: where } = advance();
      left = { type: 'binary', operator, left, right: binary(level + 1), at: where };
    }
    return left;
  }

  function unary(): Expression {
    if (current.type === 'sign' && current.text === '-') {
      const { at: where } = advance();
      return { type: 'minus', of: nested(unary), at: where };
    }
    return filtered(primary());
  }

  function filtered(of: Expression): Expression {
    let value = of;
    for (;;) {
      grow();
      const where = current.at;
      if (take('|')) {
        const { type, text } = current;
        if (type !== 'name') throw unexpected('the name of a filter');
        advance();
        value = { type: 'filter', name: text, of: value, args: take('(') ? list(')') : [], at: where };
      } else if (take('.')) {
        const { type, text, at: keyAt } = current;
        if (type !== 'name' && !(type === 'number' && /^[0-9]+$/.test(text))) throw unexpected('a name');
        advance();
        value = { type: 'member', of: value, key: { type: 'value', value: type === 'number' ? Number(text) : text, at: keyAt }, at: where };
      } else if (take('[')) {
        const key = nested(() => binary(0));
        expect(']');
        value = { type: 'member', of: value, key, at: where };
      } else return value;
    }
  }

  function list(close: string): Expression[] {
    const items: Expression[] = [];
    if (take(close)) return items;
    do items.push(nested(() => binary(0)));
    while (take(','));
    expect(close);
    return items;
  }

  function primary(): Expression {
    const { type, text, at: where } = current;
    if (type === 'number') return { type: 'value', value: Number(advance().text), at: where };
    if (type === 'text') return { type: 'value', value: unquote(advance().text), at: where };
    if (take('(')) {
      const inner = nested(() => binary(0));
      expect(')');
      return inner;
    }
    if (take('[')) return { type: 'list', items: list(']'), at: where };
    if (type === 'name' && (text === 'true' || text === 'false')) return { type: 'value', value: advance().text === 'true', at: where };
    if (type === 'name' && text === 'null') return { type: 'value', value: advance() && null, at: where };
    if (type === 'name' && !words.has(text)) return { type: 'name', name: advance().text, at: where };
    if (text === '.') throw invalid('a value begins with a name, not with "."', where, 'Write {{ image.tag }}, without the leading dot.');
    throw unexpected('a value');
  }

  return {
    expression: () => nested(() => binary(0)),
    name() {
      const { type, text } = current;
      if (type !== 'name' || words.has(text)) throw unexpected('a name');
      advance();
      return text;
    },
    take,
    expect,
    end() {
      if (current.type !== 'end') throw unexpected('the end of the tag');
    },
  };
}

const escapes: { [letter: string]: string } = { n: '\n', t: '\t', r: '\r' };

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c);
}
