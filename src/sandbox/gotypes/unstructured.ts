import { DecodeError, decodeStruct } from './decode.js';
import type { GoStruct, GoType } from './types.js';

/**
 * Why the fields of an object without a type cannot be those of a struct, as the API server says it after a
 * strategic merge patch, where nothing goes through JSON; undefined where they can. The first field counts.
 */
export function unstructuredProblem(struct: GoStruct, value: unknown): string | undefined {
  return typeProblem({ kind: 'struct', name: struct.name, struct }, value);
}

/** The Go kind of a value read from JSON. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'bigint' || Number.isInteger(value)) return 'int64';
  if (typeof value === 'number') return 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'map' : 'string';
}

function typeProblem(type: GoType, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const kind = goKind(value);
  switch (type.kind) {
    case 'pointer':
      return typeProblem(type.of, value);
    case 'string':
      if (kind === 'string') return undefined;
      return kind === 'int64' ? `cannot convert int64 to ${type.name}` : 'unrecognized type: string';
    case 'bool':
      return kind === 'bool' ? undefined : 'unrecognized type: bool';
    case 'int':
      if (kind === 'int64') return undefined;
      return kind === 'float64' ? `cannot convert float64 to ${type.name}` : `unrecognized type: ${type.bits === 64 ? 'int64' : 'int32'}`;
    case 'float':
      return kind === 'int64' || kind === 'float64' ? undefined : 'unrecognized type: float64';
    case 'struct':
      return kind === 'map' ? structProblem(type.struct, value as object) : `cannot restore struct from: ${kind}`;
    case 'list':
      return kind === 'slice' ? first(value as unknown[], type.of) : `cannot restore slice from ${kind}`;
    case 'map':
      return kind === 'map' ? first(Object.values(value), type.of) : `cannot restore map from ${kind}`;
    case 'bytes':
      if (kind !== 'string') return `cannot restore slice from ${kind}`;
      return special(type, value, 'error decoding from json: ');
    default:
      return special(type, value, '');
  }
}

function first(items: readonly unknown[], of: GoType): string | undefined {
  for (const item of items) {
    const problem = typeProblem(of, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function structProblem(struct: GoStruct, value: object): string | undefined {
  for (const [name, field] of struct.fields) {
    if (!Object.hasOwn(value, name)) continue;
    const problem = typeProblem(field.type, (value as { [key: string]: unknown })[name]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Types with a way of their own to be read from JSON. */
function special(type: GoType, value: unknown, prefix: string): string | undefined {
  const field = { name: 'value', omitEmpty: false, number: undefined, type };
  try {
    decodeStruct({ name: '', fields: new Map([['value', field]]), embedded: new Map() }, { value }, '');
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return `${prefix}${error.message}`;
    throw error;
  }
}
