import { createHash } from 'node:crypto';
import { canonicalJson } from './json.js';

/** SHA-256 of a text or bytes, in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** One hash for one value, whatever the order of keys. */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value));
}
