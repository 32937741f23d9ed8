import { randomBytes } from 'node:crypto';

/** Random bytes, passed in where ids are made so that a test can fix them. */
export type Random = (bytes: number) => Uint8Array;

export const systemRandom: Random = (bytes) => randomBytes(bytes);

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * `<prefix>-<time><random>`: sorts by time, never meets another (50 random bits in the same millisecond).
 * @param now milliseconds since the epoch
 */
export function newId(prefix: string, now: number, random: Random = systemRandom): string {
  let time = '';
  for (let rest = Math.floor(now), i = 0; i < 9; i++) {
    time = alphabet[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  for (const byte of random(10)) tail += alphabet[byte & 31];
  return `${prefix}-${time}${tail}`;
}
