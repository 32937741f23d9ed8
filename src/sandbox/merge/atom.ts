import { goJson, type TypeSchema } from '../../manifest/index.js';
import { compareText } from '../../model/index.js';

/**
 * A schema as structured-merge-diff sees it: what a place may hold and how each of these merges. A place
 * whose type is open has all three, and its value decides.
 */
export interface Atom {
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped';
  readonly list?: ListAtom;
  readonly map?: MapAtom;
}

export interface ListAtom {
  readonly associative: boolean;
  /** Fields that identify an item, by name; empty in a set, whose items identify themselves. */
  readonly keys: readonly string[];
  /** The keys as they stand in path elements: `"name":`. */
  readonly keyPrefixes: readonly string[];
  readonly element: Atom;
  /** What a key field counts as where an item leaves it out. */
  keyDefault(key: string): unknown;
}

export interface MapAtom {
  readonly atomic: boolean;
  /** Fields that the schema names. */
  field(key: string): Atom | undefined;
  /** All other keys; undefined where there may be none. */
  readonly element: Atom | undefined;
  /** Nothing is known of what is inside. */
  readonly deduced: boolean;
}

const noDefault = () => undefined;

/** Open to anything, taken as a whole: runtime.RawExtension. */
const untypedAtom: Atom = {
  scalar: 'untyped',
  list: {
    associative: false,
    keys: [],
    keyPrefixes: [],
    get element() {
      return untypedAtom;
    },
    keyDefault: noDefault,
  },
  map: {
    atomic: true,
    field: noDefault,
    get element() {
      return untypedAtom;
    },
    deduced: false,
  },
};

/** Open to anything: objects merge key by key, lists are taken as a whole. */
const deducedAtom: Atom = {
  scalar: 'untyped',
  list: {
    associative: false,
    keys: [],
    keyPrefixes: [],
    get element() {
      return untypedAtom;
    },
    keyDefault: noDefault,
  },
  map: {
    atomic: false,
    field: noDefault,
    get element() {
      return deducedAtom;
    },
    deduced: true,
  },
};

const atoms = new WeakMap<TypeSchema, Atom>();
const preserving = new WeakMap<TypeSchema, Atom>();

/** The atom of a schema; of no schema, the deduced one. */
export function atomOf(schema: TypeSchema | undefined): Atom {
  return schema === undefined ? deducedAtom : remembered(schema, schema.preserveUnknown === true);
}

/** That unknown fields are kept holds for everything below the place that says so. */
function remembered(schema: TypeSchema, preserve: boolean): Atom {
  const known = preserve ? preserving : atoms;
  let atom = known.get(schema);
  if (atom === undefined) {
    atom = makeAtom(schema, preserve);
    known.set(schema, atom);
  }
  return atom;
}

const stringAtom: Atom = { scalar: 'string' };
const numericAtom: Atom = { scalar: 'numeric' };
const booleanAtom: Atom = { scalar: 'boolean' };
const untypedScalar: Atom = { scalar: 'untyped' };

function makeAtom(schema: TypeSchema, preserve: boolean): Atom {
  switch (schema.kind) {
    case 'string':
      return schema.format === undefined || schema.format === '' || schema.format === 'byte' ? stringAtom : untypedScalar;
    case 'integer':
    case 'number':
      return numericAtom;
    case 'boolean':
      return booleanAtom;
    case 'array':
      return { list: makeList(schema, preserve) };
    case 'object':
    case 'map':
      return { map: makeMap(schema, preserve) };
    default:
      if (schema.mapType === 'atomic') return untypedAtom;
      return schema.intOrString && schema.nullable !== true ? untypedScalar : deducedAtom;
  }
}

function makeList(schema: TypeSchema, preserve: boolean): ListAtom {
  const relation = relationship(schema);
  const keys = [...relation.keys].sort(compareText);
  let element: Atom | undefined;
  return {
    associative: relation.associative,
    keys,
    keyPrefixes: keys.map((key) => `${goJson(key)}:`),
    get element() {
      if (element === undefined)
        element = schema.items === undefined ? untypedAtom : remembered(schema.items, preserve || schema.items.preserveUnknown === true);
      return element;
    },
    keyDefault: (key) => schema.items?.properties?.get(key)?.default,
  };
}

function relationship(schema: TypeSchema): { associative: boolean; keys: readonly string[] } {
  if (schema.listType === 'set') return { associative: true, keys: [] };
  if (schema.listType === 'map') return { associative: true, keys: schema.mapKeys ?? [] };
  if (schema.listType === undefined && schema.patchStrategy?.includes('merge'))
    return { associative: true, keys: schema.patchMergeKey === undefined ? [] : [schema.patchMergeKey] };
  return { associative: false, keys: [] };
}

function makeMap(schema: TypeSchema, preserve: boolean): MapAtom {
  const fields = new Map<string, Atom>();
  const properties = schema.properties;
  const open = schema.kind === 'object' && (properties === undefined || properties.size === 0);
  let element: Atom | undefined;
  let known = false;
  return {
    atomic: schema.mapType === 'atomic',
    field(key) {
      let atom = fields.get(key);
      if (atom === undefined) {
        const child = properties?.get(key);
        if (child === undefined) return undefined;
        atom = remembered(child, preserve || child.preserveUnknown === true);
        fields.set(key, atom);
      }
      return atom;
    },
    get element() {
      if (!known) {
        known = true;
        const additional = schema.additional;
        if (additional !== undefined) element = remembered(additional, preserve || additional.preserveUnknown === true);
        else if (preserve || open) element = deducedAtom;
      }
      return element;
    },
    get deduced() {
      return open && !schema.additional;
    },
  };
}

export type Members = { [key: string]: unknown };

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value makes of an open atom. A value that is absent or null leaves it as it is. */
export function deduce(atom: Atom, value: unknown): Atom {
  if (value === undefined || value === null) return atom;
  if (Array.isArray(value)) return atom.list === undefined || (!atom.map && !atom.scalar) ? atom : only(atom, 'list');
  if (typeof value === 'object') return atom.map === undefined || (!atom.list && !atom.scalar) ? atom : only(atom, 'map');
  return atom.scalar === undefined || (!atom.list && !atom.map) ? atom : only(atom, 'scalar');
}

const parts = new WeakMap<Atom, { scalar: Atom; list: Atom; map: Atom }>();

function only(atom: Atom, part: 'scalar' | 'list' | 'map'): Atom {
  let known = parts.get(atom);
  if (known === undefined) {
    known = { scalar: { scalar: atom.scalar }, list: { list: atom.list }, map: { map: atom.map } } as {
      scalar: Atom;
      list: Atom;
      map: Atom;
    };
    parts.set(atom, known);
  }
  return known[part];
}

/** The atom of the value under a key; undefined where the schema has no such key. */
export function atomAt(map: MapAtom, key: string): Atom | undefined {
  return map.field(key) ?? map.element;
}
