import { parseDuration } from '../model/index.js';

/** `1h30m`, or a number of seconds. */
export type Duration = string | number;

/** What timers can hold. */
const LONGEST = 2 ** 31 - 1;

/** @returns milliseconds, at most what a timer can wait */
export function milliseconds(given: Duration | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  return Math.min(typeof given === 'number' ? Math.round(given * 1000) : parseDuration(given), LONGEST);
}
