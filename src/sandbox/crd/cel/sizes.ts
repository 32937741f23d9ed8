import type { StructuralSchema } from '../types.js';
import { identifierOf } from './names.js';

/** What the estimate of a rule's cost has to know of a type: how large its values can be, and what is in them. */
export interface Sized {
  kind: 'bool' | 'bytes' | 'duration' | 'double' | 'dyn' | 'int' | 'list' | 'map' | 'null' | 'object' | 'other' | 'string' | 'timestamp';
  /** The most items or bytes. */
  most: number;
  /** The least bytes as JSON. */
  least: number;
  item?: Sized;
  key?: Sized;
  fields?: Map<string, Sized>;
}

/** The largest request that the API server takes. */
const request = 3 * 1024 * 1024;
const longestText = request - 2;

export const plain = (kind: Sized['kind'], least = 1): Sized => ({ kind, most: 0, least });
const bound = (limit: number | undefined, otherwise: number) => (limit === undefined ? otherwise : Math.max(limit, 0));

/** How often something of a least size fits into a request. */
export const mostTimes = (least: number): number => Math.floor(request / (least + 1));

/** The sizes of a schema's values; undefined for what rules cannot see. */
export function sizesOf(schema: StructuralSchema | undefined, root: boolean): Sized | undefined {
  if (!schema) return undefined;
  if (schema['x-kubernetes-int-or-string']) return { kind: 'dyn', most: longestText, least: 1 };
  switch (schema.type) {
    case 'array': {
      const item = sizesOf(schema.items, isEmbedded(schema.items));
      return item && { kind: 'list', most: bound(schema.maxItems, Math.floor((request - 2) / (item.least + 1))), least: 2, item };
    }
    case 'object':
      return objectSizes(schema, root);
    case 'string':
      return textSizes(schema);
    case 'boolean':
      return plain('bool', 4);
    case 'number':
      return plain('double');
    case 'integer':
      return plain('int');
    default:
      return undefined;
  }
}

const isEmbedded = (schema: StructuralSchema | undefined): boolean => schema?.['x-kubernetes-embedded-resource'] === true;

function textSizes({ format, maxLength }: StructuralSchema): Sized {
  switch (format) {
    case 'byte':
      return { kind: 'bytes', most: bound(maxLength, longestText), least: 2 };
    case 'duration':
      return { kind: 'duration', most: 32, least: 3 };
    case 'date':
      return { kind: 'timestamp', most: 12, least: 12 };
    case 'date-time':
      return { kind: 'timestamp', most: 32, least: 21 };
    default:
      // Lengths are of characters, each of which can have four bytes.
      return { kind: 'string', most: maxLength === undefined ? longestText : Math.max(maxLength, 0) * 4, least: 2 };
  }
}

function objectSizes(schema: StructuralSchema, root: boolean): Sized | undefined {
  const { additionalProperties: others } = schema;
  if (typeof others === 'object') {
    const item = sizesOf(others, isEmbedded(others));
    const most = item && bound(schema.maxProperties, Math.floor((request - 2) / (item.least + 6)));
    return item && { kind: 'map', most: most ?? 0, least: 2, key: plain('string', 2), item };
  }
  const fields = new Map<string, Sized>();
  let least = 2;
  for (const [property, child] of Object.entries(root ? { ...schema.properties, ...resourceFields } : (schema.properties ?? {}))) {
    const sizes = sizesOf(child, isEmbedded(child));
    if (!sizes) continue;
    const name = identifierOf(property);
    if (name !== undefined) fields.set(name, sizes);
    if (schema.required?.includes(property) && child.default === undefined) least += Buffer.byteLength(property) + sizes.least + 4;
  }
  return { kind: 'object', most: 0, least, fields };
}

const resourceFields: { [name: string]: StructuralSchema } = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
};
