import type { Environment } from '@marcbachmann/cel-js';
import type { StructuralSchema } from '../types.js';
import { identifierOf } from './names.js';

/**
 * The name of the type that rules see a schema's values as; undefined for what rules cannot see. Types of
 * structures are declared in the environment as they come up.
 */
export function declareType(env: Environment, schema: StructuralSchema | undefined, root = false): string | undefined {
  return declare({ env, count: 0 }, schema, root);
}

interface Declaring {
  env: Environment;
  count: number;
}

function declare(to: Declaring, schema: StructuralSchema | undefined, root: boolean): string | undefined {
  if (!schema) return undefined;
  if (schema['x-kubernetes-int-or-string']) return 'dyn';
  switch (schema.type) {
    case 'array': {
      const item = declare(to, schema.items, schema.items?.['x-kubernetes-embedded-resource'] === true);
      return item && `list<${item}>`;
    }
    case 'object':
      return objectType(to, schema, root);
    case 'string':
      return textTypes[schema.format ?? ''] ?? 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'double';
    case 'integer':
      return 'int';
    default:
      return undefined;
  }
}

const textTypes: { [format: string]: string } = {
  byte: 'bytes',
  duration: 'google.protobuf.Duration',
  date: 'google.protobuf.Timestamp',
  'date-time': 'google.protobuf.Timestamp',
};

function objectType(to: Declaring, schema: StructuralSchema, root: boolean): string | undefined {
  const { additionalProperties: others } = schema;
  if (typeof others === 'object') {
    const value = declare(to, others, others['x-kubernetes-embedded-resource'] === true);
    return value && `map<string, ${value}>`;
  }
  const fields: { [name: string]: string } = {};
  for (const [property, child] of Object.entries(schema.properties ?? {})) {
    const name = identifierOf(property);
    const type = name === undefined ? undefined : declare(to, child, child['x-kubernetes-embedded-resource'] === true);
    if (name !== undefined && type !== undefined) fields[name] = type;
  }
  if (root)
    Object.assign(fields, { apiVersion: 'string', kind: 'string', metadata: structure(to, { name: 'string', generateName: 'string' }) });
  return structure(to, fields);
}

function structure(to: Declaring, fields: { [name: string]: string }): string {
  const name = `object${to.count++}`;
  to.env.registerType(name, { fields });
  for (const other of [name, 'null']) to.env.registerOperator(`${name} == ${other}: bool`, () => true);
  return name;
}
