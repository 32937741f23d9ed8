import type { Json } from '../../model/index.js';

export type SchemaKind = 'object' | 'map' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'any';

/**
 * What is known of one place in an object: a field, a list item, a map value. Nodes are immutable and may
 * refer back to themselves; `properties`, `items` and `additional` are made when they are first read.
 */
export interface TypeSchema {
  readonly kind: SchemaKind;
  /** Name of the OpenAPI definition, for built-in structures. */
  readonly name?: string;
  /** `int32`, `int64`, `double`, `byte`, `date-time`, `quantity`, or what a custom resource's author wrote. */
  readonly format?: string;
  /** Fields by name (kind `object`). */
  readonly properties?: ReadonlyMap<string, TypeSchema>;
  /** Schema of any other key's value (kind `map`). */
  readonly additional?: TypeSchema;
  /** Schema of list items (kind `array`). */
  readonly items?: TypeSchema;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly mapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** `merge`, `replace`, `retainKeys`: x-kubernetes-patch-strategy in its parts. */
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  readonly required?: readonly string[];
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly nullable?: boolean;
  /** An integer or a string; then `kind` is `any`. */
  readonly intOrString?: boolean;
  /** Fields that the schema does not name are kept. */
  readonly preserveUnknown?: boolean;
  /** The object is a Kubernetes object of its own, with apiVersion, kind and metadata. */
  readonly embeddedResource?: boolean;
  readonly unions?: readonly SchemaUnion[];
}

/** Fields of which one is set; the discriminator tells which. */
export interface SchemaUnion {
  readonly discriminator?: string;
  /** Field name → the discriminator's value. */
  readonly fields: { readonly [field: string]: string };
}

/** The schema of a field or map value called `key`, or undefined where the schema knows none. */
export function childSchema(schema: TypeSchema | undefined, key: string): TypeSchema | undefined {
  return schema?.properties?.get(key) ?? schema?.additional;
}
