import { badRequest } from './status.js';

/** A flag of a query as the API server reads it: what is named without a value is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** An int64 of a query; undefined where it is not given. @throws ApiError 400 */
export function readInteger(text: string | null): number | undefined {
  if (text === null) return undefined;
  const digits = /^[-+]?(\d+)$/.exec(text)?.[1]?.replace(/^0+(?=\d)/, '');
  const problem = digits === undefined ? 'invalid syntax' : fits(text, digits) ? undefined : 'value out of range';
  if (problem !== undefined) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${problem}`);
  return Number(text);
}

const fits = (text: string, digits: string) => digits.length <= 19 && BigInt(digits) < 2n ** 63n + (text.startsWith('-') ? 1n : 0n);
