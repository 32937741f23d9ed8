import type { GroupVersionKind, Json } from '../../model/index.js';
import { schemasJson } from './generated/schemas.js';
import type { SchemaKind, SchemaUnion, TypeSchema } from './schema.js';

/** A field as scripts/generate-types.mjs writes it. */
type Field = string | number | FieldObject;

interface FieldObject {
  t?: Field;
  a?: Field;
  o?: Field;
  lt?: 'atomic' | 'set' | 'map';
  lk?: string[];
  mt?: 'atomic' | 'granular';
  ps?: string;
  pk?: string;
  en?: Json[];
  pu?: 1;
  d?: Json;
}

interface Definition extends FieldObject {
  p?: { [name: string]: Field };
  r?: string[];
  u?: SchemaUnion[];
}

interface Document {
  names: string[];
  definitions: Definition[];
  kinds: { [gvk: string]: number };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

let loaded: { document: Document; byDefinition: (TypeSchema | undefined)[]; indexOf: Map<string, number> } | undefined;

function load(): NonNullable<typeof loaded> {
  if (loaded === undefined) {
    const document = JSON.parse(schemasJson) as Document;
    loaded = { document, byDefinition: new Array(document.definitions.length), indexOf: new Map(document.names.map((n, i) => [n, i])) };
  }
  return loaded;
}

/** The schema of a built-in kind (lists included), or undefined where this version of Kubernetes has none. */
export function builtinSchema(gvk: GroupVersionKind): TypeSchema | undefined {
  const { document } = load();
  const key = `${gvk.group}/${gvk.version}/${gvk.kind}`;
  return Object.hasOwn(document.kinds, key) ? definitionSchema(document.kinds[key] as number) : undefined;
}

/** The schema of an OpenAPI definition by its full name, as `io.k8s.api.core.v1.PodSpec`. */
export function builtinDefinition(name: string): TypeSchema | undefined {
  const index = load().indexOf.get(name);
  return index === undefined ? undefined : definitionSchema(index);
}

/** The schema of `metadata` of any object. */
export function objectMetaSchema(): TypeSchema {
  return builtinDefinition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') as TypeSchema;
}

const scalars: { [code: string]: TypeSchema } = {
  s: { kind: 'string' },
  y: { kind: 'string', format: 'byte' },
  t: { kind: 'string', format: 'date-time' },
  m: { kind: 'string', format: 'date-time' },
  q: { kind: 'string', format: 'quantity' },
  i: { kind: 'integer', format: 'int32' },
  l: { kind: 'integer', format: 'int64' },
  d: { kind: 'number', format: 'double' },
  b: { kind: 'boolean' },
  x: { kind: 'any', intOrString: true },
  j: { kind: 'any' },
  e: { kind: 'any', mapType: 'atomic' },
};

function definitionSchema(index: number): TypeSchema {
  const { document, byDefinition } = load();
  byDefinition[index] ??= makeDefinition(document.definitions[index] as Definition, document.names[index] as string);
  return byDefinition[index] as TypeSchema;
}

function makeDefinition(definition: Definition, name: string): TypeSchema {
  if (definition.p === undefined) return { ...annotated(definition), name };
  const node = { kind: 'object' as SchemaKind, name } as Writable<TypeSchema>;
  if (definition.r !== undefined) node.required = definition.r;
  if (definition.u !== undefined) node.unions = definition.u;
  if (definition.mt !== undefined) node.mapType = definition.mt;
  const fields = definition.p;
  return lazy(node, 'properties', () => new Map(Object.keys(fields).map((key) => [key, fieldSchema(fields[key] as Field)])));
}

function fieldSchema(field: Field): TypeSchema {
  if (typeof field === 'number') return definitionSchema(field);
  if (typeof field === 'string') return scalars[field] as TypeSchema;
  return annotated(field);
}

/** A node of its own for a field that says more than its type: what it refers to is shared, not copied. */
function annotated(field: FieldObject): TypeSchema {
  let node = {} as Writable<TypeSchema>;
  if (field.a !== undefined) {
    const items = field.a;
    node.kind = 'array';
    lazy(node, 'items', () => fieldSchema(items));
  } else if (field.o !== undefined) {
    const values = field.o;
    node.kind = 'map';
    lazy(node, 'additional', () => fieldSchema(values));
  } else {
    const base = fieldSchema(field.t ?? 'j');
    node = Object.defineProperties({}, Object.getOwnPropertyDescriptors(base)) as Writable<TypeSchema>;
    if (base.kind === 'object') lazy(node, 'properties', () => base.properties as ReadonlyMap<string, TypeSchema>);
  }
  if (field.lt !== undefined) node.listType = field.lt;
  if (field.lk !== undefined) node.mapKeys = field.lk;
  if (field.mt !== undefined) node.mapType = field.mt;
  if (field.ps !== undefined) node.patchStrategy = field.ps.split(',');
  if (field.pk !== undefined) node.patchMergeKey = field.pk;
  if (field.en !== undefined) node.enum = field.en;
  if (field.pu !== undefined) node.preserveUnknown = true;
  if (field.d !== undefined) node.default = field.d;
  return node;
}

/** Defines a member that is computed when it is first read and plain data from then on. */
export function lazy<T extends object, K extends keyof TypeSchema>(node: T, key: K, make: () => TypeSchema[K]): T {
  return Object.defineProperty(node, key, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make();
      Object.defineProperty(node, key, { value, enumerable: true, configurable: true });
      return value;
    },
  });
}
