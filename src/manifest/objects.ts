import { EvenkeelError, type Json, type KubeObject, type Manifest, nearest, printable, type SourceLocation } from '../model/index.js';
import { checkMetadata } from './metadata.js';
import { isApiVersion, isKind } from './names.js';
import { gatherProblems, type Problems } from './problems.js';
import type { ParsedDocument } from './yaml/index.js';

type Path = readonly (string | number)[];
type JsonObject = { [key: string]: Json };

/** One value of a document, where it is, and how to say so. */
interface Item {
  value: Json;
  path: Path;
  document: ParsedDocument;
  file: string;
}

/** How deep lists may stand in lists. */
const maxListDepth = 10;

/**
 * Documents as Kubernetes objects. Lists (`items` is a list: `v1` List and typed lists) are taken apart, at
 * any depth; their items get apiVersion and kind from a typed list where they have neither, as kubectl does it.
 * @param source the file, or where in it the documents come from
 * @throws EvenkeelError MANIFEST_NOT_OBJECT, MANIFEST_METADATA_INVALID, MANIFEST_NAME_INVALID; of several
 * mistakes all are in `details.problems`
 */
export function readManifests(documents: readonly ParsedDocument[], source: string | SourceLocation): Manifest[] {
  const file = typeof source === 'string' ? source : source.file;
  const problems = gatherProblems();
  const manifests: Manifest[] = [];
  for (const document of documents) collect({ value: document.value, path: [], document, file }, manifests, problems);
  problems.throwIfAny();
  return manifests;
}

function collect(item: Item, manifests: Manifest[], problems: Problems): void {
  const { value } = item;
  if (isObject(value) && isList(value)) {
    if (item.path.length >= maxListDepth * 2) {
      problems.add(fault(item, [], 'lists stand in lists too deep to be read'));
      return;
    }
    const items = (value['items'] ?? []) as Json[];
    for (const [index, inner] of items.entries())
      collect({ ...item, value: inheritType(inner, value), path: [...item.path, 'items', index] }, manifests, problems);
    return;
  }
  const manifest = problems.attempt(() => toManifest(item));
  if (manifest) manifests.push(manifest);
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * kubectl takes every object with a list in `items` for a list. We take one whose kind does not end in List
 * for one only if all its items are objects of their own, so that a custom kind may have a field `items`.
 */
function isList(value: JsonObject): boolean {
  const { kind, items } = value;
  if (typeof kind !== 'string' || typeof value['apiVersion'] !== 'string') return false;
  if (kind.endsWith('List')) return Array.isArray(items) || (items == null && !isObject(value['spec']));
  return (
    Array.isArray(items) &&
    items.length > 0 &&
    items.every((item) => isObject(item) && typeof item['kind'] === 'string' && typeof item['apiVersion'] === 'string')
  );
}

function inheritType(item: Json, list: JsonObject): Json {
  if (!isObject(item) || item['kind'] !== undefined || item['apiVersion'] !== undefined) return item;
  const kind = (list['kind'] as string).slice(0, -'List'.length);
  return kind === '' ? item : { apiVersion: list['apiVersion'] as Json, kind, ...item };
}

function toManifest(item: Item): Manifest {
  const { value, document, file } = item;
  if (!isObject(value)) throw notObject(item);
  checkType(item, value);
  const metadata = checkMetadata(value, (path, message, { hint, name } = {}) =>
    fault(item, path, message, { code: name ? 'MANIFEST_NAME_INVALID' : 'MANIFEST_METADATA_INVALID', hint, resource: describe(value) }),
  );
  const { line, column } = item.path.length === 0 ? document : document.locate(item.path);
  return { object: { ...value, metadata } as unknown as KubeObject, source: { file, line, column } };
}

function describe(value: JsonObject): string {
  const metadata = value['metadata'];
  const name = isObject(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  return printable(typeof name === 'string' ? `${String(value['kind'])}/${name.slice(0, 80)}` : String(value['kind']));
}

function notObject(item: Item): EvenkeelError {
  const { value } = item;
  const found = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
  return fault(item, [], `a Kubernetes object was expected here, but this is ${found}`, { hint: excludeHint });
}

const excludeHint = 'If the file is no manifest, move it elsewhere or exclude it (option "exclude" with a pattern such as "values*.yaml").';

function checkType(item: Item, value: JsonObject): void {
  for (const field of ['kind', 'apiVersion'] as const) {
    const text = value[field];
    if (text === undefined || text === null || text === '') {
      const near = nearest(field, Object.keys(value));
      const meant = near !== undefined && near.toLowerCase() === field.toLowerCase() ? ` (there is "${near}")` : '';
      throw fault(item, [], `the object has no ${field}${meant}`, { hint: meant ? `Write the field as "${field}".` : excludeHint });
    }
    if (typeof text !== 'string')
      throw fault(
        item,
        [field],
        `${field} must be text, but is ${JSON.stringify(typeof text === 'bigint' ? String(text) : text).slice(0, 40)}`,
        { hint: 'Quote the value.' },
      );
    if (field === 'kind' ? !isKind(text) : !isApiVersion(text))
      throw fault(item, [field], `"${printable(text.slice(0, 80))}" is no ${field}`, {
        hint: field === 'kind' ? 'A kind is a word such as Deployment.' : 'An apiVersion looks like v1 or apps/v1.',
      });
  }
}

interface FaultOptions {
  code?: 'MANIFEST_NOT_OBJECT' | 'MANIFEST_METADATA_INVALID' | 'MANIFEST_NAME_INVALID';
  hint?: string;
  resource?: string;
}

function fault(item: Item, field: Path, message: string, options: FaultOptions = {}): EvenkeelError {
  const path = [...item.path, ...field];
  return new EvenkeelError(options.code ?? 'MANIFEST_NOT_OBJECT', message, {
    where: {
      file: item.file,
      ...item.document.locate(path),
      ...(options.resource === undefined ? {} : { resource: options.resource }),
      ...(field.length === 0 ? {} : { field: printable(formatPath(path)) }),
    },
    hint: options.hint,
  });
}

/** `metadata.labels["app.kubernetes.io/name"]`, `items[0].kind`. */
function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
