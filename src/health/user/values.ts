import { setOwn } from '../../model/index.js';

/** What of a list an expression sees. Bounds what a macro can go through; nobody judges health by the 501st item. */
const maxItems = 500;
/** What of a text an expression sees. */
const maxText = 1024;
const maxDepth = 100;

/** JSON as CEL means it: whole numbers are int (bigint), others double. A copy; the object is not touched. */
export function toCel(value: unknown, depth = 0): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string') return value.length > maxText ? value.slice(0, maxText) : value;
  if (value === undefined || depth > maxDepth) return null;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => toCel(item, depth + 1));
  const out: { [key: string]: unknown } = {};
  for (const key of Object.keys(value)) {
    const member = (value as { [key: string]: unknown })[key];
    if (member !== undefined) setOwn(out, key, toCel(member, depth + 1));
  }
  return out;
}
