import { failure } from '../errors.js';
import { compileRegex } from '../regex.js';
import { expectKind, getField } from './fields.js';
import { emptyNode, fieldOf, isNull, scalarNode, type YNode } from './node.js';
import { writeScalar } from './scalar.js';

/** Splits `a/b\/c` into `a` and `b/c`. One leading delimiter is dropped. */
export function splitPath(path: string, delimiter: string): string[] {
  let parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === '') parts = parts.slice(1);
  const result = [parts[0] as string];
  for (const part of parts.slice(1)) {
    const last = result[result.length - 1] as string;
    if (last.endsWith('\\')) result[result.length - 1] = last.slice(0, -1) + delimiter + part;
    else result.push(part);
  }
  return result;
}

/** Splits at dots, except in `[a.b=c.d]`, which stays, and `[a.b]`, which is the field `a.b`. */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, '.');
  const result: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    let part = parts[i] as string;
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part);
      continue;
    }
    while (i < parts.length - 1) {
      part += `.${parts[++i]}`;
      if (part.endsWith(']')) break;
    }
    result.push(part.includes('=') ? part : part.replace(/^[[\]]+|[[\]]+$/g, ''));
  }
  return result;
}

const integer = /^[+-]?[0-9]+$/;
const isListIndex = (part: string) => part.startsWith('[') && part.endsWith(']');
const isIndex = (part: string) => integer.test(part) && Number(part) >= 0;

function splitMatch(part: string): [string, string] {
  const inner = part.slice(1, -1);
  const equals = inner.indexOf('=');
  if (equals < 0) throw failure('KUSTOMIZE_INVALID', `list path element ${part} must contain fieldName=fieldValue for element to match`);
  return [inner.slice(0, equals), inner.slice(equals + 1)];
}

/** What a part of a path leads to, seen from the part after it. */
function kindBefore(next: string | undefined, last: YNode['kind']): YNode['kind'] {
  if (next === undefined || next === '') return last;
  return isListIndex(next) || isIndex(next) ? 'list' : 'map';
}

/** The node at a path of fields, `0`, `-` and `[name=value]`; undefined where there is none. */
export function lookup(root: YNode, path: readonly string[]): YNode | undefined {
  let node: YNode | undefined = root;
  for (const raw of path) {
    const part = raw.trim();
    if (part === '') continue;
    if (node === undefined) return undefined;
    if (integer.test(part)) {
      const index = Number(part);
      if (index < 0) throw failure('KUSTOMIZE_INVALID', `array index ${index} cannot be negative`);
      expectKind(node, 'list');
      node = node.content[index];
    } else if (part === '-') {
      expectKind(node, 'list');
      node = node.content[node.content.length - 1];
    } else if (part === '*') throw failure('KUSTOMIZE_INVALID', 'wildcard is not supported in PathGetter');
    else if (isListIndex(part)) node = matchElement(node, ...splitMatch(part));
    else node = getField(node, part);
  }
  return node;
}

function matchElement(list: YNode, name: string, value: string): YNode | undefined {
  expectKind(list, 'list');
  if (name === '') return list.content.find((item) => item.value === value);
  return list.content.find((item) => item.kind === 'map' && fieldOf(item, name)?.value === value);
}

/** Creates fields on the way; the last one of `kind`. Undefined where a null stands in the way. */
export function lookupCreate(root: YNode, path: readonly string[], kind: YNode['kind']): YNode | undefined {
  let node: YNode | undefined = root;
  const parts = path.map((part) => part.trim()).filter((part) => part !== '');
  for (const [i, part] of parts.entries()) {
    if (node === undefined || isNull(node)) return undefined;
    if (integer.test(part) || part === '-') {
      node = lookup(node, [part]);
      continue;
    }
    if (isListIndex(part)) {
      const [name, value] = splitMatch(part);
      const found = matchElement(node, name, value);
      if (found === undefined) node.content.push(newElement(name, value));
      node = found ?? node.content[node.content.length - 1];
      continue;
    }
    const found = getField(node, part);
    if (found !== undefined) {
      node = found;
      continue;
    }
    const created = emptyNode(kindBefore(parts[i + 1], kind));
    node.content.push(scalarNode(part), created);
    node = created;
  }
  return node;
}

function newElement(name: string, value: string): YNode {
  if (name === '') return scalarNode(value);
  const element = emptyNode('map');
  element.content.push(scalarNode(name), scalarNode(value));
  return element;
}

/**
 * All nodes at a path that may also hold `*` and regular expressions in `[name=…]`. With `create` what is
 * missing is made, the last of that kind.
 */
export function matchPath(node: YNode, path: readonly string[], create: YNode['kind'] | undefined): YNode[] {
  const [part, ...rest] = path;
  if (part === undefined) return [node];
  if (isIndex(part)) return matchIndex(node, part, { rest, create });
  if (isListIndex(part)) return matchSome(node, part, { rest, create });
  if (part === '*') {
    expectKind(node, 'list');
    return isNull(node) ? [] : node.content.flatMap((item) => matchPath(item, rest, create));
  }
  let field = getField(node, part);
  if (field === undefined) {
    if (create === undefined) return [];
    expectKind(node, 'map');
    field = emptyNode(kindBefore(rest[0], create));
    node.content.push(scalarNode(part), field);
  }
  return matchPath(field, rest, create);
}

interface Onward {
  rest: readonly string[];
  create: YNode['kind'] | undefined;
}

function matchIndex(node: YNode, part: string, { rest, create }: Onward): YNode[] {
  const index = Number(part);
  expectKind(node, 'list');
  if (node.content.length === index && create !== undefined) node.content.push(emptyNode(kindBefore(rest[0], create)));
  const item = node.content[index];
  if (item === undefined) throw failure('KUSTOMIZE_NO_MATCH', `index ${index} specified but only ${node.content.length} elements found`);
  return matchPath(item, rest, create);
}

function matchSome(node: YNode, part: string, { rest, create }: Onward): YNode[] {
  const [name, pattern] = splitMatch(part);
  const matches = compileRegex(pattern);
  expectKind(node, 'list');
  const search = () =>
    node.content.flatMap((item) => {
      if (name === '') return matches(writeScalar(item).trim()) ? [item] : [];
      const value = fieldOf(item, name);
      return value !== undefined && matches(writeScalar(value).trim()) ? matchPath(item, rest, create) : [];
    });
  const found = search();
  if (found.length > 0 || create === undefined) return found;
  node.content.push(newElement(name, pattern));
  return search();
}
