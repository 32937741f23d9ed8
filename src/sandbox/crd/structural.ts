import { type FieldErrors, forbiddenField, invalid, notSupported, required } from '../strategy/field.js';
import type { StructuralSchema } from './types.js';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/**
 * What keeps a schema from being structural
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 */
export function structuralProblems(schema: StructuralSchema, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (!schema.type) out.push(required(`${at}.type`, 'must not be empty at the root'));
  else if (schema.type !== 'object') out.push(invalid(`${at}.type`, schema.type, 'must be object at the root'));
  visit(schema, at, out, true);
  return out;
}

function visit(schema: StructuralSchema, at: string, out: FieldErrors, root = false): void {
  const open = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  if (!root && !schema.type && !open) out.push(required(`${at}.type`, placeText(at)));
  if (schema.type && !types.includes(schema.type)) out.push(notSupported(`${at}.type`, schema.type, types));
  if (schema['x-kubernetes-int-or-string'] && schema.type)
    out.push(invalid(`${at}.type`, schema.type, 'must be empty if x-kubernetes-int-or-string is true'));
  if (schema['x-kubernetes-embedded-resource'] && schema.type !== 'object')
    out.push(invalid(`${at}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'));
  if (schema.uniqueItems)
    out.push(forbiddenField(`${at}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  if (schema.properties && isSchema(schema.additionalProperties))
    out.push(forbiddenField(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  if (schema.type === 'array' && !schema.items) out.push(required(`${at}.items`, 'must be specified'));
  if (schema['x-kubernetes-list-type'] === 'map' && (schema['x-kubernetes-list-map-keys'] ?? []).length === 0)
    out.push(required(`${at}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema['x-kubernetes-list-type'] && schema.type !== 'array')
    out.push(invalid(`${at}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
  for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, `${at}.properties[${name}]`, out);
  if (isSchema(schema.additionalProperties)) visit(schema.additionalProperties, `${at}.additionalProperties`, out);
  if (schema.items) visit(schema.items, `${at}.items`, out);
}

const isSchema = (value: unknown): value is StructuralSchema => value !== null && typeof value === 'object';

function placeText(at: string): string {
  if (at.endsWith('.items')) return 'must not be empty for specified array items';
  return 'must not be empty for specified object fields';
}
