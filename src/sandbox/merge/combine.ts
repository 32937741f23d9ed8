import type { PathElement } from '../../manifest/index.js';
import { setOwn } from '../../model/index.js';
import { type Atom, atomAt, deduce, isMembers, type ListAtom, type MapAtom, type Members } from './atom.js';
import { identify } from './element.js';

/**
 * Lays an applied value over a live one. Both must have the type. What does not change is shared with the
 * live value; where nothing changes the live value itself comes back.
 */
export function combine(live: unknown, applied: unknown, open: Atom): unknown {
  if (applied === undefined || live === applied) return live;
  if (live === undefined) return applied;
  const atom = deduce(open, applied);
  if (atom.map !== undefined) return combineMaps(live, applied, atom.map);
  if (atom.scalar === undefined && atom.list !== undefined) return combineLists(live, applied, atom.list);
  return applied;
}

function combineMaps(live: unknown, applied: unknown, map: MapAtom): unknown {
  const left = isMembers(live) ? live : undefined;
  const right = isMembers(applied) ? applied : undefined;
  if (map.atomic || (isEmpty(left) && isEmpty(right))) return applied;
  if (right === undefined) return live;
  if (left === undefined) return applied;
  let out: Members | undefined;
  for (const key in right) {
    const theirs = right[key];
    if (theirs === undefined) continue;
    const ours = Object.hasOwn(left, key) ? left[key] : undefined;
    const child = atomAt(map, key);
    const merged = child === undefined ? theirs : combine(ours, theirs, child);
    if (merged === ours && ours !== undefined) continue;
    out ??= { ...left };
    setOwn(out, key, merged);
  }
  return out ?? left;
}

function isEmpty(members: Members | undefined): boolean {
  if (members === undefined) return true;
  for (const key in members) if (members[key] !== undefined) return false;
  return true;
}

interface Indexed {
  order: PathElement[];
  items: Map<PathElement, unknown>;
}

function index(list: ListAtom, value: readonly unknown[]): Indexed {
  const order: PathElement[] = [];
  const items = new Map<PathElement, unknown>();
  for (let i = 0; i < value.length; i++) {
    const { element } = identify(list, i, value[i]);
    if (element === undefined || items.has(element)) continue;
    order.push(element);
    items.set(element, value[i]);
  }
  return { order, items };
}

/**
 * The order of the result is structured-merge-diff's: items of both lists come in the applied order, those
 * of the live list stay where they stand between them, new ones follow what they follow in the applied list.
 */
function combineLists(live: unknown, applied: unknown, list: ListAtom): unknown {
  const left = Array.isArray(live) ? live : [];
  const right = Array.isArray(applied) ? applied : [];
  if (!list.associative || (left.length === 0 && right.length === 0)) return applied;
  const ours = index(list, left);
  const theirs = index(list, right);
  const shared = theirs.order.filter((element) => ours.items.has(element));
  let next = 0;
  const out: unknown[] = [];
  const put = (element: PathElement) => out.push(combine(ours.items.get(element), theirs.items.get(element), list.element));
  let l = 0;
  let r = 0;
  while (l < ours.order.length || r < theirs.order.length) {
    const mine = ours.order[l];
    const other = theirs.order[r];
    if (mine !== undefined && other !== undefined) {
      if (mine === other) {
        put(mine);
        l++;
        r++;
        next++;
        continue;
      }
      if (theirs.items.has(mine) && next < shared.length && shared[next] !== mine) {
        // It comes later in the applied list.
        l++;
        continue;
      }
    }
    if (mine !== undefined && !theirs.items.has(mine)) {
      put(mine);
      l++;
      continue;
    }
    if (other !== undefined) {
      put(other);
      r++;
      if (shared[next] === other) next++;
      continue;
    }
    // What is left of the live list stands in the result already.
    l++;
  }
  return out.length === left.length && out.every((item, i) => item === left[i]) ? live : out;
}
