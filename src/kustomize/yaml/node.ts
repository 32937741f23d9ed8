import type { Json } from '../../model/index.js';

/**
 * The document model: what go-yaml v3 calls a node, without comments and positions of styles that never reach
 * the output. Transformers change nodes where they stand, and one node may stand in several places: Kustomize
 * shares them, and what it prints depends on it.
 */
export interface YNode {
  kind: 'scalar' | 'map' | 'list';
  /** `!!str`, `!!int`, …; '' where it follows from the text. */
  tag: string;
  /** Text of a scalar. */
  value: string;
  /** Bits of QUOTED, TAGGED, FLOW and FOLDED. */
  style: number;
  /** Items of a list; keys and values of a mapping by turns. */
  content: YNode[];
  /** A null that a merge keeps although it would clear others. */
  keep?: boolean;
  /** Offset in the text that it was read from. */
  at?: number;
  /** An OpenAPI schema that a comment beside it gives, which merges go by. */
  schema?: Json;
}

/** Written in quotes or as a block, so that a text is a string whatever it looks like. */
export const QUOTED = 1;
/** Written with an explicit tag. */
export const TAGGED = 2;
export const FLOW = 4;
/** Of quoted ones: written as a folded block (`>`). */
export const FOLDED = 8;

export const STR = '!!str';
export const NULL = '!!null';
export const MAP = '!!map';
export const LIST = '!!seq';
export const INT = '!!int';
export const BOOL = '!!bool';
export const FLOAT = '!!float';
export const BINARY = '!!binary';

/** A scalar whose type follows from its text. */
export function scalarNode(value: string, tag = '', style = 0): YNode {
  return { kind: 'scalar', tag, value, style, content: [] };
}

export function stringNode(value: string): YNode {
  return scalarNode(value, STR, value.includes('\n') ? QUOTED : 0);
}

export function mapNode(content: YNode[] = []): YNode {
  return { kind: 'map', tag: '', value: '', style: 0, content };
}

export function listNode(content: YNode[] = []): YNode {
  return { kind: 'list', tag: '', value: '', style: 0, content };
}

export function emptyNode(kind: YNode['kind']): YNode {
  return { kind, tag: '', value: '', style: 0, content: [] };
}

export function copyNode(node: YNode): YNode {
  return { ...node, content: node.content.map(copyNode) };
}

/** Makes a node what another is, where it stands. */
export function become(node: YNode, other: YNode): void {
  if (node === other) return;
  node.kind = other.kind;
  node.tag = other.tag;
  node.value = other.value;
  node.style = other.style;
  node.content = other.content.slice();
  if (other.schema !== undefined) node.schema = other.schema;
}

export function isNull(node: YNode | undefined): node is undefined {
  return node === undefined || node.tag === NULL;
}

export function isEmptyMap(node: YNode | undefined): boolean {
  return isNull(node) || ((node as YNode).kind === 'map' && (node as YNode).content.length === 0);
}

/** Null, missing, or a collection without content. An empty text is not empty. */
export function isEmpty(node: YNode | undefined): boolean {
  return isNull(node) || ((node as YNode).kind !== 'scalar' && (node as YNode).content.length === 0);
}

export function isText(node: YNode): boolean {
  return node.kind === 'scalar' && (node.tag === STR || node.tag === '');
}

/** The text of a scalar; '' for null and nothing. */
export function textOf(node: YNode | undefined): string {
  return isNull(node) ? '' : (node as YNode).value;
}

/** Value of a mapping's first key with this text; undefined also for what is no mapping. */
export function fieldOf(node: YNode | undefined, name: string): YNode | undefined {
  if (node === undefined || node.kind !== 'map') return undefined;
  const { content } = node;
  for (let i = 0; i < content.length; i += 2) if ((content[i] as YNode).value === name) return content[i + 1];
  return undefined;
}

export function removeField(node: YNode, name: string): void {
  const at = indexOfField(node, name);
  if (at >= 0) node.content.splice(at, 2);
}

function indexOfField(node: YNode, name: string): number {
  const { content } = node;
  for (let i = 0; i < content.length; i += 2) if ((content[i] as YNode).value === name) return i;
  return -1;
}

/** The node of a mapping's key. */
export function keyOf(node: YNode | undefined, name: string): YNode | undefined {
  if (node === undefined || node.kind !== 'map') return undefined;
  const at = indexOfField(node, name);
  return at < 0 ? undefined : node.content[at];
}

/** The distinct keys of a mapping, as they stand. */
export function keysOf(node: YNode): string[] {
  const keys: string[] = [];
  for (let i = 0; i < node.content.length; i += 2) keys.push((node.content[i] as YNode).value);
  return keys;
}
