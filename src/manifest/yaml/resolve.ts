import type { Json } from '../../model/index.js';
import { Fault } from './fault.js';

/**
 * What a scalar means, by the rules of go-yaml v2 inside sigs.k8s.io/yaml. `type` tells apart what looks
 * alike in JSON but differs as a key: floats are written with 32-bit precision there, and an integer beyond
 * 64 signed bits is no key at all.
 */
export interface Resolved {
  type: 'string' | 'bool' | 'null' | 'int' | 'uint' | 'float';
  value: null | boolean | number | bigint | string;
}

const words = new Map<string, Resolved>();
for (const [value, list] of [
  [true, 'y Y yes Yes YES true True TRUE on On ON'],
  [false, 'n N no No NO false False FALSE off Off OFF'],
] as const)
  for (const word of list.split(' ')) words.set(word, { type: 'bool', value });
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, { type: 'null', value: null });
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, { type: 'float', value: Number.NaN });
for (const [sign, infinity] of [
  ['', Number.POSITIVE_INFINITY],
  ['+', Number.POSITIVE_INFINITY],
  ['-', Number.NEGATIVE_INFINITY],
] as const)
  for (const word of ['.inf', '.Inf', '.INF']) words.set(sign + word, { type: 'float', value: infinity });

const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const integerForm = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const int64Max = 2n ** 63n - 1n;
const uint64Max = 2n ** 64n - 1n;
/** More digits than any 64-bit number has in base 2, so that hostile digits are not multiplied out. */
const maxDigits = 200;

/** Whether an untagged plain scalar with this text would be read as anything but a string. */
export function isPlainString(text: string): boolean {
  return resolvePlain(text).type === 'string';
}

export function resolvePlain(text: string): Resolved {
  if (text === '') return words.get('') as Resolved;
  const c = text.charCodeAt(0);
  if ((c >= 48 && c <= 57) || c === 43 || c === 45) return words.get(text) ?? number(text) ?? { type: 'string', value: text };
  if (c === 46) return words.get(text) ?? (floatForm.test(text) ? float(text) : undefined) ?? { type: 'string', value: text };
  return (text.length <= 5 ? words.get(text) : undefined) ?? { type: 'string', value: text };
}

function number(text: string): Resolved | undefined {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  return integer(plain) ?? (floatForm.test(plain) ? float(plain) : undefined);
}

function integer(text: string): Resolved | undefined {
  const match = integerForm.exec(text);
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const digits = hex ?? binary ?? octal ?? (decimal as string);
  if (digits.length <= 10) {
    const base = hex !== undefined ? 16 : binary !== undefined ? 2 : octal !== undefined ? 8 : 10;
    const value = Number.parseInt(digits, base);
    return { type: 'int', value: sign === '-' && value !== 0 ? -value : value };
  }
  const significant = digits.replace(/^0+/, '') || '0';
  if (significant.length > maxDigits) return undefined;
  const prefix = hex !== undefined ? '0x' : binary !== undefined ? '0b' : octal !== undefined ? '0o' : '';
  const magnitude = BigInt(prefix + significant);
  if (sign === '-') return magnitude <= int64Max + 1n ? { type: 'int', value: small(-magnitude) } : undefined;
  if (magnitude <= int64Max) return { type: 'int', value: small(magnitude) };
  // The unsigned reader takes no sign, and Kubernetes holds what does not fit 63 bits as a double.
  if (sign === '' && magnitude <= uint64Max) return { type: 'uint', value: Number(magnitude) };
  return undefined;
}

function small(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** A number too large for a double stays text, as Go's parser refuses it. */
function float(text: string): Resolved | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  return { type: 'float', value };
}

const standard = 'tag:yaml.org,2002:';
const typeOfTag = new Map<string, readonly Resolved['type'][]>([
  [`${standard}bool`, ['bool']],
  [`${standard}int`, ['int', 'uint']],
  [`${standard}float`, ['float']],
  [`${standard}null`, ['null']],
]);
const timestampForm =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?(?:Z|[-+][0-9]{2}:[0-9]{2})|[ ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?)?$/;

/** The meaning of a scalar with an explicit tag. Tags that nobody knows make it a string. */
export function resolveTagged(tag: string, text: string, offset: number): Resolved {
  if (tag === `${standard}binary`) return { type: 'string', value: decodeBinary(text, offset) };
  if (tag === `${standard}timestamp`) {
    if (timestampForm.test(text)) return { type: 'string', value: text };
    throw new Fault('value', `"${clip(text)}" is not a timestamp, as its tag !!timestamp says`, offset);
  }
  const types = typeOfTag.get(tag);
  if (types === undefined) return { type: 'string', value: text };
  const found = resolvePlain(text);
  if (types.includes(found.type)) return found;
  if (tag === `${standard}float` && found.type === 'int') return { type: 'float', value: Number(found.value) };
  throw new Fault('value', `"${clip(text)}" is not what its tag !!${tag.slice(standard.length)} says`, offset);
}

function clip(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text;
}

function decodeBinary(text: string, offset: number): string {
  const digits = text.replace(/[\r\n]/g, '');
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits))
    throw new Fault('value', 'the value of a !!binary is not base64', offset);
  return Buffer.from(digits, 'base64').toString('utf8');
}

/**
 * A scalar as JSON, the way it arrives at the API server.
 * @throws Fault for infinities and NaN, which JSON has no words for
 */
export function toJson(resolved: Resolved, offset: number): Json {
  const { type, value } = resolved;
  if (type !== 'float') return value;
  const double = value as number;
  if (!Number.isFinite(double))
    throw new Fault('value', 'infinity and NaN cannot be written as JSON, so Kubernetes cannot store them', offset);
  if (double === 0) return 0;
  if (Number.isInteger(double) && !Number.isSafeInteger(double)) {
    // Go writes the shortest digits, and reads them back as an integer where they fit 64 bits.
    const digits = String(double);
    if (!digits.includes('e')) {
      const whole = BigInt(digits);
      if (whole <= int64Max && whole >= -int64Max - 1n) return whole;
    }
  }
  return double;
}

/** The text of a key. `undefined` where Kubernetes has no text for it (null, integers beyond 64 signed bits). */
export function toKey(resolved: Resolved): string | undefined {
  switch (resolved.type) {
    case 'string':
      return resolved.value as string;
    case 'bool':
    case 'int':
      return String(resolved.value);
    case 'float':
      return formatFloat32(resolved.value as number);
    default:
      return undefined;
  }
}

/** The shortest digits that a 32-bit float needs, in the form that Go calls 'g'. */
function formatFloat32(double: number): string {
  const value = Math.fround(double);
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  let digits = '';
  for (let precision = 1; precision <= 9; precision++) {
    digits = value.toExponential(precision - 1);
    if (Math.fround(Number(digits)) === value) break;
  }
  const [mantissa, power] = digits.split('e') as [string, string];
  const exponent = Number(power);
  const bare = mantissa.replace(/(\.[0-9]*?)0+$/, '$1').replace(/\.$/, '');
  const significant = bare.replace(/[-.]/g, '').length;
  if (exponent < -4 || exponent >= 6) return `${bare}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return Number(digits).toFixed(Math.max(0, significant - 1 - exponent));
}
