import type { FieldSet } from '../../manifest/index.js';
import { setOwn } from '../../model/index.js';
import { type Atom, atomAt, deduce, isMembers, type ListAtom, type MapAtom, type Members } from './atom.js';
import { fieldOf, identify } from './element.js';

/**
 * The value without the fields and items of a set. A map or list that loses its last member becomes null:
 * decoding makes of it what its type says. Atomic values on the way to a removed path are left out whole.
 */
export function withoutFields(value: unknown, remove: FieldSet, open: Atom): unknown {
  if (remove.size === 0) return value;
  const atom = deduce(open, value);
  if (atom.map !== undefined) return fromMap(value, remove, atom.map);
  if (atom.scalar === undefined && atom.list !== undefined) return fromList(value, remove, atom.list);
  return value;
}

function fromMap(value: unknown, remove: FieldSet, map: MapAtom): unknown {
  if (!isMembers(value) || map.atomic) return null;
  let out: Members | undefined;
  for (const key of Object.keys(value)) {
    const node = remove.get(fieldOf(key));
    if (node === undefined) continue;
    if (node.member) {
      out ??= { ...value };
      delete out[key];
    } else if (node.children !== undefined) {
      const atom = atomAt(map, key);
      const rest = atom === undefined ? value[key] : withoutFields(value[key], node.children, atom);
      if (rest === value[key]) continue;
      out ??= { ...value };
      setOwn(out, key, rest);
    }
  }
  const result = out ?? value;
  for (const key in result) if (result[key] !== undefined) return result;
  return null;
}

function fromList(value: unknown, remove: FieldSet, list: ListAtom): unknown {
  if (!Array.isArray(value) || !list.associative) return null;
  const out: unknown[] = [];
  let changed = false;
  for (let i = 0; i < value.length; i++) {
    const { element } = identify(list, i, value[i]);
    const node = element === undefined ? undefined : remove.get(element);
    if (node?.member) {
      changed = true;
      continue;
    }
    const rest = node?.children === undefined ? value[i] : withoutFields(value[i], node.children, list.element);
    if (rest !== value[i]) changed = true;
    out.push(rest);
  }
  if (out.length === 0) return null;
  return changed ? out : value;
}
