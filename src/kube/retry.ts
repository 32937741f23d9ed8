import type { EvenkeelError, Random } from '../model/index.js';

export interface Tried {
  failure: EvenkeelError;
  headers: { [name: string]: string | string[] };
  /** How often it was tried, this one included. */
  tries: number;
  repeatable: boolean;
  random: Random;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A server that asks for more patience than this gets its answer handed on instead. */
const MOST_PATIENCE = 60_000;

/**
 * Milliseconds to wait before the next try, or undefined where there must be none.
 *
 * 429, and 503 with Retry-After, say themselves that the request was not processed: it is repeated
 * whatever it is. So is one that never reached the server. After any other failure only what may happen
 * twice is repeated.
 */
export function retryDelay(tried: Tried): number | undefined {
  const { failure, tries } = tried;
  const http = failure.details['httpStatus'];
  const mayComeBack = http === 429 || http === 503 || (tried.repeatable && typeof http === 'number' && http >= 500);
  const asked = mayComeBack ? retryAfter(tried) : undefined;
  if (asked !== undefined) return asked > MOST_PATIENCE ? undefined : asked + jitter(tried.random) * 250;
  if (!failure.transient || failure.code === 'KUBE_GONE') return undefined;
  const untouched = http === 429 || failure.details['sent'] === false;
  if (!untouched && !tried.repeatable) return undefined;
  return backoff(tries, { first: 200, most: 5_000, random: tried.random });
}

/** The wait asked for, in ms: the header's seconds or date, else the Status's own hint. */
function retryAfter(tried: Tried): number | undefined {
  const header = tried.headers['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text !== undefined && /^[0-9]{1,6}$/.test(text.trim())) return Number(text) * 1000;
  const date = text === undefined ? Number.NaN : Date.parse(text);
  if (!Number.isNaN(date)) return Math.max(0, date - tried.now);
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
