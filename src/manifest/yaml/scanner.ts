import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWord, SPACE, TAB } from './chars.js';
import { Fault } from './fault.js';
import { scanBlock, scanPlain, scanQuoted } from './scalars.js';
import { scanTag } from './tags.js';

/**
 * Splits one YAML document into tokens by the rules of YAML 1.1 as libyaml reads them, which is what
 * go-yaml and so kubectl do. Tokens come as they are asked for: text after the document's end is never looked at.
 */
export enum TokenType {
  StreamEnd,
  DocumentStart,
  DocumentEnd,
  SequenceStart,
  MappingStart,
  BlockEnd,
  FlowSequenceStart,
  FlowSequenceEnd,
  FlowMappingStart,
  FlowMappingEnd,
  BlockEntry,
  FlowEntry,
  Key,
  Value,
  Alias,
  Anchor,
  Tag,
  Scalar,
}

export interface Token {
  type: TokenType;
  /** Offset of the first character. */
  at: number;
  text: string;
  /** Only of scalars: written without quotes and not as a block. */
  plain: boolean;
  /** Set while this token may still turn out to be the beginning of a mapping key. */
  candidate: Candidate | undefined;
}

/** What may become a key once a `:` follows on the same line, at most 1024 characters on. */
interface Candidate {
  possible: boolean;
  /** A block mapping stands at this column, so it must become a key. */
  required: boolean;
  token: number;
  at: number;
  line: number;
  column: number;
}

/** The place in the text, as the readers of scalars and tags move it. */
export interface Cursor {
  readonly text: string;
  /** Escapes that JSON has and go-yaml does not are read too: `\/` and surrogate pairs. */
  readonly jsonEscapes: boolean;
  at: number;
  keyAllowed: boolean;
  column(): number;
  skipBreak(): void;
  /** At the beginning of a line that begins with `---` or `...` alone. */
  atDocumentIndicator(): boolean;
}

const MAX_KEY = 1024;

export class Scanner implements Cursor {
  at = 0;
  line = 0;
  keyAllowed = true;
  #lineStart = 0;
  #queue: Token[] = [];
  #head = 0;
  /** How many tokens were taken: the number of the token at the head. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  readonly #candidates: (Candidate | undefined)[] = [undefined];
  #pending: Candidate | undefined;
  #ended = false;

  /**
   * @param text ends in NUL and holds no other
   * @param maxDepth how deep collections may be nested
   */
  constructor(
    readonly text: string,
    readonly maxDepth: number,
    readonly jsonEscapes = false,
  ) {
    if (text.charCodeAt(0) === 0xfeff) this.#lineStart = this.at = 1;
  }

  column(): number {
    return this.at - this.#lineStart;
  }

  skipBreak(): void {
    if (this.text.charCodeAt(this.at) === 13 && this.text.charCodeAt(this.at + 1) === 10) this.at++;
    this.#lineStart = ++this.at;
    this.line++;
  }

  atDocumentIndicator(): boolean {
    if (this.at !== this.#lineStart) return false;
    const c = this.text.charCodeAt(this.at);
    return (
      (c === 45 || c === 46) &&
      this.text.charCodeAt(this.at + 1) === c &&
      this.text.charCodeAt(this.at + 2) === c &&
      isBlankOrEnd(this.text.charCodeAt(this.at + 3))
    );
  }

  /** The next token, left where it is. */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#queue[this.#head] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#head++;
    this.#taken++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return token;
  }

  #needsMore(): boolean {
    const head = this.#queue[this.#head];
    if (head === undefined) return !this.#ended;
    return head.candidate !== undefined && this.#stillPossible(head.candidate);
  }

  #push(type: TokenType, at: number, text = '', plain = false): void {
    this.#queue.push({ type, at, text, plain, candidate: this.#pending });
    this.#pending = undefined;
  }

  #insert(number: number, type: TokenType, at: number): void {
    this.#queue.splice(number - this.#taken + this.#head, 0, { type, at, text: '', plain: false, candidate: undefined });
  }

  #stillPossible(candidate: Candidate): boolean {
    if (!candidate.possible) return false;
    if (candidate.line === this.line && this.#isShort(candidate.at)) return true;
    if (candidate.required) throw new Fault('syntax', "a ':' is missing after this key", candidate.at);
    candidate.possible = false;
    return false;
  }

  /** The limit counts characters, and one may be two code units. */
  #isShort(from: number): boolean {
    const units = this.at - from;
    return units <= MAX_KEY || (units <= 2 * MAX_KEY && [...this.text.slice(from, this.at)].length <= MAX_KEY);
  }

  #dropCandidate(): void {
    const level = this.#candidates.length - 1;
    const candidate = this.#candidates[level];
    if (candidate?.possible) {
      if (candidate.required) throw new Fault('syntax', "a ':' is missing after this key", candidate.at);
      candidate.possible = false;
    }
    this.#candidates[level] = undefined;
  }

  /** Notes that the token about to be pushed may begin a key. */
  #saveCandidate(): void {
    if (!this.keyAllowed) return;
    this.#dropCandidate();
    const column = this.column();
    this.#pending = {
      possible: true,
      required: this.#candidates.length === 1 && this.#indent === column,
      token: this.#taken + this.#queue.length - this.#head,
      at: this.at,
      line: this.line,
      column,
    };
    this.#candidates[this.#candidates.length - 1] = this.#pending;
  }

  get #inFlow(): boolean {
    return this.#candidates.length > 1;
  }

  #roll(column: number, type: TokenType, at: number, number?: number): void {
    if (this.#inFlow || this.#indent >= column) return;
    if (this.#indents.length >= this.maxDepth) throw new Fault('depth', `nested deeper than ${this.maxDepth} levels`, at);
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (number === undefined) this.#push(type, at);
    else this.#insert(number, type, at);
  }

  #unroll(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#push(TokenType.BlockEnd, this.at);
      this.#indent = this.#indents.pop() as number;
    }
  }

  #skipToToken(): void {
    const { text } = this;
    for (;;) {
      let c = text.charCodeAt(this.at);
      if (c === 0xfeff && this.at === this.#lineStart) c = text.charCodeAt(++this.at);
      while (c === SPACE || (c === TAB && (this.#inFlow || !this.keyAllowed))) c = text.charCodeAt(++this.at);
      if (c === 35) while (!isBreakOrEnd(c)) c = text.charCodeAt(++this.at);
      if (!isBreak(c)) return;
      this.skipBreak();
      if (!this.#inFlow) this.keyAllowed = true;
    }
  }

  #fetch(): void {
    this.#skipToToken();
    this.#unroll(this.column());
    const { text, at } = this;
    const c = text.charCodeAt(at);
    if (c === 0) this.#fetchEnd();
    else if (at === this.#lineStart && c === 37)
      throw new Fault('syntax', "a line beginning with '%' is a YAML directive, which Kubernetes does not read", at);
    else if (this.atDocumentIndicator()) this.#fetchIndicator(c === 45 ? TokenType.DocumentStart : TokenType.DocumentEnd);
    else if (!this.#fetchPunctuation(c) && !this.#fetchMarked(c)) this.#fetchPlain(c);
  }

  /** Brackets, commas, dashes, question marks and colons. False where the character is none of these here. */
  #fetchPunctuation(c: number): boolean {
    const alone = isBlankOrEnd(this.text.charCodeAt(this.at + 1));
    if (c === 91) this.#openFlow(TokenType.FlowSequenceStart);
    else if (c === 123) this.#openFlow(TokenType.FlowMappingStart);
    else if (c === 93) this.#closeFlow(TokenType.FlowSequenceEnd);
    else if (c === 125) this.#closeFlow(TokenType.FlowMappingEnd);
    else if (c === 44) this.#fetchComma();
    else if (c === 45 && alone) this.#fetchEntry();
    else if (c === 63 && (alone || this.#inFlow)) this.#fetchKey();
    else if (c === 58 && (alone || this.#inFlow)) this.#fetchValue();
    else return false;
    return true;
  }

  /** Aliases, anchors, tags, block and quoted scalars. False where the character begins none of these. */
  #fetchMarked(c: number): boolean {
    if (c === 42) this.#fetchName(TokenType.Alias);
    else if (c === 38) this.#fetchName(TokenType.Anchor);
    else if (c === 33) this.#fetchNode(TokenType.Tag, () => scanTag(this));
    else if (c === 39 || c === 34) this.#fetchNode(TokenType.Scalar, () => scanQuoted(this, c === 39));
    else if ((c === 124 || c === 62) && !this.#inFlow) this.#fetchBlock(c === 124);
    else return false;
    return true;
  }

  #fetchPlain(c: number): void {
    const next = this.text.charCodeAt(this.at + 1);
    if (noPlainStart.has(c) && !(c === 45 && !isBlank(next)) && !((c === 63 || c === 58) && !this.#inFlow))
      throw new Fault('syntax', describeStart(c), this.at);
    this.#fetchNode(TokenType.Scalar, () => scanPlain(this, this.#inFlow, this.#indent + 1), true);
  }

  #fetchNode(type: TokenType, scan: () => string, plain = false): void {
    const { at } = this;
    this.#saveCandidate();
    this.keyAllowed = false;
    const text = scan();
    this.#push(type, at, text, plain);
  }

  #fetchBlock(literal: boolean): void {
    const { at } = this;
    this.#dropCandidate();
    this.keyAllowed = true;
    this.#push(TokenType.Scalar, at, scanBlock(this, literal, this.#indent));
  }

  #fetchComma(): void {
    this.#dropCandidate();
    this.keyAllowed = true;
    this.#punctuation(TokenType.FlowEntry);
  }

  #fetchEnd(): void {
    this.#unroll(-1);
    this.#dropCandidate();
    this.keyAllowed = false;
    this.#push(TokenType.StreamEnd, this.at);
    this.#ended = true;
  }

  #fetchIndicator(type: TokenType): void {
    this.#unroll(-1);
    this.#dropCandidate();
    this.keyAllowed = false;
    this.#push(type, this.at);
    this.at += 3;
  }

  #punctuation(type: TokenType): void {
    this.#push(type, this.at);
    this.at++;
  }

  #openFlow(type: TokenType): void {
    this.#saveCandidate();
    if (this.#candidates.length > this.maxDepth) throw new Fault('depth', `nested deeper than ${this.maxDepth} levels`, this.at);
    this.#candidates.push(undefined);
    this.keyAllowed = true;
    this.#punctuation(type);
  }

  #closeFlow(type: TokenType): void {
    this.#dropCandidate();
    if (this.#inFlow) this.#candidates.pop();
    this.keyAllowed = false;
    this.#punctuation(type);
  }

  #fetchEntry(): void {
    if (!this.#inFlow) {
      if (!this.keyAllowed) throw new Fault('syntax', "a list item ('- ') cannot stand here", this.at);
      this.#roll(this.column(), TokenType.SequenceStart, this.at);
    }
    this.#dropCandidate();
    this.keyAllowed = true;
    this.#punctuation(TokenType.BlockEntry);
  }

  #fetchKey(): void {
    if (!this.#inFlow) {
      if (!this.keyAllowed) throw new Fault('syntax', "a key ('? ') cannot stand here", this.at);
      this.#roll(this.column(), TokenType.MappingStart, this.at);
    }
    this.#dropCandidate();
    this.keyAllowed = !this.#inFlow;
    this.#punctuation(TokenType.Key);
  }

  #fetchValue(): void {
    const candidate = this.#candidates[this.#candidates.length - 1];
    if (candidate && this.#stillPossible(candidate)) {
      this.#insert(candidate.token, TokenType.Key, candidate.at);
      this.#roll(candidate.column, TokenType.MappingStart, candidate.at, candidate.token);
      candidate.possible = false;
      this.keyAllowed = false;
    } else {
      if (!this.#inFlow) {
        if (!this.keyAllowed) throw new Fault('syntax', "a ': ' cannot stand here; a value that holds one must be quoted", this.at);
        this.#roll(this.column(), TokenType.MappingStart, this.at);
      }
      this.keyAllowed = !this.#inFlow;
    }
    this.#punctuation(TokenType.Value);
  }

  #fetchName(type: TokenType.Alias | TokenType.Anchor): void {
    this.#saveCandidate();
    this.keyAllowed = false;
    const start = this.at;
    let end = start + 1;
    while (isWord(this.text.charCodeAt(end))) end++;
    const following = this.text.charCodeAt(end);
    if (end === start + 1 || !(isBlankOrEnd(following) || '?:,]}%@`'.includes(String.fromCharCode(following))))
      throw new Fault('syntax', `the name after ${type === TokenType.Alias ? '*' : '&'} may hold only letters, digits, - and _`, start);
    this.at = end;
    this.#push(type, start, this.text.slice(start + 1, end));
  }
}

const noPlainStart = new Set([...'-?:,[]{}#&*!|>\'"%@`\t'].map((c) => c.charCodeAt(0)));

function describeStart(c: number): string {
  if (c === TAB) return 'a tab character stands where YAML wants spaces';
  return `a value cannot begin with '${String.fromCharCode(c)}' unless it is quoted`;
}
