import type { z } from 'zod';
import { toCamel } from '../../gitops/index.js';
import type { FieldDescription, TypeDescription } from '../describe/types.js';

interface Def {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  shape?: { [name: string]: z.ZodType };
  options?: z.ZodType[];
  entries?: { [name: string]: string };
  values?: unknown[];
}

const defOf = (schema: z.ZodType) => schema.def as unknown as Def;

/** The description of options that are checked by a schema. Its names are snake_case; ours are camelCase. */
export function describeSchema(schema: z.ZodType): TypeDescription {
  const { type, innerType, element, shape, options, entries, values } = defOf(schema);
  switch (type) {
    case 'optional':
    case 'default':
      return describeSchema(innerType as z.ZodType);
    case 'object':
      return {
        type: 'object',
        fields: Object.fromEntries(
          Object.entries(shape ?? {}).map(([name, member]) => [toCamel(name), fieldOf(member, describeSchema(member))]),
        ),
      };
    case 'array':
      return { type: 'list', of: describeSchema(element as z.ZodType) };
    case 'union':
      return { type: 'any-of', of: (options ?? []).map(describeSchema) };
    case 'enum':
      return { type: 'choice', values: Object.values(entries ?? {}) };
    case 'literal':
      return { type: 'choice', values: (values ?? []).map(String) };
    case 'string':
      return { type: 'text' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: 'number' };
    case 'record':
      return { type: 'record', of: { type: 'data' } };
    default:
      return { type: 'data' };
  }
}

function fieldOf(member: z.ZodType, type: TypeDescription): FieldDescription {
  const optional = ['optional', 'default'].includes(defOf(member).type);
  return { type, summary: member.description ?? '', ...(optional ? { optional: true } : {}) };
}
