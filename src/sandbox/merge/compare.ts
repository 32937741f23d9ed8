import { addPath, type FieldSet, type FieldSetBuilder, type PathElement, recursiveDifference } from '../../manifest/index.js';
import { equalJson } from '../../model/index.js';
import { type Atom, atomAt, deduce, isMembers, type ListAtom, type MapAtom, type Members } from './atom.js';
import { fieldOf, identify } from './element.js';

/** How one value differs from another of the same type. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  added: FieldSetBuilder;
  modified: FieldSetBuilder;
  removed: FieldSetBuilder;
  path: PathElement[];
}

export function compareValues(before: unknown, after: unknown, atom: Atom): Comparison {
  const walk: Walk = { added: new Map(), modified: new Map(), removed: new Map(), path: [] };
  visit(walk, before, after, atom);
  return walk;
}

export function isSame(comparison: Comparison): boolean {
  return comparison.added.size === 0 && comparison.modified.size === 0 && comparison.removed.size === 0;
}

/** The comparison without what lies at or below the given fields. */
export function excluding(comparison: Comparison, fields: FieldSet | undefined): Comparison {
  if (fields === undefined || fields.size === 0) return comparison;
  return {
    added: recursiveDifference(comparison.added, fields),
    modified: recursiveDifference(comparison.modified, fields),
    removed: recursiveDifference(comparison.removed, fields),
  };
}

/** `undefined` is absent, `null` is a value. */
function visit(walk: Walk, before: unknown, after: unknown, open: Atom): void {
  if (before === after) return;
  const left = deduce(open, before);
  const right = deduce(open, after);
  let isLeaf: boolean;
  if (after === undefined) isLeaf = handle(walk, before, after, left);
  else if (before === undefined || left === right) isLeaf = handle(walk, before, after, right);
  else {
    handle(walk, before, after, left);
    isLeaf = handle(walk, before, after, right);
  }
  if (isLeaf) return;
  if (before === undefined) addPath(walk.added, walk.path);
  else if (after === undefined) addPath(walk.removed, walk.path);
}

/** @returns whether the place was compared as a whole */
function handle(walk: Walk, before: unknown, after: unknown, atom: Atom): boolean {
  if (atom.map !== undefined) return maps(walk, before, after, atom.map);
  if (atom.scalar === undefined && atom.list !== undefined) return lists(walk, before, after, atom.list);
  return whole(walk, before, after);
}

function whole(walk: Walk, before: unknown, after: unknown): true {
  if (before === undefined) addPath(walk.added, walk.path);
  else if (after === undefined) addPath(walk.removed, walk.path);
  else if (!equalJson(before, after)) addPath(walk.modified, walk.path);
  return true;
}

const none: Members = {};

function isEmpty(members: Members): boolean {
  for (const key in members) if (members[key] !== undefined) return false;
  return true;
}

function maps(walk: Walk, before: unknown, after: unknown, map: MapAtom): boolean {
  const left = isMembers(before) ? before : none;
  const right = isMembers(after) ? after : none;
  if (map.atomic || (isEmpty(left) && isEmpty(right))) return whole(walk, before, after);
  for (const key in left) {
    const ours = left[key];
    if (ours === undefined) continue;
    const theirs = Object.hasOwn(right, key) ? right[key] : undefined;
    if (ours !== theirs) member(walk, map, key, ours, theirs);
  }
  for (const key in right) {
    if (right[key] !== undefined && (!Object.hasOwn(left, key) || left[key] === undefined)) member(walk, map, key, undefined, right[key]);
  }
  return false;
}

function member(walk: Walk, map: MapAtom, key: string, before: unknown, after: unknown): void {
  const atom = atomAt(map, key);
  walk.path.push(fieldOf(key));
  if (atom === undefined) whole(walk, before, after);
  else visit(walk, before, after, atom);
  walk.path.pop();
}

function lists(walk: Walk, before: unknown, after: unknown, list: ListAtom): boolean {
  const left = Array.isArray(before) ? before : [];
  const right = Array.isArray(after) ? after : [];
  if (!list.associative || (left.length === 0 && right.length === 0)) return whole(walk, before, after);
  const theirs = byElement(list, right);
  const ours = byElement(list, left);
  for (const [element, item] of ours) at(walk, element, item, theirs.get(element), list.element);
  for (const [element, item] of theirs) if (!ours.has(element)) at(walk, element, undefined, item, list.element);
  return false;
}

function at(walk: Walk, element: PathElement, before: unknown, after: unknown, atom: Atom): void {
  if (before === after) return;
  walk.path.push(element);
  visit(walk, before, after, atom);
  walk.path.pop();
}

function byElement(list: ListAtom, items: readonly unknown[]): Map<PathElement, unknown> {
  const map = new Map<PathElement, unknown>();
  for (let i = 0; i < items.length; i++) {
    const { element } = identify(list, i, items[i]);
    if (element !== undefined && !map.has(element)) map.set(element, items[i]);
  }
  return map;
}
