import { resolve } from 'node:path';
import { type Clock, type Random, systemRandom } from '../model/index.js';
import { prepareFile } from './files.js';
import type { Store } from './types.js';

export interface StoreOptions {
  /** The database file. It is made with mode 600, its folder with mode 700, where they are absent. */
  file: string;
  /** The file of the key that secrets are encrypted with; made at the first secret. Default: `<file>.key`. */
  keyFile?: string;
  clock: Clock;
  random?: Random;
  /** Bound of the cache in bytes. Default 256 MiB. */
  cacheBytes?: number;
}

/**
 * Opens a store, makes it where there is none, and brings an older one to the present layout. Several
 * processes may have the same store open.
 * @throws EvenkeelError STORE_PATH, STORE_READ_ONLY, STORE_CORRUPT, STORE_FOREIGN, STORE_TOO_NEW,
 * STORE_MIGRATION, STORE_FULL, STORE_BUSY
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const file = resolve(options.file);
  prepareFile(file);
  // The database and the query builder are the heavy part: loaded with the first store.
  const { connectSqlite } = await import('./connect.js');
  const { store } = await connectSqlite({
    file,
    keyFile: options.keyFile === undefined ? `${file}.key` : resolve(options.keyFile),
    clock: options.clock,
    random: options.random ?? systemRandom,
    ...(options.cacheBytes === undefined ? {} : { cacheBytes: options.cacheBytes }),
  });
  return store;
}
