import { setOwn } from '../../model/index.js';
import { canonicalQuantity, quantityError } from './quantity.js';
import type { GoField, GoStruct, GoType } from './types.js';

type Obj = { [key: string]: unknown };

/** What a value may not be: the text is what the API server answers. */
export class DecodeError extends Error {}

export interface Decoded {
  value: Obj;
  /** Paths of members that no field takes, in the order met: `spec.template.spec.containers[0].imge`. */
  unknown: string[];
}

/**
 * Reads JSON data as the API server's own type would: unknown members are dropped and told, empty optional
 * ones are left out, the others appear with their zero value, quantities and times take their canonical form.
 * @throws DecodeError where a value has another type than its field
 */
export function decodeStruct(struct: GoStruct, value: unknown, rootName: string): Decoded {
  const unknown: string[] = [];
  if (!isObject(value)) throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${rootName}`);
  return { value: readStruct({ unknown }, struct, value, '', ''), unknown };
}

/** What an empty object of a type looks like on the wire: fields that are written even while they are empty. */
export function zeroStruct(struct: GoStruct): Obj {
  return readStruct({ unknown: [] }, struct, {}, '', '');
}

interface Context {
  unknown: string[];
}

/** `path` is Go's own (names only), `shown` has indices. */
function readStruct(ctx: Context, struct: GoStruct, value: Obj, path: string, shown: string): Obj {
  const out: Obj = {};
  for (const [name, field] of struct.fields) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const read = readField(ctx, struct, field, given ?? undefined, path, shown);
    if (read !== undefined) out[name] = read;
  }
  for (const key of Object.keys(value)) if (!struct.fields.has(key)) ctx.unknown.push(shown === '' ? key : `${shown}.${key}`);
  return out;
}

function readField(ctx: Context, struct: GoStruct, field: GoField, given: unknown, path: string, shown: string): unknown {
  const at = path === '' ? field.name : `${path}.${field.name}`;
  const type = field.type;
  if (given === undefined) {
    if (type.kind === 'struct') return readStruct(ctx, type.struct, {}, at, at);
    return field.omitEmpty && !alwaysWritten.has(type.kind) ? undefined : zero(type);
  }
  const read = readValue(ctx, type, given, { owner: struct.name, path: at, shown: shown === '' ? field.name : `${shown}.${field.name}` });
  return field.omitEmpty && isEmpty(type, read) ? undefined : read;
}

/** Structures of their own: Go's `omitempty` does not leave them out. */
const alwaysWritten = new Set<GoType['kind']>(['Time', 'MicroTime', 'Quantity', 'IntOrString', 'Duration']);

function isEmpty(type: GoType, value: unknown): boolean {
  if (type.kind === 'pointer' || type.kind === 'struct' || alwaysWritten.has(type.kind)) return false;
  if (type.kind === 'list' || type.kind === 'bytes') return (value as { length: number }).length === 0;
  if (type.kind === 'map') return Object.keys(value as Obj).length === 0;
  return value === '' || value === 0 || value === false || value === null;
}

function zero(type: GoType): unknown {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
    case 'float':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    case 'Duration':
      return '0s';
    case 'struct':
      return readStruct({ unknown: [] }, type.struct, {}, '', '');
    default:
      return null;
  }
}

interface Place {
  owner: string;
  path: string;
  shown: string;
}

function readValue(ctx: Context, type: GoType, value: unknown, place: Place): unknown {
  switch (type.kind) {
    case 'pointer':
      return readValue(ctx, type.of, value, place);
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, type, place);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(value, type, place);
      return value;
    case 'int':
      return readInteger(value, type, place);
    case 'float':
      if (typeof value !== 'number' && typeof value !== 'bigint') throw mismatch(value, type, place);
      return value;
    case 'struct':
      if (!isObject(value)) throw mismatch(value, type, place);
      return readStruct(ctx, type.struct, value, place.path, place.shown);
    case 'list':
      return readList(ctx, type, value, place);
    case 'map':
      return readMap(ctx, type, value, place);
    default:
      return readSpecial(type, value, place);
  }
}

function readInteger(value: unknown, type: GoType & { kind: 'int' }, place: Place): unknown {
  if (typeof value === 'bigint') {
    if (type.bits === 64 && BigInt.asIntN(64, value) === value) return value;
    throw mismatch(value, type, place);
  }
  if (typeof value !== 'number') throw mismatch(value, type, place);
  if (!Number.isInteger(value) || (type.bits === 32 && (value > 2147483647 || value < -2147483648))) throw mismatch(value, type, place);
  return value;
}

function readList(ctx: Context, type: GoType & { kind: 'list' | 'pointer' | 'map' }, value: unknown, place: Place): unknown {
  if (!Array.isArray(value)) throw mismatch(value, type, place);
  const out = new Array<unknown>(value.length);
  for (let i = 0; i < value.length; i++) {
    const item = value[i] as unknown;
    out[i] = item === null ? zero(type.of) : readValue(ctx, type.of, item, { ...place, shown: `${place.shown}[${i}]` });
  }
  return out;
}

function readMap(ctx: Context, type: GoType & { kind: 'list' | 'pointer' | 'map' }, value: unknown, place: Place): unknown {
  if (!isObject(value)) throw mismatch(value, type, place);
  const out: Obj = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    setOwn(out, key, item === null ? zero(type.of) : readValue(ctx, type.of, item, { ...place, shown: `${place.shown}.${key}` }));
  }
  return out;
}

function readSpecial(type: GoType, value: unknown, place: Place): unknown {
  switch (type.kind) {
    case 'bytes':
      if (typeof value !== 'string') throw mismatch(value, { kind: 'bytes', name: '[]uint8' }, place);
      return readBase64(value);
    case 'Time':
    case 'MicroTime':
      return readTime(value, type.kind === 'MicroTime');
    case 'Quantity':
      return readQuantity(value);
    case 'IntOrString':
      if (typeof value === 'string') return value;
      if (typeof value === 'number') return readInteger(value, { kind: 'int', name: 'int32', bits: 32 }, place);
      throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type int32`);
    case 'Duration':
      if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
      return value;
    default:
      return value;
  }
}

function readBase64(text: string): string {
  const stripped = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(stripped);
  if (bad) throw new DecodeError(`illegal base64 data at input byte ${bad.index}`);
  const padding = stripped.indexOf('=');
  if (padding >= 0 && (padding < stripped.length - 2 || stripped.length % 4 !== 0 || padding % 4 < 2))
    throw new DecodeError(
      `illegal base64 data at input byte ${padding % 4 < 2 ? padding : Math.min(padding + (4 - (padding % 4)), stripped.length)}`,
    );
  if (padding < 0 && stripped.length % 4 !== 0)
    throw new DecodeError(`illegal base64 data at input byte ${stripped.length - (stripped.length % 4)}`);
  return Buffer.from(stripped, 'base64').toString('base64');
}

const timePattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function readTime(value: unknown, micro: boolean): string {
  if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
  const ms = timePattern.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) {
    const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  const text = new Date(ms).toISOString();
  if (!micro) return `${text.slice(0, 19)}Z`;
  const fraction = (/\.(\d+)/.exec(value)?.[1] ?? '').padEnd(6, '0').slice(0, 6);
  return `${text.slice(0, 19)}.${fraction}Z`;
}

function readQuantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') throw new DecodeError(quantityError);
  const canonical = canonicalQuantity(String(value));
  if (canonical === undefined) throw new DecodeError(quantityError);
  return canonical;
}

function mismatch(value: unknown, type: GoType, place: Place): DecodeError {
  return new DecodeError(
    `json: cannot unmarshal ${jsonKind(value, type.kind === 'int')} into Go struct field ${place.owner}.${place.path} of type ${type.name}`,
  );
}

function jsonKind(value: unknown, detailed = false): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'bigint') return detailed ? `number ${value}` : 'number';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function isObject(value: unknown): value is Obj {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
