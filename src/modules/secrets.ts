import { redactor } from '../model/index.js';
import type { SecretMasker } from './host.js';

/** Secrets of one run: what is known of the environment, and what modules learn on the way. */
export function createMasker(known: Iterable<string> = []): SecretMasker {
  const secrets = new Set(known);
  let mask = redactor([...secrets]);
  return {
    add(secret) {
      if (secrets.has(secret)) return;
      secrets.add(secret);
      mask = redactor([...secrets]);
    },
    mask: (text) => mask(text),
  };
}

/** Data with secrets taken out of every text, keys included. Deep as it is wide: bounded by what JSON may be. */
export function maskData(value: unknown, masker: SecretMasker): unknown {
  if (typeof value === 'string') return masker.mask(value);
  if (Array.isArray(value)) return value.map((item) => maskData(item, masker));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [masker.mask(key), maskData(item, masker)]));
  return value;
}
