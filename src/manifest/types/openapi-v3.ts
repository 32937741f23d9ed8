import type { Json } from '../../model/index.js';
import { lazy, objectMetaSchema } from './builtin.js';
import type { SchemaKind, TypeSchema } from './schema.js';

type Members = { [key: string]: unknown };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const kinds = new Set(['string', 'integer', 'number', 'boolean']);

/**
 * The schema of a custom resource from its CustomResourceDefinition's `openAPIV3Schema`. The root gets
 * apiVersion, kind and metadata as every object has them.
 * @param json the schema as JSON data; what is not a structural schema is read as far as it can be
 * @param options preserveUnknown: `spec.preserveUnknownFields` of the definition
 */
export function schemaFromOpenApiV3(json: unknown, options: { preserveUnknown?: boolean } = {}): TypeSchema {
  const root = read(isMembers(json) ? json : {}, true);
  return options.preserveUnknown
    ? Object.defineProperty(root, 'preserveUnknown', { value: true, enumerable: true, configurable: true })
    : root;
}

function read(json: Members, isRoot: boolean): TypeSchema {
  const node = {} as Writable<TypeSchema>;
  const embedded = isRoot || json['x-kubernetes-embedded-resource'] === true;
  node.kind = kindOf(json, embedded);
  describe(node, json);
  if (embedded && !isRoot) node.embeddedResource = true;
  if (node.kind === 'object') lazy(node, 'properties', () => properties(json, embedded));
  if (node.kind === 'map')
    lazy(node, 'additional', () => (isMembers(json['additionalProperties']) ? read(json['additionalProperties'], false) : { kind: 'any' }));
  if (node.kind === 'array') lazy(node, 'items', () => (isMembers(json['items']) ? read(json['items'], false) : { kind: 'any' }));
  return node;
}

function kindOf(json: Members, embedded: boolean): SchemaKind {
  if (json['x-kubernetes-int-or-string'] === true) return 'any';
  const type = json['type'];
  if (typeof type === 'string' && kinds.has(type)) return type as SchemaKind;
  if (type === 'array') return 'array';
  if (isMembers(json['properties']) || embedded) return 'object';
  if (type !== 'object') return 'any';
  return isMembers(json['additionalProperties']) || json['additionalProperties'] === true ? 'map' : 'object';
}

function describe(node: Writable<TypeSchema>, json: Members): void {
  const text = (key: string) => (typeof json[key] === 'string' ? (json[key] as string) : undefined);
  const texts = (key: string) => (Array.isArray(json[key]) ? (json[key] as unknown[]).filter((v) => typeof v === 'string') : undefined);
  const set = <K extends keyof TypeSchema>(key: K, value: TypeSchema[K] | undefined) => {
    if (value !== undefined) (node as Writable<TypeSchema>)[key] = value;
  };
  set('format', text('format'));
  set('listType', text('x-kubernetes-list-type') as TypeSchema['listType']);
  set('mapKeys', texts('x-kubernetes-list-map-keys'));
  set('mapType', text('x-kubernetes-map-type') as TypeSchema['mapType']);
  set('required', texts('required'));
  if (Array.isArray(json['enum'])) set('enum', json['enum'] as Json[]);
  if (json['default'] !== undefined) set('default', json['default'] as Json);
  if (json['nullable'] === true) set('nullable', true);
  if (json['x-kubernetes-int-or-string'] === true) set('intOrString', true);
  if (json['x-kubernetes-preserve-unknown-fields'] === true) set('preserveUnknown', true);
}

function properties(json: Members, embedded: boolean): ReadonlyMap<string, TypeSchema> {
  const map = new Map<string, TypeSchema>();
  const declared = isMembers(json['properties']) ? json['properties'] : {};
  for (const key of Object.keys(declared)) if (isMembers(declared[key])) map.set(key, read(declared[key], false));
  if (embedded) {
    map.set('apiVersion', { kind: 'string' });
    map.set('kind', { kind: 'string' });
    map.set('metadata', objectMetaSchema());
  }
  return map;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
