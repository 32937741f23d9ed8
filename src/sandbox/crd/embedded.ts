import { DecodeError, decodeStruct } from '../gotypes/decode.js';
import { type GoStruct, namedStruct } from '../gotypes/types.js';
import { type FieldErrors, invalid, required } from '../strategy/field.js';
import { labelErrors, nameProblems, qualifiedNameProblems } from '../strategy/names.js';
import type { Loose } from '../strategy/types.js';
import { childOf, keyOf } from './paths.js';
import type { StructuralSchema } from './types.js';
import { goAny } from './validate.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Metadata as the type that the API server has for it, and what of it that type does not know. @throws DecodeError */
export function decodeMetadata(raw: unknown): { value: Obj; unknown: string[] } {
  const decoded = decodeStruct(namedStruct('meta/v1.ObjectMeta') as GoStruct, raw, 'v1.ObjectMeta');
  // The zero time is not written for objects that have none.
  if (decoded.value['creationTimestamp'] === null) delete decoded.value['creationTimestamp'];
  return decoded;
}

/** What is wrong with objects embedded in an object: their apiVersion, kind and metadata. */
export function embeddedProblems(schema: StructuralSchema, value: unknown, at = ''): FieldErrors {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, i) => embeddedProblems(items, item, `${at}[${i}]`)) : [];
  }
  if (!isObject(value)) return [];
  const out: FieldErrors = schema['x-kubernetes-embedded-resource'] ? problemsOf(value, at) : [];
  const { properties, additionalProperties } = schema;
  for (const key of Object.keys(value).sort()) {
    if (properties && Object.hasOwn(properties, key))
      out.push(...embeddedProblems(properties[key] as StructuralSchema, value[key], childOf(at, key)));
    else if (isObject(additionalProperties))
      out.push(...embeddedProblems(additionalProperties as StructuralSchema, value[key], keyOf(at, key)));
  }
  return out;
}

function problemsOf(object: Obj, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const field of ['apiVersion', 'kind']) {
    const place = childOf(at, field);
    const value = object[field];
    if (!Object.hasOwn(object, field)) out.push(required(place, 'must not be empty'));
    else if (typeof value !== 'string') out.push(invalid(place, goAny(value), 'must be a string'));
    else if (value === '') out.push(invalid(place, value, 'must not be empty'));
    else if (field === 'apiVersion' && value.split('/').length > 2)
      out.push(invalid(place, value, `unexpected GroupVersion string: ${value}`));
    else if (field === 'kind') {
      const problems = nameProblems('label1035', value.toLowerCase());
      if (problems.length > 0) out.push(invalid(place, value, `may have mixed case, but should otherwise match: ${problems.join(',')}`));
    }
  }
  if (Object.hasOwn(object, 'metadata')) {
    const place = childOf(at, 'metadata');
    try {
      const { value } = decodeMetadata(object['metadata']);
      out.push(...metaProblems(value, place));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      out.push(invalid(place, goAny(object['metadata']), error.message));
    }
  }
  return out;
}

function metaProblems(meta: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const names = (field: string, rule: 'path' | 'label') => {
    if (meta[field]) for (const problem of nameProblems(rule, meta[field])) out.push(invalid(`${at}.${field}`, meta[field], problem));
  };
  names('generateName', 'path');
  names('name', 'path');
  names('namespace', 'label');
  out.push(...labelErrors(meta.labels, `${at}.labels`));
  for (const key of Object.keys(meta.annotations ?? {}))
    for (const problem of qualifiedNameProblems(key.toLowerCase())) out.push(invalid(`${at}.annotations`, key, problem));
  for (const finalizer of meta.finalizers ?? [])
    for (const problem of qualifiedNameProblems(finalizer)) out.push(invalid(`${at}.finalizers`, finalizer, problem));
  return out;
}
