/** What reads on from one byte: the next state, or the end of the text's last token. */
type State = (c: number) => State;

class Problem extends Error {}

const maxDepth = 10_000;
const isSpace = (c: number) => c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d;
const isDigit = (c: number) => c >= 0x30 && c <= 0x39;
const isHex = (c: number) => isDigit(c) || (c >= 0x61 && c <= 0x66) || (c >= 0x41 && c <= 0x46);

/** A byte as Go's %q of its character shows it. */
function quoted(c: number): string {
  if (c === 0x27) return `'\\''`;
  if (c === 0x22) return `'"'`;
  if (c === 0x5c) return `'\\\\'`;
  const short: { [code: number]: string } = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' };
  if (short[c] !== undefined) return `'${short[c]}'`;
  if (c < 0x20 || c === 0x7f) return `'\\x${c.toString(16).padStart(2, '0')}'`;
  if ((c >= 0x80 && c < 0xa1) || c === 0xad) return `'\\u00${c.toString(16)}'`;
  return `'${String.fromCharCode(c)}'`;
}

function refuse(c: number, where: string): never {
  throw new Problem(`invalid character ${quoted(c)} ${where}`);
}

/** Checks JSON byte by byte, in the grammar and the words of Go's encoding/json. */
class Scanner {
  /** What encloses the next value, innermost last. */
  #open: ('key' | 'member' | 'item')[] = [];
  #atEnd = false;

  check(text: string): void {
    let state = this.#value;
    for (const c of Buffer.from(text)) state = state(c);
    // A number ends with the text, anything else has to be closed.
    if (!this.#atEnd) state(0x20);
    if (!this.#atEnd) throw new Problem('unexpected end of JSON input');
  }

  #enter(kind: 'key' | 'item'): void {
    if (this.#open.push(kind) > maxDepth) throw new Problem('exceeded max depth');
  }

  #value: State = (c) => {
    if (isSpace(c)) return this.#value;
    if (c === 0x7b) {
      this.#enter('key');
      return this.#firstKey;
    }
    if (c === 0x5b) {
      this.#enter('item');
      return this.#firstItem;
    }
    if (c === 0x22) return this.#string;
    if (c === 0x2d) return (digit) => (digit === 0x30 ? this.#zero : isDigit(digit) ? this.#integer : refuse(digit, 'in numeric literal'));
    if (c === 0x30) return this.#zero;
    if (isDigit(c)) return this.#integer;
    for (const word of ['true', 'false', 'null']) if (c === word.charCodeAt(0)) return this.#word(word, 1);
    return refuse(c, 'looking for beginning of value');
  };

  #firstKey: State = (c) => {
    if (isSpace(c)) return this.#firstKey;
    return c === 0x7d ? this.#leave() : this.#key(c);
  };

  #key: State = (c) => {
    if (isSpace(c)) return this.#key;
    return c === 0x22 ? this.#string : refuse(c, 'looking for beginning of object key string');
  };

  #firstItem: State = (c) => {
    if (isSpace(c)) return this.#firstItem;
    return c === 0x5d ? this.#leave() : this.#value(c);
  };

  #leave(): State {
    this.#open.pop();
    return this.#ended();
  }

  #ended(): State {
    if (this.#open.length === 0) this.#atEnd = true;
    return this.#after;
  }

  /** After a value or key. */
  #after: State = (c) => {
    if (isSpace(c)) return this.#after;
    const level = this.#open.length - 1;
    switch (this.#open[level]) {
      case 'key':
        if (c !== 0x3a) return refuse(c, 'after object key');
        this.#open[level] = 'member';
        return this.#value;
      case 'member':
        if (c === 0x7d) return this.#leave();
        if (c !== 0x2c) return refuse(c, 'after object key:value pair');
        this.#open[level] = 'key';
        return this.#key;
      case 'item':
        if (c === 0x5d) return this.#leave();
        return c === 0x2c ? this.#value : refuse(c, 'after array element');
      default:
        return refuse(c, 'after top-level value');
    }
  };

  #string: State = (c) => {
    if (c === 0x22) return this.#ended();
    if (c === 0x5c) return this.#escape;
    return c < 0x20 ? refuse(c, 'in string literal') : this.#string;
  };

  #escape: State = (c) => {
    if (c === 0x75) return this.#hex(4);
    return 'bfnrt\\/"'.includes(String.fromCharCode(c)) ? this.#string : refuse(c, 'in string escape code');
  };

  #hex(left: number): State {
    return (c) => {
      if (!isHex(c)) return refuse(c, 'in \\u hexadecimal character escape');
      return left === 1 ? this.#string : this.#hex(left - 1);
    };
  }

  #word(word: string, at: number): State {
    return (c) => {
      if (c !== word.charCodeAt(at)) return refuse(c, `in literal ${word} (expecting '${word[at]}')`);
      return at === word.length - 1 ? this.#ended() : this.#word(word, at + 1);
    };
  }

  #integer: State = (c) => (isDigit(c) ? this.#integer : this.#zero(c));

  #zero: State = (c) => {
    if (c === 0x2e) return (digit) => (isDigit(digit) ? this.#fraction : refuse(digit, 'after decimal point in numeric literal'));
    return this.#exponentOrEnd(c);
  };

  #fraction: State = (c) => (isDigit(c) ? this.#fraction : this.#exponentOrEnd(c));

  #exponentOrEnd(c: number): State {
    if (c === 0x65 || c === 0x45) return (sign) => (sign === 0x2b || sign === 0x2d ? this.#exponentStart : this.#exponentStart(sign));
    return this.#ended()(c);
  }

  #exponentStart: State = (c) => (isDigit(c) ? this.#exponent : refuse(c, 'in exponent of numeric literal'));

  #exponent: State = (c) => (isDigit(c) ? this.#exponent : this.#ended()(c));
}

/** What Go's JSON reader says is wrong with a text; undefined where it reads it. */
export function jsonProblem(text: string): string | undefined {
  try {
    new Scanner().check(text);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}
