import type { EvenkeelError, Random } from '../model/index.js';

export interface Tried {
  failure: EvenkeelError;
  headers: { [name: string]: string | string[] };
  /** How often it was tried, this one included. */
  tries: number;
  repeatable: boolean;
  random: Random;
}

/** A server that asks for more patience than this gets its answer handed on instead. */
const MOST_PATIENCE = 60_000;

/**
 * Milliseconds to wait before the next try, or undefined where there must be none.
 *
 * An answer with Retry-After says itself that the request was not processed (429, and 5xx of the API
 * server's own overload protection): it is repeated whatever it is. So is one that never reached the
 * server. After any other failure only what may happen twice is repeated.
 */
export function retryDelay(tried: Tried): number | undefined {
  const { failure, tries } = tried;
  const http = failure.details['httpStatus'];
  const asked = typeof http === 'number' && (http === 429 || http >= 500) ? retryAfter(tried) : undefined;
  if (asked !== undefined) return asked > MOST_PATIENCE ? undefined : asked + jitter(tried.random) * 250;
  if (!failure.transient || failure.code === 'KUBE_GONE') return undefined;
  const untouched = http === 429 || failure.details['sent'] === false;
  if (!untouched && !tried.repeatable) return undefined;
  return backoff(tries, { first: 200, most: 5_000, random: tried.random });
}

/** The wait asked for, in ms: the header's seconds, else the Status's own hint. */
function retryAfter(tried: Tried): number | undefined {
  const header = tried.headers['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text !== undefined && /^[0-9]{1,6}$/.test(text.trim())) return Number(text) * 1000;
  const status = tried.failure.details['status'] as { details?: { retryAfterSeconds?: unknown } } | undefined;
  const seconds = status?.details?.retryAfterSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
}

export interface Backoff {
  first: number;
  most: number;
  random: Random;
}

/** Doubles from `first` to `most`; half of it is by chance, so that many clients do not come back together. */
export function backoff(tries: number, { first, most, random }: Backoff): number {
  const full = Math.min(most, first * 2 ** Math.min(tries - 1, 30));
  return Math.round(full / 2 + (full / 2) * jitter(random));
}

/** A number from 0 up to 1, from two random bytes. */
export function jitter(random: Random): number {
  const bytes = random(2);
  return ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) / 65_536;
}
