import { cloneJson, setOwn } from '../../model/index.js';
import { decodeMetadata } from './embedded.js';
import { childOf } from './paths.js';
import type { StructuralSchema } from './types.js';

type Obj = { [key: string]: unknown };
type Schema = StructuralSchema | undefined;

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);
const metaFields = new Set(['apiVersion', 'kind', 'metadata']);

/** The schema of a member, of properties or of what else there may be. */
function memberSchema(schema: Schema, key: string): Schema {
  if (schema?.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return isObject(schema?.additionalProperties) ? (schema?.additionalProperties as StructuralSchema) : undefined;
}

/**
 * A copy of a resource without the fields that its structural schema does not name, and with the metadata of
 * objects embedded in it decoded. The resource's own apiVersion, kind and metadata are copied as they are.
 * @param unknown gets the paths of what was dropped
 */
export function pruneResource(schema: StructuralSchema, resource: Obj, unknown: string[]): Obj {
  const found: string[] = [];
  const out = copy({ ...schema, 'x-kubernetes-embedded-resource': true }, resource, '', found, false) as Obj;
  unknown.push(...found.sort());
  const dropped: string[] = [];
  for (const key of Object.keys(out))
    if (!metaFields.has(key)) setOwn(out, key, withMetadata(memberSchema(schema, key), out[key], key, dropped));
  unknown.push(...dropped.sort());
  return out;
}

/** A default without unknown fields: what is left of it under its schema. */
export function pruneValue(schema: StructuralSchema, value: unknown): unknown {
  return copy(schema, value, '', [], false);
}

/** @param kept whether fields without a schema stay, as within x-kubernetes-preserve-unknown-fields */
function copy(schema: Schema, value: unknown, at: string, unknown: string[], kept: boolean): unknown {
  const keep = kept || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  if (Array.isArray(value)) return value.map((item, i) => copy(schema?.items, item, `${at}[${i}]`, unknown, keep));
  if (!isObject(value)) return value;
  if (keep && !schema) return cloneJson(value);
  const out: Obj = {};
  const { properties, additionalProperties } = schema ?? {};
  for (const key of Object.keys(value)) {
    const place = childOf(at, key);
    if (schema?.['x-kubernetes-embedded-resource'] && metaFields.has(key)) setOwn(out, key, cloneJson(value[key]));
    else if (properties && Object.hasOwn(properties, key)) setOwn(out, key, copy(properties[key], value[key], place, unknown, false));
    else if (isObject(additionalProperties))
      setOwn(out, key, copy(additionalProperties as StructuralSchema, value[key], place, unknown, false));
    else if (keep) setOwn(out, key, cloneJson(value[key]));
    else if (additionalProperties !== undefined) setOwn(out, key, copy(undefined, value[key], place, unknown, false));
    else unknown.push(place);
  }
  return out;
}

/** Embedded objects with their metadata decoded. */
function withMetadata(schema: Schema, value: unknown, at: string, unknown: string[]): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) return value.map((item, i) => withMetadata(schema.items, item, `${at}[${i}]`, unknown));
  if (!isObject(value)) return value;
  const out: Obj = {};
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  for (const key of Object.keys(value)) {
    let member = value[key];
    if (embedded && key === 'metadata' && isObject(member)) {
      const decoded = decodeMetadata(member);
      unknown.push(...decoded.unknown.map((field) => `${at}.metadata.${field}`));
      member = decoded.value;
    }
    setOwn(out, key, withMetadata(memberSchema(schema, key), member, `${at}.${key}`, unknown));
  }
  return out;
}

/** Drops nulls that a schema neither allows nor has a default for; in place. */
export function dropNulls(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) dropNulls(schema?.items, item);
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    const member = memberSchema(schema, key);
    if (value[key] === null && member && member.nullable !== true && member.default === undefined) delete value[key];
    else dropNulls(member, value[key]);
  }
}

const isForbiddenNull = (schema: Schema, value: unknown): boolean => value === null && schema !== undefined && schema.nullable !== true;

/** Fills in defaults where a field is absent, or null and not nullable; in place. */
export function applyDefaults(schema: Schema, value: unknown): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (isForbiddenNull(schema.items, value[i])) value[i] = cloneJson(schema.items?.default ?? null);
      applyDefaults(schema.items, value[i]);
    }
    return;
  }
  if (!isObject(value)) return;
  for (const [name, child] of Object.entries(schema.properties ?? {}))
    if (child.default !== undefined && child.default !== null && (!Object.hasOwn(value, name) || isForbiddenNull(child, value[name])))
      setOwn(value, name, cloneJson(child.default));
  for (const key of Object.keys(value)) {
    const member = memberSchema(schema, key);
    const named = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    if (!named && isForbiddenNull(member, value[key])) setOwn(value, key, cloneJson(member?.default ?? null));
    applyDefaults(member, value[key]);
  }
}
