import { parseJson, setOwn } from '../../model/index.js';
import { type GoField, type GoStruct, type GoType, kindStruct, namedStruct } from '../gotypes/types.js';

type Obj = { [key: string]: unknown };

/** Bytes that are no protobuf of the kind that they claim to be. */
export class ProtobufError extends Error {}

const magic = Buffer.from('k8s\0');
const maxDepth = 100;

/** Reads one message field by field. */
class Reader {
  at = 0;
  constructor(readonly bytes: Buffer) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('proto: unexpected EOF');
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.bytes.length) throw new ProtobufError('proto: unexpected EOF');
    const piece = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return piece;
  }

  /** The next field: its number and its raw value. */
  field(): { number: number; value: bigint | Buffer } {
    const tag = Number(this.varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        return { number, value: this.varint() };
      case 1:
        return { number, value: this.take(8) };
      case 2:
        return { number, value: this.take(Number(this.varint())) };
      case 5:
        return { number, value: this.take(4) };
      default:
        throw new ProtobufError(`proto: illegal wireType ${tag & 7}`);
    }
  }
}

const text = (value: bigint | Buffer) => bytes(value).toString('utf8');

function bytes(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw new ProtobufError('proto: wrong wireType');
  return value;
}

function integer(value: bigint | Buffer): number | bigint {
  if (typeof value !== 'bigint') throw new ProtobufError('proto: wrong wireType');
  const signed = BigInt.asIntN(64, value);
  return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(signed) : signed;
}

/** Whether a body carries the envelope that Kubernetes puts around protobuf. */
function isEnvelope(body: Uint8Array): boolean {
  return magic.equals(Buffer.from(body.buffer, body.byteOffset, Math.min(4, body.length)));
}

/**
 * An object as a client sends it in protobuf, as JSON data.
 * @throws ProtobufError
 */
export function decodeProtobuf(body: Uint8Array): Obj {
  if (!isEnvelope(body)) throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  const envelope = new Reader(Buffer.from(body.buffer, body.byteOffset + 4, body.length - 4));
  while (!envelope.done) {
    const { number, value } = envelope.field();
    if (number === 1) {
      const meta = new Reader(bytes(value));
      while (!meta.done) {
        const inner = meta.field();
        if (inner.number === 1) apiVersion = text(inner.value);
        if (inner.number === 2) kind = text(inner.value);
      }
    } else if (number === 2) raw = bytes(value);
  }
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const struct = kindStruct(group, apiVersion.slice(slash + 1), kind) ?? namedStruct(`meta/v1.${kind}`);
  if (!struct) throw new ProtobufError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { apiVersion, kind, ...readStruct(struct, raw, 0) };
}

const numbers = new WeakMap<GoStruct, Map<number, GoField>>();

function fieldsOf(struct: GoStruct): Map<number, GoField> {
  let known = numbers.get(struct);
  if (!known) {
    known = new Map();
    for (const field of struct.fields.values()) if (field.number !== undefined) known.set(field.number, field);
    numbers.set(struct, known);
  }
  return known;
}

function readStruct(struct: GoStruct, body: Buffer, depth: number): Obj {
  if (depth > maxDepth) throw new ProtobufError('proto: nested too deeply');
  const out: Obj = {};
  const reader = new Reader(body);
  const fields = fieldsOf(struct);
  while (!reader.done) {
    const { number, value } = reader.field();
    const embedded = struct.embedded.get(number);
    if (embedded !== undefined) {
      const inner = namedStruct(embedded);
      if (inner) Object.assign(out, readStruct(inner, bytes(value), depth + 1));
      continue;
    }
    const field = fields.get(number);
    if (field) readField(out, field, value, depth);
  }
  return out;
}

function readField(out: Obj, field: GoField, value: bigint | Buffer, depth: number): void {
  const type = field.type.kind === 'pointer' ? field.type.of : field.type;
  if (type.kind === 'list') {
    out[field.name] ??= [];
    const list = out[field.name] as unknown[];
    list.push(readValue(type.of, value, depth));
  } else if (type.kind === 'map') {
    out[field.name] ??= {};
    const map = out[field.name] as Obj;
    const [key, item] = readEntry(type.of, bytes(value), depth);
    setOwn(map, key, item);
  } else out[field.name] = readValue(type, value, depth);
}

function readEntry(type: GoType, body: Buffer, depth: number): [string, unknown] {
  const reader = new Reader(body);
  let key = '';
  let item: unknown;
  while (!reader.done) {
    const { number, value } = reader.field();
    if (number === 1) key = text(value);
    if (number === 2) item = readValue(type, value, depth);
  }
  return [key, item ?? (type.kind === 'string' || type.kind === 'bytes' ? '' : type.kind === 'Quantity' ? '0' : {})];
}

function readValue(type: GoType, value: bigint | Buffer, depth: number): unknown {
  switch (type.kind) {
    case 'pointer':
      return readValue(type.of, value, depth);
    case 'string':
      return text(value);
    case 'bool':
      return integer(value) !== 0;
    case 'int':
      return type.bits === 32 ? Number(BigInt.asIntN(32, value as bigint)) : integer(value);
    case 'float':
      return bytes(value).length === 8 ? bytes(value).readDoubleLE() : bytes(value).readFloatLE();
    case 'bytes':
      return bytes(value).toString('base64');
    case 'struct':
      return readStruct(type.struct, bytes(value), depth + 1);
    case 'list':
      // A named list is a message whose first field repeats.
      return inner(bytes(value), 1).map((v) => readValue(type.of, v, depth + 1));
    default:
      return readSpecial(type, bytes(value));
  }
}

/** All values of one field of a message. */
function inner(body: Buffer, wanted: number): (bigint | Buffer)[] {
  const reader = new Reader(body);
  const found: (bigint | Buffer)[] = [];
  while (!reader.done) {
    const { number, value } = reader.field();
    if (number === wanted) found.push(value);
  }
  return found;
}

function readSpecial(type: GoType, body: Buffer): unknown {
  const last = (number: number) => inner(body, number).at(-1);
  switch (type.kind) {
    case 'Time':
    case 'MicroTime': {
      const seconds = last(1);
      if (seconds === undefined) return null;
      return new Date(Number(integer(seconds)) * 1000 + Math.floor(Number(last(2) ?? 0n) / 1e6)).toISOString();
    }
    case 'Quantity':
      return text(last(1) ?? Buffer.from('0'));
    case 'IntOrString':
      return Number(last(1) ?? 0n) === 1
        ? text(last(3) ?? Buffer.alloc(0))
        : Number(BigInt.asIntN(32, (last(2) as bigint | undefined) ?? 0n));
    case 'Duration':
      return `${Number(last(1) ?? 0n) / 1e9}s`;
    default: {
      const raw = last(1);
      if (raw === undefined || typeof raw === 'bigint') return null;
      try {
        return parseJson(raw.toString('utf8'));
      } catch {
        return null;
      }
    }
  }
}
