import { cloneJson, equalJson, setOwn } from '../../model/index.js';
import { isMembers } from './atom.js';
import { jsonKind, PatchError } from './patch-error.js';

/** A cause inside of a message, as `context: cause`. */
class Cause extends Error {}

const missing = 'missing value';

interface Document {
  root: unknown;
}

type Container = { [key: string]: unknown } | unknown[];
type Operation = { [key: string]: unknown };

/**
 * JSON patch (RFC 6902) as the API server's library does it: `replace` also sets a member that is not there,
 * negative indices count from the end, testing for null passes where nothing is. The original is not changed.
 * @throws PatchError 400 where the operations are none, 422 where one cannot be applied
 */
export function jsonPatch(original: unknown, operations: unknown): unknown {
  if (operations === null || operations === undefined) return original;
  if (!Array.isArray(operations)) throw decoding(jsonKind(operations), 'jsonpatch.Patch');
  for (const operation of operations)
    if (operation !== null && !isMembers(operation)) throw decoding(jsonKind(operation), 'jsonpatch.Operation');
  const document: Document = { root: cloneJson(original) };
  for (const operation of operations) {
    try {
      apply(document, (operation ?? {}) as Operation);
    } catch (error) {
      if (error instanceof Cause) throw new PatchError(422, error.message);
      throw error;
    }
  }
  return document.root;
}

function decoding(kind: string, type: string): PatchError {
  return new PatchError(400, `json: cannot unmarshal ${kind} into Go value of type ${type}`);
}

function apply(document: Document, operation: Operation): void {
  const op = typeof operation['op'] === 'string' ? operation['op'] : 'unknown';
  const perform = performers.get(op);
  if (perform === undefined) throw new Cause(`Unexpected kind: ${op}`);
  perform(document, operation);
}

const performers = new Map<string, (document: Document, operation: Operation) => void>([
  ['add', add],
  ['remove', remove],
  ['replace', replace],
  ['move', move],
  ['copy', copy],
  ['test', test],
]);

function wrap<T>(context: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Cause) throw new Cause(`${context}: ${error.message}`);
    throw error;
  }
}

function pathOf(operation: Operation): string {
  const path = operation['path'];
  if (typeof path === 'string') return path;
  if (path === null || path === undefined) throw new Cause(`operation missing path field: ${missing}`);
  throw new Cause(`json: cannot unmarshal ${jsonKind(path)} into Go value of type string`);
}

function fromOf(operation: Operation): string {
  const from = operation['from'];
  if (typeof from === 'string') return from;
  if (from === null || from === undefined) throw new Cause(`operation, missing from field: ${missing}`);
  throw new Cause(`json: cannot unmarshal ${jsonKind(from)} into Go value of type string`);
}

function givenValue(operation: Operation): unknown {
  return operation['value'] === undefined ? null : cloneJson(operation['value']);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The container that a path's last key lies in. */
function find(document: Document, path: string): { container: Container; key: string } | undefined {
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.length < 2) return undefined;
  let at: unknown = document.root;
  for (const part of parts.slice(1, -1)) {
    if (!isContainer(at)) return undefined;
    try {
      at = get(at, part);
    } catch (error) {
      if (error instanceof Cause) return undefined;
      throw error;
    }
  }
  return isContainer(at) ? { container: at, key: parts[parts.length - 1] as string } : undefined;
}

function indexIn(key: string): number {
  if (!/^[+-]?[0-9]+$/.test(key)) throw new Cause(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  return Number(key);
}

function outside(index: number): Cause {
  return new Cause(`Unable to access invalid index: ${index}: invalid index referenced`);
}

function itemIndex(items: unknown[], key: string): number {
  const index = indexIn(key);
  if (index >= items.length || index < -items.length) throw outside(index);
  return index < 0 ? index + items.length : index;
}

function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[itemIndex(container, key)];
  return Object.hasOwn(container, key) ? (container[key] ?? null) : null;
}

function put(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value);
  else container[itemIndex(container, key)] = value;
}

function insert(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  const index = wrap(`value was not a proper array index: '${key}'`, () => indexIn(key));
  const size = container.length + 1;
  if (index >= size || index < -size) throw outside(index);
  container.splice(index < 0 ? index + size : index, 0, value);
}

function take(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(itemIndex(container, key), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new Cause(`Unable to remove nonexistent key: ${key}: ${missing}`);
}

function add(document: Document, operation: Operation): void {
  const path = decodedPath('add', operation);
  const found = find(document, path);
  if (found === undefined) throw new Cause(`add operation does not apply: doc is missing path: "${path}": ${missing}`);
  wrap(`error in add for path: '${path}'`, () => insert(found.container, found.key, givenValue(operation)));
}

function remove(document: Document, operation: Operation): void {
  const path = decodedPath('remove', operation);
  const found = find(document, path);
  if (found === undefined) throw new Cause(`remove operation does not apply: doc is missing path: "${path}": ${missing}`);
  wrap(`error in remove for path: '${path}'`, () => take(found.container, found.key));
}

function decodedPath(op: string, operation: Operation): string {
  if (typeof operation['path'] !== 'string') throw new Cause(`${op} operation failed to decode path: ${missing}`);
  return operation['path'];
}

function replace(document: Document, operation: Operation): void {
  const path = wrap('replace operation failed to decode path', () => pathOf(operation));
  if (path === '') {
    const value = givenValue(operation);
    if (isContainer(value)) document.root = value;
    return;
  }
  const found = find(document, path);
  if (found === undefined) throw new Cause(`replace operation does not apply: doc is missing path: ${path}: ${missing}`);
  try {
    get(found.container, found.key);
  } catch {
    throw new Cause(`replace operation does not apply: doc is missing key: ${path}: ${missing}`);
  }
  put(found.container, found.key, givenValue(operation));
}

function move(document: Document, operation: Operation): void {
  const from = wrap('move operation failed to decode from', () => fromOf(operation));
  const source = find(document, from);
  if (source === undefined) throw new Cause(`move operation does not apply: doc is missing from path: ${from}: ${missing}`);
  const value = wrap(`error in move for path: '${source.key}'`, () => {
    const moved = get(source.container, source.key);
    take(source.container, source.key);
    return moved;
  });
  const path = wrap('move operation failed to decode path', () => pathOf(operation));
  const target = find(document, path);
  if (target === undefined) throw new Cause(`move operation does not apply: doc is missing destination path: ${path}: ${missing}`);
  wrap(`error in move for path: '${path}'`, () => insert(target.container, target.key, value));
}

function copy(document: Document, operation: Operation): void {
  const from = wrap('copy operation failed to decode from', () => fromOf(operation));
  const source = find(document, from);
  if (source === undefined) throw new Cause(`copy operation does not apply: doc is missing from path: ${from}: ${missing}`);
  const value = wrap(`error in copy for from: '${from}'`, () => get(source.container, source.key));
  const path = decodedPath('copy', operation);
  const target = find(document, path);
  if (target === undefined) throw new Cause(`copy operation does not apply: doc is missing destination path: ${path}: ${missing}`);
  wrap('error while adding value during copy', () => insert(target.container, target.key, cloneJson(value)));
}

function test(document: Document, operation: Operation): void {
  const path = wrap('test operation failed to decode path', () => pathOf(operation));
  const wanted = operation['value'] ?? null;
  if (path === '') {
    if (!equalJson(document.root, wanted)) throw new Cause(`testing value ${path} failed: test failed`);
    return;
  }
  const found = find(document, path);
  if (found === undefined) throw new Cause(`test operation does not apply: is missing path: ${path}: ${missing}`);
  const value = wrap(`error in test for path: '${path}'`, () => get(found.container, found.key));
  if (!equalJson(value, wanted)) throw new Cause(`testing value ${path} failed: test failed`);
}
