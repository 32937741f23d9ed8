import type { CodeFacts } from '../errors.js';

export const storeCodes = {
  STORE_PATH: {
    class: 'environment',
    summary: 'The path of the store cannot be used: a directory, a missing right, a folder that cannot be made.',
  },
  STORE_READ_ONLY: { class: 'environment', summary: 'The file of the store, its folder or the file system is read-only.' },
  STORE_FULL: { class: 'environment', summary: 'The disk or the quota is full; what was being written was not written.' },
  STORE_BUSY: { class: 'environment', transient: true, summary: 'Other processes kept the store busy for too long.' },
  STORE_CORRUPT: { class: 'environment', summary: 'The file is damaged or is not a database.' },
  STORE_FOREIGN: { class: 'input', summary: 'The file is a database of another program; it was left alone.' },
  STORE_TOO_NEW: { class: 'environment', summary: 'The store was written by a newer version of Evenkeel.' },
  STORE_MIGRATION: { class: 'internal', summary: 'Bringing the store to the present layout failed; it is as it was before.' },
  STORE_FAILED: { class: 'environment', summary: 'The database refused an operation for a reason that has no code of its own.' },
  STORE_CLOSED: { class: 'internal', summary: 'The store was used after it had been closed.' },
  STORE_EXISTS: { class: 'input', summary: 'A record with this id exists already.' },
  STORE_REFERENCE: { class: 'input', summary: 'A record names another that does not exist, or cannot be removed because others name it.' },
  STORE_SECRET_IN_URL: { class: 'input', summary: 'A repository URL carries a password or token that would be stored in clear.' },
  STORE_KEY_MISSING: { class: 'environment', summary: 'The key file that the stored secrets are encrypted with is not there.' },
  STORE_KEY_EXPOSED: { class: 'environment', summary: 'The key file can be read by other users of the machine.' },
  STORE_KEY_INVALID: { class: 'environment', summary: 'The key file cannot be read or does not hold a key.' },
  STORE_DECRYPT: {
    class: 'environment',
    summary: 'A stored secret cannot be decrypted: another key, or the record was changed from outside.',
  },
  STORE_LOCKED: { class: 'refused', transient: true, summary: 'Somebody else is working on the same thing; details.holder says who.' },
} satisfies Record<string, CodeFacts>;
