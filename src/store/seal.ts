import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Random } from '../model/index.js';

/** Layout of a sealed value: format (1 byte), nonce (12), tag (16), ciphertext. */
const FORMAT = 1;
const NONCE = 12;
const TAG = 16;
const NONCES_AT_ONCE = 64;

/** Encrypts and authenticates values (AES-256-GCM) under one key. */
export interface Sealer {
  /** @param purpose names the record that the value belongs to; it opens under no other name */
  seal(plain: string | Uint8Array, purpose: string): Buffer;
  /** Undefined where key, purpose or bytes are not those of the sealing. */
  open(sealed: Uint8Array, purpose: string): Buffer | undefined;
}

export function sealer(key: Uint8Array, random: Random): Sealer {
  // Nonces are drawn many at a time: each draw costs as much as sealing a small value.
  let pool = Buffer.alloc(0);
  const nextNonce = () => {
    if (pool.length === 0) pool = Buffer.from(random(NONCE * NONCES_AT_ONCE));
    const nonce = pool.subarray(0, NONCE);
    pool = pool.subarray(NONCE);
    return nonce;
  };
  return {
    seal(plain, purpose) {
      const nonce = nextNonce();
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(purpose, 'utf8'));
      const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
      const end = cipher.final();
      return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), body, end]);
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < 1 + NONCE + TAG || bytes[0] !== FORMAT) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE), { authTagLength: TAG });
      decipher.setAAD(Buffer.from(purpose, 'utf8'));
      decipher.setAuthTag(bytes.subarray(1 + NONCE, 1 + NONCE + TAG));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE + TAG)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

/** What may be stored in clear to tell one key from another. */
export function fingerprint(key: Uint8Array): string {
  return createHmac('sha256', key).update('evenkeel store key').digest('hex').slice(0, 16);
}
