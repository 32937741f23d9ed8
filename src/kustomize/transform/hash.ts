import { createHash } from 'node:crypto';
import type { Json } from '../../model/index.js';
import { failure } from '../errors.js';
import { isEnabled, kindOf, nameOf, note, type Resource, storePreviousId } from '../resource/index.js';
import { fieldOf, isNull, setMetaField, toJson } from '../yaml/index.js';
import type { Work } from './context.js';

/** Appends the hash of its contents to the name of what was generated. */
export function transformHashes({ resources, schemas }: Work): void {
  for (const resource of resources) {
    if (!isEnabled(resource, note.needsHash)) continue;
    const suffix = contentHash(resource);
    storePreviousId(resource, schemas);
    setMetaField(resource.node, 'name', `${nameOf(resource)}-${suffix}`);
  }
}

/** Ten characters, as Kustomize and kubectl make them. */
function contentHash(resource: Resource): string {
  const digits = createHash('sha256')
    .update(goJson(contents(resource)))
    .digest('hex')
    .slice(0, 10);
  return digits.replace(/[013ae]/g, (digit) => substitutes[digit] as string);
}

/** Vowels, and digits that read like letters, are replaced. */
const substitutes: { [digit: string]: string } = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

function contents(resource: Resource): Json {
  const kind = kindOf(resource);
  const value = (name: string): Json => {
    const field = fieldOf(resource.node, name);
    return isNull(field) ? '' : toJson(field, false);
  };
  const optional = (name: string) => {
    const content = value(name);
    return typeof content === 'object' ? { [name]: content } : {};
  };
  // The name is no part of it: Kustomize asks for it under a path that no object has.
  const common = { kind, name: '', data: value('data') };
  if (kind === 'ConfigMap') return { ...common, ...optional('binaryData') };
  if (kind === 'Secret') return { ...common, type: value('type'), ...optional('stringData') };
  throw failure('KUSTOMIZE_UNSUPPORTED', `only ConfigMaps and Secrets have a hash of their contents, not ${kind}`, { file: resource.file });
}

/** Compact JSON with sorted keys and the characters escaped that Go's encoder escapes. */
function goJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${goJson(key)}:${goJson(value[key] as Json)}`)
      .join(',')}}`;
  if (typeof value === 'string')
    return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
