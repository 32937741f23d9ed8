import { Fault } from '../../manifest/index.js';
import { EvenkeelError, type Json } from '../../model/index.js';
import { failure } from '../errors.js';
import { fieldOf, fromJson, getMeta, isEmpty, isNull, readDocument, textOf, toJson, type YNode } from '../yaml/index.js';
import { newResource, type Resource } from './resource.js';

const maxDocuments = 50_000;
const maxLength = 32 * 1024 * 1024;

/** How many resources a list may hold at any depth, so that lists of lists end. */
const maxItems = 50_000;

/**
 * Reads the objects of a file as Kustomize does: documents between `---`, lists taken apart, empty documents
 * left out.
 * @throws EvenkeelError KUSTOMIZE_YAML_INVALID for what is no YAML, KUSTOMIZE_RESOURCE_INVALID for what is no object
 */
export function readResources(text: string, file: string | undefined): Resource[] {
  const nodes = readNodes(text, file);
  const resources: Resource[] = [];
  const queue: Resource[] = nodes.map(({ node, line }) => newResource(node, { file, line }));
  for (const resource of queue) checkObject(resource);
  for (let i = 0; i < queue.length; i++) {
    const resource = queue[i] as Resource;
    const { node } = resource;
    const kind = textOf(fieldOf(node, 'kind'));
    const items = kind.endsWith('List') ? fieldOf(node, 'items') : undefined;
    if (items === undefined) {
      resources.push(resource);
      continue;
    }
    if (isNull(items)) continue;
    if (items.kind !== 'list')
      throw failure('KUSTOMIZE_RESOURCE_INVALID', `expected array in ${kind}/items`, { file, line: resource.line, field: 'items' });
    for (const item of toJson(items, false) as Json[]) {
      if (queue.length >= maxItems) throw failure('KUSTOMIZE_RESOURCE_INVALID', `more than ${maxItems} objects in one file`, { file });
      const inner = newResource(fromJsonExact(item), { file, line: resource.line });
      if (isEmpty(inner.node)) continue;
      checkObject(inner);
      queue.push(inner);
    }
  }
  return resources;
}

/** Integers of a list's items are read again from JSON text, so all their digits stay. */
function fromJsonExact(value: Json): YNode {
  const node = fromJson(value);
  restore(node, value);
  return node;
}

function restore(node: YNode, value: Json): void {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    node.value = String(value);
    node.tag = '!!int';
  } else if (Array.isArray(value)) for (const [i, item] of value.entries()) restore(node.content[i] as YNode, item);
  else if (value !== null && typeof value === 'object')
    for (let i = 0; i < node.content.length; i += 2) restore(node.content[i + 1] as YNode, value[(node.content[i] as YNode).value] as Json);
}

/**
 * What every object has: a kind and, unless it is a list, a name.
 * @throws EvenkeelError KUSTOMIZE_RESOURCE_INVALID
 */
export function checkObject({ node, file, line }: Resource): void {
  if (node.kind !== 'map') throw failure('KUSTOMIZE_RESOURCE_INVALID', 'missing Resource metadata: this is no object', { file, line });
  const kind = textOf(fieldOf(node, 'kind'));
  const name = getMeta(node, 'name');
  if (kind === '')
    throw failure('KUSTOMIZE_RESOURCE_INVALID', `missing kind in object ${describe(node, name)}`, { file, line, field: 'kind' });
  if (!kind.endsWith('List') && name === '')
    throw failure('KUSTOMIZE_RESOURCE_INVALID', `missing metadata.name in object ${describe(node, kind)}`, {
      file,
      line,
      field: 'metadata.name',
    });
}

function describe(node: YNode, what: string): string {
  return `{${[textOf(fieldOf(node, 'apiVersion')), what].filter((part) => part !== '').join(' ')}}`;
}

export interface ReadNode {
  node: YNode;
  line: number;
}

/** The documents of a text that are not empty. A lone `List` is replaced by what it holds. */
export function readNodes(text: string, file: string | undefined): ReadNode[] {
  if (text.length > maxLength) throw failure('KUSTOMIZE_YAML_INVALID', `the file holds more than ${maxLength} characters`, { file });
  const unified = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  const result: ReadNode[] = [];
  const chunks = splitDocuments(unified, file);
  for (const { text: chunk, line } of chunks) {
    const node = guard(chunk, { file, line }, () => readDocument(chunk));
    if (node === undefined || isNull(node)) continue;
    const at = line + countLines(chunk, node.at ?? 0);
    const kind = textOf(fieldOf(node, 'kind'));
    const items = fieldOf(node, 'items');
    if (chunks.length === 1 && (kind === 'List' || kind === 'ResourceList') && (items ?? fieldOf(node, 'functionConfig'))) {
      for (const item of items?.kind === 'list' ? items.content : [])
        if (!isEmpty(item)) result.push({ node: item, line: line + countLines(chunk, item.at ?? 0) });
    } else if (!isEmpty(node)) result.push({ node, line: at });
  }
  return result;
}

function guard<T>(text: string, where: { file: string | undefined; line: number }, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { file } = where;
    const line = where.line + countLines(text, Math.min(error.offset, text.length));
    const column = error.offset - text.lastIndexOf('\n', Math.max(0, error.offset - 1));
    throw new EvenkeelError('KUSTOMIZE_YAML_INVALID', `MalformedYAMLError: ${error.message}`, {
      where: { ...(file === undefined ? {} : { file }), line, column },
      hint: 'Look at the indentation and quotes of this line and of the one before it.',
    });
  }
}

function countLines(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function splitDocuments(text: string, file: string | undefined): { text: string; line: number }[] {
  const chunks: { text: string; line: number }[] = [];
  let from = 0;
  let line = 1;
  for (let at = text.indexOf('\n---'); at >= 0; at = text.indexOf('\n---', from)) {
    const end = text.indexOf('\n', at + 4);
    // A line break ends one separator only: it does not begin the next as well.
    if (end < 0) break;
    const rest = text.slice(at + 4, end).trim();
    const chunk = text.slice(from, at);
    const next = line + countLines(chunk, chunk.length) + 1;
    if (rest !== '' && !rest.startsWith('#'))
      throw failure('KUSTOMIZE_YAML_INVALID', `invalid document separator: ---${rest}`, { file, line: next });
    if (chunks.length >= maxDocuments) throw failure('KUSTOMIZE_YAML_INVALID', `more than ${maxDocuments} documents in one file`, { file });
    chunks.push({ text: `${chunk}\n`, line });
    from = end + 1;
    line = next + 1;
  }
  chunks.push({ text: text.slice(from), line });
  return chunks;
}
