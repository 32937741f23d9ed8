import type { ASTNode } from '@marcbachmann/cel-js';
import type { StructuralSchema } from '../types.js';
import { loadedEngine } from './engine.js';
import { mostTimes, plain, type Sized, sizesOf } from './sizes.js';

/** The largest cost there is: what is larger, or not known, counts as that. */
const limitless = 2 ** 64;
const add = (...costs: number[]) =>
  Math.min(
    costs.reduce((a, b) => a + b, 0),
    limitless,
  );
export const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : Math.min(a * b, limitless));

/** A step through text costs a tenth of a step through a list. */
const text = 0.1;
const pattern = 0.25;
const through = (size: number, factor: number) => Math.min(Math.ceil(size * factor), limitless);

interface Range {
  min: number;
  max: number;
}

const unknown: Range = { min: 0, max: limitless };
const both = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
const plus = (a: Range, b: Range): Range => ({ min: add(a.min, b.min), max: add(a.max, b.max) });
const product = (a: Range, b: Range): Range => ({ min: times(a.min, b.min), max: times(a.max, b.max) });

/** What the estimate knows of a part of a rule. */
interface Part {
  cost: number;
  type: Sized;
  /** The size that the rule itself tells. */
  size?: Range;
  /** Whether the schema tells the type's largest size. */
  declared?: boolean;
  /** What a whole number in the rule is. */
  number?: number;
}

const dyn = plain('dyn');
const bool = plain('bool');
const int = plain('int');
const string = plain('string');
const listOf = (item: Sized): Sized => ({ kind: 'list', most: 0, least: 2, item });

const fixed = new Set<Sized['kind']>(['bool', 'int', 'double', 'duration', 'timestamp', 'null', 'other']);

function sizeOf({ size, declared, type }: Part): Range {
  if (size) return size;
  if (declared) return { min: 0, max: type.most };
  return fixed.has(type.kind) ? { min: 1, max: 1 } : unknown;
}

/** Tells what rules of one place in a schema can cost at most, in the units of the API server. */
export interface Estimate {
  /** The cost of a rule evaluated once. */
  of(rule: string): number;
  /** How often the place can be there where nothing around it is bounded. */
  mostTimes: number;
}

/** Undefined where rules cannot be declared on the place. The engine has to be loaded. */
export function costEstimate(schema: StructuralSchema, root: boolean): Estimate | undefined {
  const self = sizesOf(schema, root);
  const engine = loadedEngine();
  if (!self || !engine) return undefined;
  const scope: Scope = new Map(['self', 'oldSelf'].map((name) => [name, { cost: 1, type: self, declared: true }]));
  return { mostTimes: mostTimes(self.least), of: (rule) => estimate(engine.dynamic.parse(rule).ast, scope).cost };
}

type Scope = ReadonlyMap<string, Part>;

function estimate(node: ASTNode, scope: Scope): Part {
  const within = (child: ASTNode) => estimate(child, scope);
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      return scope.get(node.args) ?? { cost: 1, type: plain('other') };
    case '.':
    case '.?':
      return select(within(node.args[0]), node.args[1]);
    case '[]':
    case '[?]':
      return index(within(node.args[0]), within(node.args[1]));
    case 'list': {
      const items = node.args.map(within);
      return { cost: add(10, ...items.map((i) => i.cost)), type: listOf(items[0]?.type ?? dyn), size: exactly(items.length) };
    }
    case 'map': {
      const entries = node.args.map(([key, value]) => [within(key), within(value)] as const);
      const type: Sized = { kind: 'map', most: 0, least: 2, key: entries[0]?.[0].type ?? dyn, item: entries[0]?.[1].type ?? dyn };
      return { cost: add(30, ...entries.flat().map((part) => part.cost)), type, size: exactly(entries.length) };
    }
    case '?:': {
      const [test, yes, no] = node.args.map(within) as [Part, Part, Part];
      const type = yes.type.kind === 'null' ? no.type : yes.type;
      return { cost: add(test.cost, Math.max(yes.cost, no.cost)), type, size: both(sizeOf(yes), sizeOf(no)) };
    }
    case '!_':
      return { cost: add(1, within(node.args).cost), type: bool };
    case '-_': {
      const of = within(node.args);
      return node.args.op === 'value' ? of : { cost: add(1, of.cost), type: of.type };
    }
    case 'call':
      return call(node.args[0], node.args[1], scope);
    case 'rcall': {
      const [name, target, args] = node.args;
      const first = args[0];
      if (first?.op === 'id' && folds.has(name) && args.length > 1) return fold(name, within(target), { of: first.args, args }, scope);
      return method(name, within(target), args.map(within));
    }
    default:
      return binary(node.op, within((node.args as [ASTNode, ASTNode])[0]), within((node.args as [ASTNode, ASTNode])[1]));
  }
}

const exactly = (size: number): Range => ({ min: size, max: size });

function literal(value: unknown): Part {
  const of = (type: Sized, size = 1): Part => ({ cost: 0, type, size: exactly(size) });
  if (typeof value === 'string') return of(string, Buffer.byteLength(value));
  if (value instanceof Uint8Array) return of(plain('bytes'), value.length);
  if (typeof value === 'boolean') return of(bool);
  if (typeof value === 'number') return of(plain('double'));
  return value === null ? of(plain('null')) : { ...of(int), number: Number(value) };
}

function select(of: Part, field: string): Part {
  const { kind, fields, item } = of.type;
  const cost = add(of.cost, kind === 'map' || kind === 'object' ? 1 : 0);
  const child = kind === 'object' ? fields?.get(field) : undefined;
  if (child) return { cost, type: child, declared: of.declared === true };
  return { cost, type: (kind === 'map' ? item : undefined) ?? dyn };
}

function index(of: Part, by: Part): Part {
  const item = of.type.item;
  return { cost: add(1, of.cost, by.cost), type: item ?? dyn, declared: of.declared === true && item !== undefined };
}

const comparisons = new Set<string>(['<', '<=', '>', '>=', '==', '!=']);

function binary(op: string, a: Part, b: Part): Part {
  const args = add(a.cost, b.cost);
  const may = (kind: Sized['kind']) => (a.type.kind === kind || a.type.kind === 'dyn') && (b.type.kind === kind || b.type.kind === 'dyn');
  if (op === '&&' || op === '||') return { cost: args, type: bool };
  if (op === 'in') return { cost: add(args, b.type.kind === 'map' ? 1 : sizeOf(b).max), type: bool };
  if (comparisons.has(op)) {
    const texts = op === '==' || op === '!=' || may('string') || may('bytes');
    const least = op === '==' || op === '!=' ? 0 : a.type.kind === 'dyn' || b.type.kind === 'dyn' ? 1 : 0;
    return { cost: add(args, texts ? Math.max(through(Math.min(sizeOf(a).max, sizeOf(b).max), text), least) : 1), type: bool };
  }
  if (op === '+' && (may('string') || may('bytes') || may('list'))) {
    const size = plus(sizeOf(a), sizeOf(b));
    const cost = may('string') || may('bytes') ? through(size.max, text) : 1;
    return { cost: add(args, cost), type: a.type.kind === 'dyn' ? b.type : { ...a.type, most: 0 }, size };
  }
  return { cost: add(1, args), type: a.type.kind === 'dyn' ? b.type : plain(a.type.kind) };
}

const made: { [name: string]: Sized } = {
  bool,
  bytes: plain('bytes'),
  double: plain('double'),
  duration: plain('duration'),
  int,
  isQuantity: bool,
  isURL: bool,
  matches: bool,
  size: int,
  string,
  timestamp: plain('timestamp'),
  uint: int,
};

function call(name: string, nodes: readonly ASTNode[], scope: Scope): Part {
  // Looking whether a field is there costs nothing.
  if (name === 'has') return { cost: 0, type: bool };
  const args = nodes.map((node) => estimate(node, scope));
  const first = args[0];
  const sum = add(...args.map((a) => a.cost));
  const type = name === 'dyn' ? dyn : (made[name] ?? plain('other'));
  if (!first) return { cost: 1, type };
  const size = sizeOf(first);
  const kind = first.type.kind;
  if (name === 'url') return { cost: add(sum, through(size.max, text)), type };
  if (name === 'bytes' && kind !== 'bytes')
    return { cost: add(sum, through(size.max, text)), type, size: { min: size.min, max: times(size.max, 4) } };
  if (name === 'string' && (kind === 'bytes' || kind === 'dyn'))
    return { cost: add(sum, through(size.max, text)), type, size: { min: Math.floor(size.min / 4), max: size.max } };
  return { cost: add(1, sum), type };
}

const folds = new Set(['all', 'exists', 'exists_one', 'existsOne', 'filter', 'map']);

/** A macro that goes through a list, or through a map's keys. */
function fold(name: string, over: Part, variable: { of: string; args: readonly ASTNode[] }, scope: Scope): Part {
  const type = (over.type.kind === 'map' ? over.type.key : over.type.item) ?? dyn;
  const inner: Scope = new Map([...scope, [variable.of, { cost: 1, type, declared: over.declared === true && type !== dyn }]]);
  const parts = variable.args.slice(1).map((node) => estimate(node, inner));
  const [first, second] = parts as [Part, Part | undefined];
  const range = sizeOf(over);
  const total = (each: number, around: number) => add(over.cost, around, times(range.max, each));
  switch (name) {
    case 'all':
      return { cost: total(add(3, first.cost), 1), type: bool };
    case 'exists':
      return { cost: total(add(4, first.cost), 1), type: bool };
    case 'filter':
      return { cost: total(add(13, first.cost), 11), type: listOf(type), size: { min: 0, max: range.max } };
    case 'map': {
      const to = second ?? first;
      const cost = second ? add(first.cost, 12, second.cost) : add(12, first.cost);
      return { cost: total(cost, 11), type: listOf(to.type), size: second ? { min: 0, max: range.max } : range };
    }
    default:
      return { cost: total(add(2, first.cost), 2), type: bool };
  }
}

const items = new Set(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf']);
const copies = new Set(['lowerAscii', 'upperAscii', 'substring', 'trim']);
const methods: { [name: string]: Sized } = {
  charAt: string,
  contains: bool,
  endsWith: bool,
  find: string,
  findAll: listOf(string),
  format: string,
  getEscapedPath: string,
  getHost: string,
  getHostname: string,
  getPort: string,
  getQuery: { kind: 'map', most: 0, least: 2, key: string, item: listOf(string) },
  getScheme: string,
  isSorted: bool,
  join: string,
  lowerAscii: string,
  matches: bool,
  replace: string,
  reverse: string,
  size: int,
  split: listOf(string),
  startsWith: bool,
  substring: string,
  trim: string,
  upperAscii: string,
};

function typeOfMethod(name: string, target: Part): Sized {
  if (name === 'sum' || name === 'min' || name === 'max') return target.type.item ?? dyn;
  // What is left takes parts of times.
  return methods[name] ?? int;
}

/** The size of a list's items, where the schema tells it. */
function itemSize({ declared, type }: Part): Range {
  if (!type.item) return unknown;
  return declared ? { min: 0, max: type.item.most } : unknown;
}

function method(name: string, target: Part, args: Part[]): Part {
  const type = typeOfMethod(name, target);
  const sum = add(target.cost, ...args.map((a) => a.cost));
  const size = sizeOf(target);
  const by = args[0];
  const done = (cost: number, result?: Range): Part => ({ cost: add(sum, cost), type, ...(result ? { size: result } : {}) });
  if (items.has(name)) {
    if (target.type.kind !== 'list') return done(through(size.max, text));
    const kind = target.type.item?.kind;
    const each = kind === 'string' || kind === 'bytes' ? add(1, through(itemSize(target).max, text)) : 1;
    return done(times(size.max, each));
  }
  if (copies.has(name)) return done(through(size.max, text), size);
  if (name === 'split') {
    const most = args[1]?.number;
    return done(through(size.max, 2 * text), { min: 0, max: most === undefined || most < 0 ? size.max : most });
  }
  if (name === 'join') {
    const between = (n: number) => Math.max(n - 1, 0);
    const items = target.type.item ? product(size, itemSize(target)) : { min: 0, max: 0 };
    const result = by ? plus(items, product(sizeOf(by), { min: between(size.min), max: between(size.max) })) : items;
    return done(through(result.max, text), result);
  }
  if (!by) return done(1);
  if (name === 'replace' && args[1]) return done(through(size.max, 2 * text), replaced(size, sizeOf(by), sizeOf(args[1])));
  if (name === 'startsWith' || name === 'endsWith') return done(through(sizeOf(by).max, text));
  if (name === 'contains') return done(times(through(size.max, text), through(sizeOf(by).max, text)));
  if (name === 'matches' || name === 'find' || name === 'findAll') {
    const cost = times(through(add(size.max, 1), text), through(sizeOf(by).max, pattern));
    return name === 'matches' ? done(cost) : done(cost, { min: 0, max: size.max });
  }
  return done(1);
}

/** How long a text can be after something in it was replaced. */
function replaced(size: Range, from: Range, to: Range): Range {
  const count = { min: 0, max: 0 };
  const kept = { min: 0, max: 0 };
  if (from.min === 0) {
    count.max = add(size.max, 1);
    kept.max = size.max;
  } else if (to.max <= from.min) kept.max = size.max;
  else count.max = Math.ceil(size.max / from.min);
  if (from.max === 0) {
    count.min = add(size.min, 1);
    kept.min = size.min;
  } else if (from.max <= to.min) kept.min = size.min;
  else count.min = Math.ceil(size.min / from.max);
  return plus(product(count, to), kept);
}
