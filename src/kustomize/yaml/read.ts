import { Fault, findForbidden, Scanner, type Token, TokenType } from '../../manifest/index.js';
import { attachSchemas, mayHoldSchemas } from './comments.js';
import { BINARY, copyNode, FLOW, FOLDED, LIST, MAP, QUOTED, STR, TAGGED, type YNode } from './node.js';
import { resolve } from './resolve.js';

const maxDepth = 500;
/** How many nodes aliases may add to a document, whatever its size, and in proportion to it. */
const maxAliased = 200_000;
const maxAliasRatio = 100;

/** Reads the first document of a text. Aliases are replaced by copies of what they name, and `<<` is merged in.
 * @throws Fault
 */
export function readDocument(text: string): YNode | undefined {
  const bad = findForbidden(text);
  if (bad >= 0) throw new Fault('syntax', 'control characters are not allowed', bad);
  const node = new Reader(`${text}\0`).document();
  if (node !== undefined && mayHoldSchemas.test(text)) attachSchemas(node, text);
  return node;
}

class Reader {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, YNode | undefined>();
  #depth = 0;
  #nodes = 0;
  #aliased = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text, maxDepth);
  }

  document(): YNode | undefined {
    const scanner = this.#scanner;
    let token = scanner.peek();
    if (token.type === TokenType.StreamEnd) return undefined;
    if (token.type === TokenType.DocumentStart) {
      scanner.take();
      token = scanner.peek();
      const { type } = token;
      if (type === TokenType.StreamEnd || type === TokenType.DocumentEnd || type === TokenType.DocumentStart) return undefined;
    }
    const node = this.#node(true, false);
    const after = scanner.peek().type;
    if (after !== TokenType.StreamEnd && after !== TokenType.DocumentStart && after !== TokenType.DocumentEnd)
      throw new Fault('syntax', 'the document does not end where it should', scanner.peek().at);
    return node;
  }

  #node(block: boolean, indentless: boolean): YNode {
    const scanner = this.#scanner;
    let token = scanner.peek();
    if (token.type === TokenType.Alias) {
      scanner.take();
      return this.#alias(token);
    }
    const { at } = token;
    let anchor: string | undefined;
    let tag = '';
    for (;;) {
      if (token.type === TokenType.Anchor && anchor === undefined) anchor = token.text;
      else if (token.type === TokenType.Tag && tag === '') tag = shortTag(token.text);
      else break;
      scanner.take();
      token = scanner.peek();
    }
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const node = this.#content(token, { block, indentless, tag, bare: anchor === undefined && tag === '' });
    this.#nodes++;
    node.at = at;
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #content(token: Token, props: { block: boolean; indentless: boolean; tag: string; bare: boolean }): YNode {
    const { block, tag } = props;
    switch (token.type) {
      case TokenType.Scalar:
        this.#scanner.take();
        return this.#scalar(token, tag);
      case TokenType.FlowSequenceStart:
        return this.#nested(token, () => this.#flowSequence(tag));
      case TokenType.FlowMappingStart:
        return this.#nested(token, () => this.#flowMapping(tag));
      case TokenType.BlockEntry:
        if (props.indentless) return this.#nested(token, () => this.#blockSequence(tag, true));
        break;
      case TokenType.SequenceStart:
        if (block) return this.#nested(token, () => this.#blockSequence(tag, false));
        break;
      case TokenType.MappingStart:
        if (block) return this.#nested(token, () => this.#blockMapping(tag));
        break;
    }
    if (props.bare) throw new Fault('syntax', 'a value is expected here', token.at);
    return scalar('', true, tag);
  }

  #scalar({ text, plain, at }: Token, tag: string): YNode {
    const node = scalar(text, plain, tag);
    if (!plain && this.#scanner.text.charCodeAt(at) === 62) node.style |= FOLDED;
    return node;
  }

  #nested(token: Token, read: () => YNode): YNode {
    if (++this.#depth > maxDepth) throw new Fault('depth', `nested deeper than ${maxDepth} levels`, token.at);
    const node = read();
    this.#depth--;
    return node;
  }

  #alias(token: Token): YNode {
    const target = this.#anchors.get(token.text);
    if (target === undefined)
      throw new Fault(
        'value',
        this.#anchors.has(token.text) ? `the anchor &${token.text} holds itself` : `unknown anchor '${token.text}' referenced`,
        token.at,
      );
    this.#aliased += sizeOf(target);
    if (this.#aliased > maxAliased || (this.#aliased > 10_000 && this.#aliased > maxAliasRatio * this.#nodes))
      throw new Fault('aliases', 'the document repeats itself through aliases out of all proportion', token.at);
    return copyNode(target);
  }

  #blockSequence(tag: string, indentless: boolean): YNode {
    const scanner = this.#scanner;
    const content: YNode[] = [];
    if (!indentless) scanner.take();
    for (;;) {
      const token = scanner.peek();
      if (token.type !== TokenType.BlockEntry) {
        if (indentless) break;
        scanner.take();
        if (token.type === TokenType.BlockEnd) break;
        throw new Fault('syntax', "did not find expected '-' indicator", token.at);
      }
      scanner.take();
      const next = scanner.peek().type;
      const none =
        next === TokenType.BlockEntry ||
        next === TokenType.BlockEnd ||
        (indentless && (next === TokenType.Key || next === TokenType.Value));
      content.push(none ? empty(token.at) : this.#node(true, false));
    }
    return collection('list', tag, 0, content);
  }

  #flowSequence(tag: string): YNode {
    const scanner = this.#scanner;
    const content: YNode[] = [];
    scanner.take();
    for (let first = true; ; first = false) {
      let token = scanner.peek();
      if (token.type !== TokenType.FlowSequenceEnd && !first) {
        if (token.type !== TokenType.FlowEntry) throw new Fault('syntax', "did not find expected ',' or ']'", token.at);
        scanner.take();
        token = scanner.peek();
      }
      if (token.type === TokenType.FlowSequenceEnd) break;
      content.push(token.type === TokenType.Key ? this.#nested(token, () => this.#flowPair()) : this.#node(false, false));
    }
    scanner.take();
    return collection('list', tag, FLOW, content);
  }

  /** `[a: b]`: a mapping of one pair without braces. */
  #flowPair(): YNode {
    const scanner = this.#scanner;
    const { at } = scanner.take();
    const ends = (type: TokenType) => type === TokenType.FlowEntry || type === TokenType.FlowSequenceEnd;
    const token = scanner.peek();
    const key = token.type === TokenType.Value || ends(token.type) ? empty(at) : this.#node(false, false);
    let value = empty(at);
    if (scanner.peek().type === TokenType.Value) {
      scanner.take();
      if (!ends(scanner.peek().type)) value = this.#node(false, false);
    }
    return this.#mapping([key, value], '', FLOW);
  }

  #flowMapping(tag: string): YNode {
    const scanner = this.#scanner;
    const content: YNode[] = [];
    scanner.take();
    const ends = (type: TokenType) => type === TokenType.FlowEntry || type === TokenType.FlowMappingEnd;
    for (let first = true; ; first = false) {
      let token = scanner.peek();
      if (token.type !== TokenType.FlowMappingEnd && !first) {
        if (token.type !== TokenType.FlowEntry) throw new Fault('syntax', "did not find expected ',' or '}'", token.at);
        scanner.take();
        token = scanner.peek();
      }
      if (token.type === TokenType.FlowMappingEnd) break;
      let key: YNode;
      let value = empty(token.at);
      if (token.type === TokenType.Key) {
        scanner.take();
        const { type } = scanner.peek();
        key = type === TokenType.Value || ends(type) ? empty(token.at) : this.#node(false, false);
        if (scanner.peek().type === TokenType.Value) {
          scanner.take();
          if (!ends(scanner.peek().type)) value = this.#node(false, false);
        }
      } else key = this.#node(false, false);
      content.push(key, value);
    }
    scanner.take();
    return this.#mapping(content, tag, FLOW);
  }

  #blockMapping(tag: string): YNode {
    const scanner = this.#scanner;
    const content: YNode[] = [];
    scanner.take();
    const ends = (type: TokenType) => type === TokenType.Key || type === TokenType.Value || type === TokenType.BlockEnd;
    for (;;) {
      const token = scanner.take();
      if (token.type === TokenType.BlockEnd) break;
      if (token.type !== TokenType.Key) throw new Fault('syntax', 'did not find expected key', token.at);
      const key = ends(scanner.peek().type) ? empty(token.at) : this.#node(true, true);
      let value = empty(token.at);
      if (scanner.peek().type === TokenType.Value) {
        scanner.take();
        if (!ends(scanner.peek().type)) value = this.#node(true, true);
      }
      content.push(key, value);
    }
    return this.#mapping(content, tag, 0);
  }

  #mapping(content: YNode[], tag: string, style: number): YNode {
    for (let i = 0; i < content.length; i += 2) {
      const key = content[i] as YNode;
      if (key.kind !== 'scalar') throw new Fault('value', 'a key of a mapping must be a text', key.at ?? 0);
      if (key.tag === '!!merge') return collection('map', tag, style, merged(content));
    }
    return collection('map', tag, style, content);
  }
}

function shortTag(tag: string): string {
  return tag === '!' ? '' : tag.startsWith('tag:yaml.org,2002:') ? `!!${tag.slice(18)}` : tag;
}

function scalar(value: string, plain: boolean, tag: string): YNode {
  const quoted = plain ? 0 : QUOTED;
  if (tag === BINARY || tag !== '') return { kind: 'scalar', tag, value, style: TAGGED | quoted, content: [] };
  return { kind: 'scalar', tag: plain ? resolve(value).tag : STR, value, style: quoted, content: [] };
}

function empty(at: number): YNode {
  return { kind: 'scalar', tag: '!!null', value: '', style: 0, content: [], at };
}

function collection(kind: 'map' | 'list', tag: string, style: number, content: YNode[]): YNode {
  return { kind, tag: tag !== '' ? tag : kind === 'map' ? MAP : LIST, value: '', style, content };
}

function sizeOf(node: YNode): number {
  let size = 1;
  for (const child of node.content) size += sizeOf(child);
  return size;
}

/** Keys of `<<`, in place of it: those written out win, and of several sources the first. */
function merged(content: YNode[]): YNode[] {
  const at = content.findIndex((key, i) => i % 2 === 0 && key.tag === '!!merge');
  const key = content[at] as YNode;
  const rest = content.filter((_, i) => i !== at && i !== at + 1);
  if (rest.some((other, i) => i % 2 === 0 && other.tag === '!!merge')) throw new Fault('value', 'duplicate merge key', key.at ?? 0);
  const source = content[at + 1] as YNode;
  const sources = source.kind === 'list' ? source.content.slice().reverse() : [source];
  const result = new Map<string, [YNode, YNode]>();
  for (const each of sources) {
    if (each.kind !== 'map') throw new Fault('value', 'map merge requires map or sequence of maps as the value', key.at ?? 0);
    for (let i = 0; i < each.content.length; i += 2)
      result.set((each.content[i] as YNode).value, [each.content[i] as YNode, each.content[i + 1] as YNode]);
  }
  const own = new Set(rest.filter((_, i) => i % 2 === 0).map((each) => each.value));
  return [...rest, ...[...result].filter(([name]) => !own.has(name)).flatMap(([, pair]) => pair)];
}
