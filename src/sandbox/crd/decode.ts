import { cloneJson, type KubeObject } from '../../model/index.js';
import { DecodeError } from '../gotypes/decode.js';
import type { ResourceType } from '../registry/types.js';
import { decodeMetadata } from './embedded.js';
import { applyDefaults, dropNulls, pruneResource } from './prune.js';

type Obj = { [key: string]: unknown };

const isObject = (value: unknown): value is Obj => value !== null && typeof value === 'object' && !Array.isArray(value);

/** A custom resource from JSON data: metadata decoded, what its schema does not know pruned, defaults filled in. */
export function decodeCustom(type: ResourceType, raw: unknown): { value: KubeObject; unknown: string[] } {
  if (!isObject(raw)) throw new DecodeError('json: cannot unmarshal into Go value of type map[string]interface {}');
  const meta = decodeMetadata(raw['metadata'] ?? {});
  const unknown = meta.unknown.map((field) => `metadata.${field}`);
  const schema = type.custom?.schema;
  const preserved = schema === undefined || type.custom?.preserveUnknownFields === true;
  const object = preserved ? (cloneJson(raw) as Obj) : pruneResource(schema, raw, unknown);
  object['metadata'] = meta.value;
  if (schema) {
    if (!preserved) dropNulls(withoutMeta(schema), object);
    applyDefaults(withoutMeta(schema), object);
  }
  return { value: object as KubeObject, unknown };
}

const stripped = new WeakMap<object, NonNullable<NonNullable<ResourceType['custom']>['schema']>>();

/** A schema without what it says of metadata: that has its own rules. */
function withoutMeta(schema: NonNullable<NonNullable<ResourceType['custom']>['schema']>): typeof schema {
  let out = stripped.get(schema);
  if (!out) {
    const { metadata: _, apiVersion: __, kind: ___, ...properties } = schema.properties ?? {};
    out = { ...schema, properties };
    stripped.set(schema, out);
  }
  return out;
}
