import type { Json } from '../../model/index.js';
import { setOwn } from '../../model/index.js';
import { findForbidden } from './chars.js';
import { Fault } from './fault.js';
import { type Resolved, resolvePlain, resolveTagged, toJson, toKey } from './resolve.js';
import { Scanner, type Token, TokenType } from './scanner.js';

/** Where a node and what is in it stand, as offsets into the document's text. */
export interface Place {
  at: number;
  items?: Place[];
  fields?: Map<string, { key: number; value: Place }>;
}

export interface Lint {
  message: string;
  offset: number;
}

export interface ParsedText {
  value: Json;
  /** Offset of the root node. */
  at: number;
  lints: Lint[];
  /** Offset of text that stands after the end of the document and that Kubernetes therefore ignores. */
  ignoredFrom: number | undefined;
  place: Place | undefined;
}

export interface ParseOptions {
  maxDepth: number;
  /** Also record where everything stands. */
  places?: boolean;
  jsonEscapes?: boolean;
}

/** A finished node: its value, or for a scalar what it was resolved to, since a key reads it differently. */
interface Node {
  scalar: Resolved | undefined;
  value: Json;
  /** How often go-yaml decodes something for this node: what its alias check counts. */
  cost: number;
  place: Place | undefined;
  /** The plain word `<<`, which as a key merges. */
  merge: boolean;
  alias: boolean;
}

const MERGE = 'tag:yaml.org,2002:merge';

/** How many repeated keys of one document are reported. */
const maxLints = 100;

/** Below this many decodes nearly all may come from aliases; above the second only a tenth. */
const ratioLow = 400_000;
const ratioHigh = 4_000_000;

function allowedRatio(decodes: number): number {
  if (decodes <= ratioLow) return 0.99;
  if (decodes >= ratioHigh) return 0.1;
  return 0.99 - (0.89 * (decodes - ratioLow)) / (ratioHigh - ratioLow);
}

/**
 * Reads the first document of a text, as go-yaml does: what follows its end is not looked at.
 * @throws Fault
 */
export function parseDocument(text: string, options: ParseOptions): ParsedText | undefined {
  const bad = findForbidden(text);
  if (bad >= 0) throw new Fault('syntax', `the character U+${hex(text.charCodeAt(bad))} is not allowed in YAML`, bad);
  return new Parser(`${text}\0`, options).document();
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}

class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, Node | undefined>();
  readonly #lints: Lint[] = [];
  readonly #places: boolean;
  readonly #maxDepth: number;
  #depth = 0;
  #decodes = 1;
  #aliasDecodes = 0;
  readonly #text: string;

  constructor(text: string, options: ParseOptions) {
    this.#text = text;
    this.#scanner = new Scanner(text, options.maxDepth, options.jsonEscapes);
    this.#places = options.places ?? false;
    this.#maxDepth = options.maxDepth;
  }

  document(): ParsedText | undefined {
    const scanner = this.#scanner;
    let token = scanner.peek();
    if (token.type === TokenType.StreamEnd) return undefined;
    let empty = false;
    if (token.type === TokenType.DocumentStart) {
      scanner.take();
      token = scanner.peek();
      empty = token.type === TokenType.StreamEnd || token.type === TokenType.DocumentEnd || token.type === TokenType.DocumentStart;
    }
    const node = empty ? this.#empty(token.at) : this.#node(true, false);
    const value = this.#json(node, token.at);
    const after = scanner.peek();
    const ignored = this.#ignoredFrom(after);
    return { value, at: token.at, lints: this.#lints, ignoredFrom: ignored, place: node.place };
  }

  #ignoredFrom(after: Token): number | undefined {
    if (after.type === TokenType.StreamEnd) return undefined;
    let at = after.type === TokenType.DocumentEnd ? after.at + 3 : after.at;
    while (at < this.#text.length - 1) {
      let end = this.#text.indexOf('\n', at);
      if (end < 0) end = this.#text.length - 1;
      const line = this.#text.slice(at, end).trim();
      if (line !== '' && line !== '...' && !line.startsWith('#')) return at + this.#text.slice(at, end).search(/\S/);
      at = end + 1;
    }
    return undefined;
  }

  #count(times: number, viaAlias: boolean, offset: number): void {
    this.#decodes += times;
    if (viaAlias) this.#aliasDecodes += times;
    if (this.#aliasDecodes > 100 && this.#decodes > 1000 && this.#aliasDecodes / this.#decodes > allowedRatio(this.#decodes))
      throw new Fault('aliases', 'the document repeats itself through aliases out of all proportion', offset);
  }

  #scalar(resolved: Resolved, at: number): Node {
    this.#count(1, false, at);
    return { scalar: resolved, value: null, cost: 1, place: this.#places ? { at } : undefined, merge: false, alias: false };
  }

  #empty(at: number): Node {
    return this.#scalar(resolvePlain(''), at);
  }

  #json(node: Node, at: number): Json {
    return node.scalar === undefined ? node.value : toJson(node.scalar, at);
  }

  #node(block: boolean, indentless: boolean): Node {
    const scanner = this.#scanner;
    let token = scanner.peek();
    if (token.type === TokenType.Alias) {
      scanner.take();
      return this.#alias(token);
    }
    const at = token.at;
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      if (token.type === TokenType.Anchor && anchor === undefined) anchor = token.text;
      else if (token.type === TokenType.Tag && tag === undefined) tag = token.text;
      else break;
      scanner.take();
      token = scanner.peek();
    }
    // An alias inside the node that it names is an error, so the name is taken before the node is read.
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const node = this.#content(token, { block, indentless, tag, bare: anchor === undefined && tag === undefined, at });
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #content(token: Token, props: { block: boolean; indentless: boolean; tag: string | undefined; bare: boolean; at: number }): Node {
    const scanner = this.#scanner;
    const { block, tag, at } = props;
    switch (token.type) {
      case TokenType.Scalar:
        scanner.take();
        return this.#written(token, tag, at);
      case TokenType.FlowSequenceStart:
        return this.#nested(at, () => this.#flowSequence());
      case TokenType.FlowMappingStart:
        return this.#nested(at, () => this.#flowMapping(at));
      case TokenType.BlockEntry:
        if (props.indentless) return this.#nested(at, () => this.#indentlessSequence(at));
        break;
      case TokenType.SequenceStart:
        if (block) return this.#nested(at, () => this.#blockSequence());
        break;
      case TokenType.MappingStart:
        if (block) return this.#nested(at, () => this.#blockMapping(at));
        break;
    }
    if (props.bare) throw new Fault('syntax', expectedInstead(token, 'a value'), token.at);
    return this.#scalar(tag === undefined ? resolvePlain('') : resolveTagged(tag, '', at), at);
  }

  #written(token: Token, tag: string | undefined, at: number): Node {
    const { text, plain } = token;
    let resolved: Resolved;
    if (tag !== undefined) resolved = resolveTagged(tag, text, at);
    else resolved = plain ? resolvePlain(text) : { type: 'string', value: text };
    const node = this.#scalar(resolved, at);
    if (text === '<<') node.merge = tag === undefined ? plain : tag === '!' || tag === MERGE;
    return node;
  }

  #nested(at: number, read: () => Node): Node {
    if (++this.#depth > this.#maxDepth) throw new Fault('depth', `nested deeper than ${this.#maxDepth} levels`, at);
    const node = read();
    this.#depth--;
    return node;
  }

  #alias(token: Token): Node {
    const target = this.#anchors.get(token.text);
    if (target === undefined) {
      const problem = this.#anchors.has(token.text)
        ? `the anchor &${token.text} holds itself`
        : `there is no anchor &${token.text} before this alias`;
      throw new Fault('value', problem, token.at);
    }
    this.#count(1, false, token.at);
    this.#count(target.cost, true, token.at);
    const value = target.scalar === undefined ? copy(target.value) : null;
    return { scalar: target.scalar, value, cost: target.cost + 1, place: target.place, merge: false, alias: true };
  }

  #sequence(at: number): { node: Node; add: (item: Node, itemAt: number) => void } {
    this.#count(1, false, at);
    const items: Json[] = [];
    const places: Place[] | undefined = this.#places ? [] : undefined;
    const node: Node = { scalar: undefined, value: items, cost: 1, place: places && { at, items: places }, merge: false, alias: false };
    return {
      node,
      add: (item, itemAt) => {
        items.push(this.#json(item, itemAt));
        node.cost += item.cost;
        if (item.place) places?.push(item.place);
      },
    };
  }

  #blockSequence(): Node {
    const scanner = this.#scanner;
    const { node, add } = this.#sequence(scanner.take().at);
    for (;;) {
      const token = scanner.take();
      if (token.type === TokenType.BlockEnd) return node;
      if (token.type !== TokenType.BlockEntry) throw new Fault('syntax', expectedInstead(token, "'- ' or less indentation"), token.at);
      const next = scanner.peek();
      const none = next.type === TokenType.BlockEntry || next.type === TokenType.BlockEnd;
      add(none ? this.#empty(token.at) : this.#node(true, false), next.at);
    }
  }

  #indentlessSequence(at: number): Node {
    const scanner = this.#scanner;
    const { node, add } = this.#sequence(at);
    for (let token = scanner.peek(); token.type === TokenType.BlockEntry; token = scanner.peek()) {
      scanner.take();
      const next = scanner.peek();
      const none =
        next.type === TokenType.BlockEntry ||
        next.type === TokenType.Key ||
        next.type === TokenType.Value ||
        next.type === TokenType.BlockEnd;
      add(none ? this.#empty(token.at) : this.#node(true, false), next.at);
    }
    return node;
  }

  #flowSequence(): Node {
    const scanner = this.#scanner;
    const { node, add } = this.#sequence(scanner.take().at);
    for (let first = true; ; first = false) {
      let token = scanner.peek();
      if (token.type !== TokenType.FlowSequenceEnd && !first) {
        if (token.type !== TokenType.FlowEntry) throw new Fault('syntax', expectedInstead(token, "',' or ']'"), token.at);
        scanner.take();
        token = scanner.peek();
      }
      if (token.type === TokenType.FlowSequenceEnd) {
        scanner.take();
        return node;
      }
      add(token.type === TokenType.Key ? this.#nested(token.at, () => this.#flowPair()) : this.#node(false, false), token.at);
    }
  }

  /** `[a: b]`: a mapping of one pair without braces. */
  #flowPair(): Node {
    const scanner = this.#scanner;
    const mapping = this.#mapping(scanner.take().at);
    const token = scanner.peek();
    let key: Node;
    if (token.type !== TokenType.Value && token.type !== TokenType.FlowEntry && token.type !== TokenType.FlowSequenceEnd)
      key = this.#node(false, false);
    else {
      // libyaml drops this token; a pair without a key is an error further on either way.
      scanner.take();
      key = this.#empty(token.at);
    }
    let value: Node | undefined;
    let at = scanner.peek().at;
    if (scanner.peek().type === TokenType.Value) {
      scanner.take();
      const next = scanner.peek();
      at = next.at;
      if (next.type !== TokenType.FlowEntry && next.type !== TokenType.FlowSequenceEnd) value = this.#node(false, false);
    }
    mapping.set({ token, node: key }, value ?? this.#empty(at), at);
    return mapping.node;
  }

  #flowMapping(at: number): Node {
    const scanner = this.#scanner;
    const mapping = this.#mapping(at);
    scanner.take();
    for (let first = true; ; first = false) {
      let token = scanner.peek();
      if (token.type !== TokenType.FlowMappingEnd && !first) {
        if (token.type !== TokenType.FlowEntry) throw new Fault('syntax', expectedInstead(token, "',' or '}'"), token.at);
        scanner.take();
        token = scanner.peek();
      }
      if (token.type === TokenType.FlowMappingEnd) {
        scanner.take();
        return mapping.node;
      }
      if (token.type !== TokenType.Key) {
        const key = { token, node: this.#node(false, false) };
        mapping.set(key, this.#empty(token.at), token.at);
        continue;
      }
      scanner.take();
      token = scanner.peek();
      const none = token.type === TokenType.Value || token.type === TokenType.FlowEntry || token.type === TokenType.FlowMappingEnd;
      const key = { token, node: none ? this.#empty(token.at) : this.#node(false, false) };
      let value: Node | undefined;
      let valueAt = token.at;
      if (scanner.peek().type === TokenType.Value) {
        scanner.take();
        const next = scanner.peek();
        valueAt = next.at;
        if (next.type !== TokenType.FlowEntry && next.type !== TokenType.FlowMappingEnd) value = this.#node(false, false);
      }
      mapping.set(key, value ?? this.#empty(valueAt), valueAt);
    }
  }

  #blockMapping(at: number): Node {
    const scanner = this.#scanner;
    const mapping = this.#mapping(at);
    scanner.take();
    for (;;) {
      const token = scanner.take();
      if (token.type === TokenType.BlockEnd) return mapping.node;
      if (token.type !== TokenType.Key) throw new Fault('syntax', expectedInstead(token, 'a key or less indentation'), token.at);
      const keyToken = scanner.peek();
      const key = { token: keyToken, node: endsBlockPair(keyToken) ? this.#empty(token.at) : this.#node(true, true) };
      let value: Node | undefined;
      let valueAt = keyToken.at;
      const colon = scanner.peek();
      if (colon.type === TokenType.Value) {
        scanner.take();
        const next = scanner.peek();
        valueAt = endsBlockPair(next) ? colon.at : next.at;
        if (!endsBlockPair(next)) value = this.#node(true, true);
      }
      mapping.set(key, value ?? this.#empty(valueAt), valueAt);
    }
  }

  #mapping(at: number): { node: Node; set: (key: { token: Token; node: Node }, value: Node, valueAt: number) => void } {
    this.#count(1, false, at);
    const target: { [key: string]: Json } = {};
    const fields: Place['fields'] = this.#places ? new Map() : undefined;
    const node: Node = { scalar: undefined, value: target, cost: 1, place: fields && { at, fields }, merge: false, alias: false };
    let written: Set<string> | undefined;
    const mergeFrom = (source: Json, place: Place | undefined, offset: number) => {
      if (source === null || typeof source !== 'object' || Array.isArray(source))
        throw new Fault('value', "the value of '<<' must be a mapping or a list of mappings", offset);
      written ??= new Set(Object.keys(target));
      for (const key of Object.keys(source)) {
        setOwn(target, key, source[key] as Json);
        const field = place?.fields?.get(key);
        if (field) fields?.set(key, field);
      }
    };
    const merge = (value: Node, offset: number) => {
      this.#decodes -= 1;
      node.cost += value.cost;
      if (!Array.isArray(value.value) || value.alias) {
        mergeFrom(value.alias && Array.isArray(value.value) ? null : value.value, value.place, offset);
        return;
      }
      this.#decodes -= 1;
      node.cost -= 1;
      // Earlier items win, so they are written last.
      for (let i = value.value.length - 1; i >= 0; i--) mergeFrom(value.value[i] as Json, value.place?.items?.[i], offset);
    };
    return {
      node,
      set: (key, value, valueAt) => {
        if (key.node.merge) {
          merge(value, valueAt);
          return;
        }
        const { node: keyNode, token } = key;
        if (keyNode.scalar === undefined) throw new Fault('value', 'a list or mapping cannot be a key in Kubernetes', token.at);
        const name = toKey(keyNode.scalar);
        if (name === undefined)
          throw new Fault('value', `${describeKeyType(keyNode.scalar)} cannot be a key in Kubernetes; quote it to make it text`, token.at);
        if (Object.hasOwn(target, name) && (written === undefined || written.has(name))) {
          if (this.#lints.length < maxLints)
            this.#lints.push({ message: `the key "${name}" stands here a second time; the last one counts`, offset: token.at });
        }
        written?.add(name);
        setOwn(target, name, this.#json(value, valueAt));
        node.cost += keyNode.cost + value.cost;
        if (value.place) fields?.set(name, { key: token.at, value: value.place });
      },
    };
  }
}

function describeKeyType(scalar: Resolved): string {
  return scalar.type === 'null' ? 'null' : 'an integer beyond 63 bits';
}

function endsBlockPair(token: Token): boolean {
  return token.type === TokenType.Key || token.type === TokenType.Value || token.type === TokenType.BlockEnd;
}

function copy(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copy);
  const out: { [key: string]: Json } = {};
  for (const key of Object.keys(value)) setOwn(out, key, copy(value[key] as Json));
  return out;
}

const names: { [type: number]: string } = {
  [TokenType.StreamEnd]: 'the end of the file',
  [TokenType.DocumentStart]: "'---'",
  [TokenType.DocumentEnd]: "'...'",
  [TokenType.BlockEnd]: 'less indentation',
  [TokenType.FlowSequenceStart]: "'['",
  [TokenType.FlowSequenceEnd]: "']'",
  [TokenType.FlowMappingStart]: "'{'",
  [TokenType.FlowMappingEnd]: "'}'",
  [TokenType.BlockEntry]: "'- '",
  [TokenType.FlowEntry]: "','",
  [TokenType.Value]: "':'",
};

function expectedInstead(token: Token, expected: string): string {
  return `expected ${expected}, but found ${names[token.type] ?? 'something else'}`;
}
