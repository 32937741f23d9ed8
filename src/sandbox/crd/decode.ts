import { cloneJson, type KubeObject, setOwn } from '../../model/index.js';
import { DecodeError, decodeStruct } from '../gotypes/decode.js';
import { type GoStruct, namedStruct } from '../gotypes/types.js';
import type { ResourceType } from '../registry/types.js';
import type { StructuralSchema } from './types.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);

/** A custom resource from JSON data: metadata decoded, what its schema does not know pruned, defaults filled in. */
export function decodeCustom(type: ResourceType, raw: unknown): { value: KubeObject; unknown: string[] } {
  if (!isObject(raw)) throw new DecodeError('json: cannot unmarshal into Go value of type map[string]interface {}');
  const unknown: string[] = [];
  const meta = decodeMetadata(raw['metadata'] ?? {}, unknown);
  const schema = type.custom?.schema;
  const object = (schema ? prune(schema, raw, '', unknown, true) : cloneJson(raw)) as Obj;
  object['metadata'] = meta;
  if (schema) applyDefaults(schema, object);
  return { value: object as KubeObject, unknown };
}

function decodeMetadata(raw: unknown, unknown: string[]): Obj {
  const decoded = decodeStruct(namedStruct('meta/v1.ObjectMeta') as GoStruct, raw, 'v1.ObjectMeta');
  unknown.push(...decoded.unknown.map((f) => `metadata.${f}`));
  // The zero time is not written for custom resources that have none.
  if (decoded.value['creationTimestamp'] === null) delete decoded.value['creationTimestamp'];
  return decoded.value;
}

/** A copy without the fields that a structural schema does not name. */
function prune(schema: StructuralSchema | undefined, value: unknown, path: string, unknown: string[], isResource = false): unknown {
  if (!schema) return cloneJson(value);
  if (Array.isArray(value)) return value.map((item, i) => prune(schema.items, item, `${path}[${i}]`, unknown));
  if (!isObject(value)) return value;
  const out: Obj = {};
  const keep = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const root = isResource || schema['x-kubernetes-embedded-resource'] === true;
  for (const key of Object.keys(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const child = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (root && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) setOwn(out, key, cloneJson(value[key]));
    else if (child) setOwn(out, key, prune(child, value[key], at, unknown));
    else if (isObject(schema.additionalProperties))
      setOwn(out, key, prune(schema.additionalProperties as StructuralSchema, value[key], at, unknown));
    else if (keep || schema.additionalProperties === true || (!schema.properties && !schema.type && !root))
      setOwn(out, key, cloneJson(value[key]));
    else unknown.push(at);
  }
  return out;
}

/** Fills in defaults where a field is absent, or null and not nullable; in place. */
function applyDefaults(schema: StructuralSchema, value: unknown): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(schema.items, item);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (child.default !== undefined && (given === undefined || (given === null && child.nullable !== true)))
      setOwn(value, name, cloneJson(child.default));
    if (Object.hasOwn(value, name)) applyDefaults(child, value[name]);
  }
  if (isObject(schema.additionalProperties))
    for (const key of Object.keys(value))
      if (!schema.properties || !Object.hasOwn(schema.properties, key))
        applyDefaults(schema.additionalProperties as StructuralSchema, value[key]);
}
