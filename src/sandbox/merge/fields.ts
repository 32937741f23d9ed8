import { emptyFieldSet, type FieldSet, type FieldSetBuilder, type PathElement } from '../../manifest/index.js';
import { type Atom, deduce, isMembers, type ListAtom, type MapAtom } from './atom.js';
import { fieldOf, identify } from './element.js';

interface Node {
  member: boolean;
  children: FieldSetBuilder | undefined;
}

/** The fields that a value sets: its leaves, items of associative lists, and keys of maps. */
export function fieldsOf(value: unknown, atom: Atom): FieldSet {
  const root: Node = { member: false, children: undefined };
  visit(root, value, atom);
  return root.children ?? emptyFieldSet;
}

function visit(node: Node, value: unknown, open: Atom): void {
  const atom = deduce(open, value);
  if (atom.map !== undefined) visitMap(node, value, atom.map);
  else if (atom.scalar !== undefined) node.member = true;
  else if (atom.list !== undefined) visitList(node, value, atom.list);
}

function visitMap(node: Node, value: unknown, map: MapAtom): void {
  if (map.atomic) {
    node.member = true;
    return;
  }
  if (!isMembers(value)) return;
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    const named = map.field(key);
    const atom = named ?? map.element;
    const child: Node = { member: false, children: undefined };
    if (atom !== undefined) visit(child, member, atom);
    if (named === undefined || member === null || isEmptyMap(member)) child.member = true;
    attach(node, fieldOf(key), child);
  }
}

function isEmptyMap(value: unknown): boolean {
  if (!isMembers(value)) return false;
  for (const key in value) if (value[key] !== undefined) return false;
  return true;
}

function visitList(node: Node, value: unknown, list: ListAtom): void {
  if (!list.associative) {
    node.member = true;
    return;
  }
  if (!Array.isArray(value)) return;
  for (let i = 0; i < value.length; i++) {
    const { element } = identify(list, i, value[i]);
    if (element === undefined) continue;
    const child: Node = { member: false, children: undefined };
    visit(child, value[i], list.element);
    child.member = true;
    attach(node, element, child);
  }
}

function attach(node: Node, element: PathElement, child: Node): void {
  if (!child.member && child.children === undefined) return;
  node.children ??= new Map();
  node.children.set(element, child);
}

/**
 * The set with every field on the way to a member as a member too, as far as the schema names the field:
 * a structure is not there without being set by somebody.
 */
export function withNamedParents(set: FieldSet, atom: Atom | undefined): FieldSet {
  let out: FieldSetBuilder | undefined;
  for (const [element, node] of set) {
    if (node.children === undefined) continue;
    const isField = element.charCodeAt(0) === 102;
    const named = isField ? atom?.map?.field(element.slice(2)) : undefined;
    const inner = isField ? (named ?? atom?.map?.element) : atom?.list?.element;
    const children = withNamedParents(node.children, inner);
    const member = node.member || named !== undefined;
    if (member === node.member && children === node.children) continue;
    out ??= new Map(set) as FieldSetBuilder;
    out.set(element, { member, children: children as FieldSetBuilder });
  }
  return out ?? set;
}
