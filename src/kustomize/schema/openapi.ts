import type { Json } from '../../model/index.js';
import { builtinType } from './builtin.js';
import type { Schema, SchemaSource } from './types.js';

type JsonMap = { [key: string]: Json };

const isMap = (value: Json | undefined): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);
const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

/** How many references may lead from one to the next. */
const maxReferences = 50;

/** The schemas of an OpenAPI v2 document: its `definitions`, and from its `paths` which kinds have a namespace. */
export function openApiSchemas(document: Json): SchemaSource {
  return openDocument(document);
}

/** A schema that stands by itself, in a comment; what it refers to is among the built-in types. */
export function looseSchema(schema: Json): Schema | undefined {
  return openDocument({}, builtinType).wrap(schema);
}

function openDocument(document: Json, outside?: (name: string) => Schema): SchemaSource & { wrap(schema: Json): Schema | undefined } {
  const definitions = asMap(asMap(document)['definitions']);
  const byKind = new Map<string, JsonMap>();
  for (const name of Object.keys(definitions)) {
    const definition = asMap(definitions[name]);
    for (const gvk of gvksOf(definition)) byKind.set(gvk, definition);
  }
  const scope = new Map<string, boolean>();
  const paths = asMap(asMap(document)['paths']);
  for (const path of Object.keys(paths)) {
    const get = asMap(asMap(paths[path])['get']);
    for (const gvk of gvksOf(get)) {
      if (path.includes('namespaces/{namespace}')) scope.set(gvk, true);
      else if (!scope.has(gvk)) scope.set(gvk, false);
    }
  }

  const resolved = (schema: JsonMap): JsonMap | undefined => {
    let at: JsonMap = schema;
    for (let i = 0; i < maxReferences; i++) {
      const ref = at['$ref'];
      if (typeof ref !== 'string') return at;
      const target = definitions[ref.replace(/^#\/definitions\//, '')];
      if (!isMap(target)) return undefined;
      at = target;
    }
    return undefined;
  };

  const made = new Map<JsonMap, Schema>();
  const wrap = (raw: Json | undefined): Schema | undefined => {
    const ref = isMap(raw) ? raw['$ref'] : undefined;
    if (outside !== undefined && typeof ref === 'string') return outside(ref);
    const schema = isMap(raw) ? resolved(raw) : undefined;
    if (schema === undefined) return undefined;
    const known = made.get(schema);
    if (known !== undefined) return known;
    const wrapped: Schema = {
      field: (name) => {
        const properties = asMap(schema['properties']);
        return wrap(Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties']);
      },
      elements: () => (schema['type'] === 'array' || oneType(schema['type']) === 'array' ? wrap(schema['items']) : undefined),
      mergeKeys: mergeKeysOf(schema),
    };
    made.set(schema, wrapped);
    return wrapped;
  };
  return {
    wrap,
    schemaOf: (apiVersion, kind) => wrap(byKind.get(`${apiVersion} ${kind}`)),
    isClusterScoped: (apiVersion, kind) => scope.get(`${apiVersion} ${kind}`) === false,
  };
}

function oneType(type: Json | undefined): Json | undefined {
  return Array.isArray(type) && type.length === 1 ? type[0] : undefined;
}

function gvksOf(holder: JsonMap): string[] {
  const gvk = holder['x-kubernetes-group-version-kind'];
  const all = Array.isArray(gvk) ? gvk : isMap(gvk) ? [gvk] : [];
  return all.filter(isMap).flatMap(({ group, version, kind }) => {
    if (typeof version !== 'string' || typeof kind !== 'string') return [];
    return [`${typeof group === 'string' && group !== '' ? `${group}/` : ''}${version} ${kind}`];
  });
}

function mergeKeysOf(schema: JsonMap): string[] | undefined {
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return undefined;
  const list = schema['x-kubernetes-list-map-keys'];
  if (Array.isArray(list)) return list.filter((key): key is string => typeof key === 'string');
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? [key] : [];
}
