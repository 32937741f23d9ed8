/**
 * A count that may be a percentage of a total (`25%`).
 * @param roundUp how a fraction of a percentage is rounded
 */
export function countOf(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^(\d+)%$/.exec(value);
  if (!match) return /^\d+$/.test(value) ? Number(value) : 0;
  const exact = (Number(match[1]) * total) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
}

/** FNV-1a of 32 bits. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** Digits as letters that spell no words, as pod-template-hash is written. */
export function safeText(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) out += letters[text.charCodeAt(i) % letters.length];
  return out;
}

/** A name's tail of a given length, fixed by what it is made from. */
export function suffix(seed: string, length = 5): string {
  let out = '';
  let hash = fnv32(seed);
  while (out.length < length) {
    hash = fnv32(`${hash}/${seed}`);
    out += letters[(hash >>> 8) % letters.length];
  }
  return out;
}
