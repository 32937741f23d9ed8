import { resolvePlain } from '../../manifest/index.js';
import { BOOL, FLOAT, INT, NULL, STR } from './node.js';

/** What a text without quotes and tag is to go-yaml v3, by which resources are read. */
export interface Meaning {
  tag: string;
  value: null | boolean | number | bigint | string;
}

export const TIMESTAMP = '!!timestamp';

const words = new Map<string, Meaning>();
for (const [meaning, list] of [
  [{ tag: BOOL, value: true }, 'true True TRUE'],
  [{ tag: BOOL, value: false }, 'false False FALSE'],
  [{ tag: NULL, value: null }, '~ null Null NULL'],
  [{ tag: FLOAT, value: Number.NaN }, '.nan .NaN .NAN'],
  [{ tag: FLOAT, value: Number.POSITIVE_INFINITY }, '.inf .Inf .INF +.inf +.Inf +.INF'],
  [{ tag: FLOAT, value: Number.NEGATIVE_INFINITY }, '-.inf -.Inf -.INF'],
] as const)
  for (const word of list.split(' ')) words.set(word, meaning);
words.set('', { tag: NULL, value: null });
words.set('<<', { tag: '!!merge', value: '<<' });

export function resolve(text: string): Meaning {
  const c = text.charCodeAt(0);
  const isDigit = c >= 48 && c <= 57;
  if (isDigit || c === 43 || c === 45) return words.get(text) ?? timestamp(text) ?? number(text) ?? { tag: STR, value: text };
  if (c === 46) return words.get(text) ?? dotted(text) ?? { tag: STR, value: text };
  return (text.length <= 5 ? words.get(text) : undefined) ?? { tag: STR, value: text };
}

/** Integers with a sign, a base and underscores, and floats, are the same in both versions of go-yaml. */
function number(text: string): Meaning | undefined {
  const { type, value } = resolvePlain(text);
  if (type === 'int' || type === 'uint') {
    // The reader for Kubernetes rounds what exceeds 63 bits; here it stays an integer.
    if (type === 'uint') return { tag: INT, value: bigUnsigned(text.replaceAll('_', '')) };
    return { tag: INT, value };
  }
  return type === 'float' ? { tag: FLOAT, value } : undefined;
}

function bigUnsigned(text: string): bigint {
  return BigInt(/^0[0-7]/.test(text) ? `0o${text.slice(1)}` : text.toLowerCase());
}

function dotted(text: string): Meaning | undefined {
  if (!/^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { tag: FLOAT, value } : undefined;
}

const form =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(\.[0-9]*)?(Z|[-+][0-9]{2}:[0-9]{2}))|(?: ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(\.[0-9]*)?))?$/;

/** A date or time, as the text that Go writes for it in JSON. */
function timestamp(text: string): Meaning | undefined {
  if (text.charCodeAt(4) !== 45) return undefined;
  const match = form.exec(text);
  if (!match) return undefined;
  const part = (i: number, j: number) => Number(match[i] ?? match[j] ?? '0');
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [part(4, 9), part(5, 10), part(6, 11)];
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (!isReal || hour > 23 || minute > 59 || second > 59) return undefined;
  const two = (n: number) => String(n).padStart(2, '0');
  const fraction = (match[7] ?? match[12] ?? '').slice(0, 10).replace(/\.?0*$/, '');
  const zone = match[8] === undefined || match[8] === '+00:00' || match[8] === '-00:00' ? 'Z' : match[8];
  return {
    tag: TIMESTAMP,
    value: `${match[1]}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone}`,
  };
}

/**
 * Whether readers of YAML 1.1 take a text without quotes for something that is no string. What is written
 * anew is quoted then.
 */
export function isNonString11(text: string): boolean {
  if (text === '' || text.includes('\n')) return false;
  return hasOtherType11(text) || text.startsWith('#');
}

/** Whether a scalar with this text, read by YAML 1.1, is a number, boolean, null or time. */
export function hasOtherType11(text: string): boolean {
  return resolvePlain(text).type !== 'string' || timestamp(text) !== undefined;
}
