import type { TypeSchema } from './schema.js';

export interface ShapeProblem {
  /** `unknown`: no such field; `type`: the field takes another JSON type. */
  kind: 'unknown' | 'type';
  /** `spec.template.spec.containers[0].imge` */
  path: string;
  /** As the API server words it. */
  message: string;
}

/** Where a value stands: its path for people, the names without indices, and the structure it belongs to. */
interface Place {
  path: string;
  field: string;
  owner: string;
}

/**
 * Compares an object with its schema as strict decoding on the API server does: fields that do not exist and
 * values of a type that the field does not take. Whether a value is allowed is not looked at.
 * @returns problems in the order of the object's fields; empty where there are none
 */
export function validateShape(schema: TypeSchema, object: unknown): ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  visit(problems, schema, object, { path: '', field: '', owner: structName(schema) });
  return problems;
}

function visit(problems: ShapeProblem[], schema: TypeSchema, value: unknown, at: Place): void {
  if (value === null || value === undefined) return;
  switch (schema.kind) {
    case 'any':
      if (schema.intOrString && typeof value !== 'string' && !isInteger(value)) mismatch(problems, schema, value, at);
      return;
    case 'array':
      if (!Array.isArray(value)) mismatch(problems, schema, value, at);
      else
        for (let i = 0; i < value.length; i++) visit(problems, schema.items as TypeSchema, value[i], { ...at, path: `${at.path}[${i}]` });
      return;
    case 'map':
    case 'object':
      if (typeof value !== 'object' || Array.isArray(value)) mismatch(problems, schema, value, at);
      else members(problems, schema, value as { [key: string]: unknown }, at);
      return;
    default:
      if (!takes(schema, value)) mismatch(problems, schema, value, at);
  }
}

function members(problems: ShapeProblem[], schema: TypeSchema, value: { [key: string]: unknown }, at: Place): void {
  const owner = schema.kind === 'object' ? structName(schema) : at.owner;
  for (const key of Object.keys(value)) {
    const path = at.path === '' ? key : `${at.path}.${key}`;
    const child = schema.properties?.get(key) ?? schema.additional;
    if (child !== undefined)
      visit(problems, child, value[key], {
        path,
        field: schema.kind === 'map' ? at.field : at.field === '' ? key : `${at.field}.${key}`,
        owner,
      });
    else if (!schema.preserveUnknown) problems.push({ kind: 'unknown', path, message: `unknown field "${path}"` });
  }
}

function takes(schema: TypeSchema, value: unknown): boolean {
  switch (schema.kind) {
    case 'string':
      return typeof value === 'string' || (schema.format === 'quantity' && (typeof value === 'number' || typeof value === 'bigint'));
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return isInteger(value) && (schema.format !== 'int32' || (value >= -(2 ** 31) && value < 2 ** 31));
    default:
      return typeof value === 'number' || typeof value === 'bigint';
  }
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

function mismatch(problems: ShapeProblem[], schema: TypeSchema, value: unknown, at: Place): void {
  const message =
    at.owner === ''
      ? `${at.path}: Invalid value: ${JSON.stringify(jsonType(value))}: ${at.path} in body must be of type ${wanted(schema)}: ${JSON.stringify(jsonType(value))}`
      : `json: cannot unmarshal ${goValue(schema, value)} into Go struct field ${at.owner}.${at.field} of type ${goType(schema)}`;
  problems.push({ kind: 'type', path: at.path, message });
}

function wanted(schema: TypeSchema): string {
  if (schema.intOrString) return 'integer,string';
  return schema.kind === 'map' ? 'object' : schema.kind;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isInteger(value)) return 'integer';
  return typeof value;
}

function goValue(schema: TypeSchema, value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return schema.kind === 'integer' ? `number ${value}` : 'number';
  return typeof value;
}

const goFormats: { [format: string]: string } = { int32: 'int32', int64: 'int64', double: 'float64', byte: '[]uint8' };

function goType(schema: TypeSchema): string {
  if (schema.intOrString) return 'intstr.IntOrString';
  if (schema.format === 'quantity') return 'resource.Quantity';
  if (schema.format === 'date-time') return 'v1.Time';
  switch (schema.kind) {
    case 'array':
      return `[]${goType(schema.items as TypeSchema)}`;
    case 'map':
      return `map[string]${goType(schema.additional as TypeSchema)}`;
    case 'object': {
      const name = schema.name?.split('.') ?? [];
      return name.slice(-2).join('.');
    }
    case 'boolean':
      return 'bool';
    case 'integer':
    case 'number':
    case 'string':
      return goFormats[schema.format ?? ''] ?? schema.kind;
    default:
      return 'interface {}';
  }
}

/** The Go type's name of a built-in structure; '' for custom resources, which the API server words otherwise. */
function structName(schema: TypeSchema): string {
  return schema.name === undefined ? '' : schema.name.slice(schema.name.lastIndexOf('.') + 1);
}
