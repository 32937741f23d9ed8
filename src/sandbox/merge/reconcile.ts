import { type FieldSet, fieldSetFrom, type PathElement, recursiveDifference, union } from '../../manifest/index.js';
import type { Atom } from './atom.js';

const done = new WeakMap<Atom, WeakMap<FieldSet, FieldSet>>();

/**
 * A manager's fields where the schema has become coarser since they were written: what lies inside of a value
 * that is now atomic becomes the value itself. The same set comes back where nothing of that kind is found.
 */
export function reconcile(set: FieldSet, atom: Atom): FieldSet {
  let known = done.get(atom);
  if (known === undefined) {
    known = new WeakMap();
    done.set(atom, known);
  }
  let result = known.get(set);
  if (result === undefined) {
    const atomics: PathElement[][] = [];
    visit(atomics, set, atom, [], false);
    if (atomics.length === 0) result = set;
    else {
      const coarse = fieldSetFrom(atomics);
      result = union(recursiveDifference(set, coarse), coarse);
    }
    known.set(set, result);
  }
  return result;
}

function visit(found: PathElement[][], set: FieldSet | undefined, atom: Atom, path: PathElement[], isAtomic: boolean): void {
  if (atom.map !== undefined) {
    const map = atom.map;
    if (map.deduced || set === undefined) return;
    if (!isAtomic && map.atomic) {
      if (set.size > 0) found.push([...path]);
      return;
    }
    for (const [element, node] of set) {
      const inner = element.charCodeAt(0) === 102 ? (map.field(element.slice(2)) ?? map.element) : map.element;
      if (inner !== undefined) descend(found, element, node, inner, path);
    }
    return;
  }
  if (atom.scalar !== undefined || atom.list === undefined) return;
  if (!isAtomic && !atom.list.associative) {
    found.push([...path]);
    return;
  }
  if (set !== undefined) for (const [element, node] of set) descend(found, element, node, atom.list.element, path);
}

function descend(
  found: PathElement[][],
  element: PathElement,
  node: { member: boolean; children: FieldSet | undefined },
  atom: Atom,
  path: PathElement[],
): void {
  path.push(element);
  visit(found, node.children, atom, path, node.member && node.children === undefined);
  path.pop();
}
