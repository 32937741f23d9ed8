import { fieldElement, goJson, indexElement, type PathElement, valueElement } from '../../manifest/index.js';
import { isMembers, type ListAtom } from './atom.js';

const fields = new Map<string, PathElement>();

/** The path element of a field; names recur, so their elements are kept. */
export function fieldOf(name: string): PathElement {
  let element = fields.get(name);
  if (element === undefined) {
    element = fieldElement(name);
    if (fields.size >= 10_000) fields.clear();
    fields.set(name, element);
  }
  return element;
}

/** What identifies a list item: an element, or why there is none. */
export type Identity = { element: PathElement; problem?: undefined } | { element?: undefined; problem: string };

/** The path element of a list item. */
export function identify(list: ListAtom, index: number, item: unknown): Identity {
  if (!list.associative) return { element: indexElement(index) };
  if (list.keys.length === 0) return setItem(item);
  if (item === null || item === undefined) return { problem: 'associative list with keys may not have a null element' };
  if (!isMembers(item)) return { problem: 'associative list with keys may not have non-map elements' };
  let text = 'k:{';
  for (let i = 0; i < list.keys.length; i++) {
    const key = list.keys[i] as string;
    const value = keyValue(list, item, key);
    if (value === undefined) return omitted(key);
    text += `${i === 0 ? '' : ','}${list.keyPrefixes[i]}${goJson(value)}`;
  }
  return { element: `${text}}` };
}

function keyValue(list: ListAtom, item: { [key: string]: unknown }, key: string): unknown {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  return value === undefined ? list.keyDefault(key) : value;
}

function omitted(key: string): Identity {
  return {
    problem: `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
  };
}

function setItem(item: unknown): Identity {
  if (item === null || item === undefined) return { problem: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (typeof item === 'object') return { problem: "associative list without keys has an element that's a map type" };
  return { element: valueElement(item) };
}
