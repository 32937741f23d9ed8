import { compareElements, type Path, type PathElement } from './element.js';

/**
 * A set of paths into an object, as a trie: structured-merge-diff's fieldpath.Set. Values are immutable once
 * made; algebra shares what it does not change. A node is a member, has children (never an empty set), or both.
 */
export type FieldSet = ReadonlyMap<PathElement, FieldNode>;

export interface FieldNode {
  /** Whether the path that ends here is in the set. */
  readonly member: boolean;
  /** Members further in. */
  readonly children: FieldSet | undefined;
}

/** A set under construction; it becomes a FieldSet by not being changed any more. */
export type FieldSetBuilder = Map<PathElement, { member: boolean; children: FieldSetBuilder | undefined }>;

export const emptyFieldSet: FieldSet = new Map();
const leaf: FieldNode = { member: true, children: undefined };

/** Adds a path (not the empty one, which no set can hold) and all that leads to it. */
export function addPath(builder: FieldSetBuilder, path: Path): void {
  let at = builder;
  for (let i = 0; i < path.length; i++) {
    const element = path[i] as PathElement;
    let node = at.get(element);
    if (node === undefined) {
      node = { member: false, children: undefined };
      at.set(element, node);
    }
    if (i === path.length - 1) node.member = true;
    else {
      node.children ??= new Map();
      at = node.children;
    }
  }
}

export function fieldSetFrom(paths: Iterable<Path>): FieldSet {
  const builder: FieldSetBuilder = new Map();
  for (const path of paths) addPath(builder, path);
  return builder;
}

export function hasPath(set: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = set;
  for (let i = 0; i < path.length; i++) {
    const node: FieldNode | undefined = at?.get(path[i] as PathElement);
    if (node === undefined) return false;
    if (i === path.length - 1) return node.member;
    at = node.children;
  }
  return false;
}

/** The set below a path, relative to it; empty where there is none. */
export function subsetAt(set: FieldSet, path: Path): FieldSet {
  let at: FieldSet = set;
  for (const element of path) {
    const next = at.get(element)?.children;
    if (next === undefined) return emptyFieldSet;
    at = next;
  }
  return at;
}

/** Number of paths. */
export function setSize(set: FieldSet): number {
  let count = 0;
  for (const node of set.values()) count += (node.member ? 1 : 0) + (node.children === undefined ? 0 : setSize(node.children));
  return count;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [element, left] of a) {
    const right = b.get(element);
    if (right === undefined || left.member !== right.member) return false;
    if (left.children === right.children) continue;
    if (left.children === undefined || right.children === undefined || !equalSets(left.children, right.children)) return false;
  }
  return true;
}

export function isSubset(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  for (const [element, left] of a) {
    const right = b.get(element);
    if (right === undefined || (left.member && !right.member)) return false;
    if (left.children !== undefined && (right.children === undefined || !isSubset(left.children, right.children))) return false;
  }
  return true;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  if (isSubset(b, a)) return a;
  const out = new Map(a);
  for (const [element, right] of b) {
    const left = out.get(element);
    if (left === undefined) out.set(element, right);
    else out.set(element, { member: left.member || right.member, children: unionOf(left.children, right.children) });
  }
  return out;
}

function unionOf(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : union(a, b);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (a.size === 0 || b.size === 0) return emptyFieldSet;
  const out = new Map<PathElement, FieldNode>();
  for (const [element, left] of a) {
    const right = b.get(element);
    if (right === undefined) continue;
    const children = left.children === undefined || right.children === undefined ? undefined : intersection(left.children, right.children);
    put(out, element, left.member && right.member, children);
  }
  return out;
}

/** The paths of `a` that are not in `b`. A path in `b` does not take away what lies below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** The paths of `a` that are neither in `b` nor below a path in `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet {
  if (a.size === 0 || b.size === 0) return a;
  let out: Map<PathElement, FieldNode> | undefined;
  for (const [element, right] of b) {
    const left = a.get(element);
    if (left === undefined) continue;
    const member = left.member && !right.member;
    let children = left.children;
    if (children !== undefined && recursive && right.member) children = undefined;
    else if (children !== undefined && right.children !== undefined) children = subtract(children, right.children, recursive);
    if (children !== undefined && children.size === 0) children = undefined;
    if (member === left.member && children === left.children) continue;
    out ??= new Map(a);
    if (member || children !== undefined) out.set(element, { member, children });
    else out.delete(element);
  }
  return out ?? a;
}

/** The members that have no members below them. */
export function leaves(set: FieldSet): FieldSet {
  const out = new Map<PathElement, FieldNode>();
  for (const [element, node] of set) {
    if (node.children === undefined) out.set(element, leaf);
    else out.set(element, { member: false, children: leaves(node.children) });
  }
  return out;
}

function put(out: Map<PathElement, FieldNode>, element: PathElement, member: boolean, children: FieldSet | undefined): void {
  const kept = children !== undefined && children.size > 0 ? children : undefined;
  if (kept === undefined && member) out.set(element, leaf);
  else if (kept !== undefined) out.set(element, { member, children: kept });
}

/** The elements of one level in upstream's order. */
export function sortedElements(set: FieldSet): PathElement[] {
  const elements = [...set.keys()];
  for (let i = 1; i < elements.length; i++)
    if (compareElements(elements[i - 1] as PathElement, elements[i] as PathElement) > 0) return elements.sort(compareElements);
  return elements;
}

/** Calls `visit` with every path, in upstream's order: the members of a level, then what lies below them. */
export function eachPath(set: FieldSet, visit: (path: Path) => void): void {
  walk(set, [], visit);
}

function walk(set: FieldSet, prefix: Path, visit: (path: Path) => void): void {
  const elements = sortedElements(set);
  for (const element of elements) if (set.get(element)?.member) visit([...prefix, element]);
  for (const element of elements) {
    const children = set.get(element)?.children;
    if (children !== undefined) walk(children, [...prefix, element], visit);
  }
}

export function pathsOf(set: FieldSet): Path[] {
  const paths: Path[] = [];
  eachPath(set, (path) => paths.push(path));
  return paths;
}
