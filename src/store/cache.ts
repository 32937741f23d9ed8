import type { Kysely } from 'kysely';
import { type Clock, EvenkeelError } from '../model/index.js';
import { inBulk } from './bulk.js';
import type { Keyring } from './keyring.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { Sealer } from './seal.js';
import type { Store } from './types.js';

type Row = Tables['cache'];

export const CACHE_BYTES = 256 * 1024 * 1024;

/** A use is written down when the last one written is this long ago: reading stays free of writes. */
const USE_GRAIN_MS = 60_000;

/** Eviction goes on down to this part of the bound, so that it is rare. */
const AFTER_EVICTION = 0.9;

const KEYS_AT_ONCE = 500;
const TOTAL = 'cache_bytes';

export interface Cache {
  get: Store['cache']['get'];
  put: Store['cache']['put'];
  /** Writes down which entries were used. */
  close(): Promise<void>;
}

/**
 * Cached values may hold what Git holds, Secrets among it, so they are sealed like credentials. A value
 * that cannot be opened, or a key that cannot be had, is a miss: a cache never stands in the way.
 */
export function openCache(options: { db: Kysely<Tables>; keyring: Keyring; clock: Clock; maxBytes: number }): Cache {
  const { db, keyring, clock, maxBytes } = options;
  const used = new Map<string, { kind: string; key: string; at: number }>();

  async function writeUses(trx: Kysely<Tables>): Promise<void> {
    for (const { kind, key, at } of used.values())
      await trx
        .updateTable('cache')
        .set({ used_at: at })
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('used_at', '<', at)
        .execute();
  }

  return {
    async get(kind, keys) {
      const found = new Map<string, string>();
      const sealer = await attempt(keyring);
      if (!sealer) return found;
      const now = clock.now();
      const wanted = [...new Set(keys)];
      for (let start = 0; start < wanted.length; start += KEYS_AT_ONCE) {
        const chunk = wanted.slice(start, start + KEYS_AT_ONCE);
        const rows = await retrying(() =>
          db.selectFrom('cache').select(['key', 'used_at', 'value']).where('kind', '=', kind).where('key', 'in', chunk).execute(),
        );
        for (const row of rows) {
          const plain = sealer.open(row.value, purpose(kind, row.key));
          if (!plain) continue;
          found.set(row.key, plain.toString('utf8'));
          if (now - row.used_at >= USE_GRAIN_MS) used.set(JSON.stringify([kind, row.key]), { kind, key: row.key, at: now });
        }
      }
      return found;
    },
    async put(kind, entries) {
      const sealer = await attempt(keyring);
      if (!sealer) return;
      const rows = new Map<string, Row>();
      for (const { key, value } of entries) {
        const sealed = sealer.seal(value, purpose(kind, key));
        const size = sealed.length + Buffer.byteLength(key) + Buffer.byteLength(kind);
        if (size <= maxBytes) rows.set(key, { kind, key, used_at: clock.now(), size, value: sealed });
      }
      if (rows.size === 0) return;
      await retrying(() =>
        db.transaction().execute(async (trx) => {
          await writeUses(trx);
          const before = await sizeOf(trx, kind, [...rows.keys()]);
          await insert(trx, [...rows.values()]);
          let total = await readTotal(trx);
          for (const row of rows.values()) total += row.size;
          await writeTotal(trx, await evict(trx, total - before, maxBytes));
        }),
      );
      used.clear();
    },
    async close() {
      if (used.size === 0) return;
      try {
        await retrying(() => db.transaction().execute(writeUses));
      } catch {
        // What was used last is forgotten, and nothing else.
      }
      used.clear();
    },
  };
}

const purpose = (kind: string, key: string) => `cache/${kind}/${key}`;

async function attempt(keyring: Keyring): Promise<Sealer | undefined> {
  try {
    return await keyring.sealer();
  } catch (thrown) {
    if (thrown instanceof EvenkeelError && (thrown.code.startsWith('STORE_KEY_') || thrown.code === 'STORE_DECRYPT')) return undefined;
    throw thrown;
  }
}

async function sizeOf(db: Kysely<Tables>, kind: string, keys: readonly string[]): Promise<number> {
  let bytes = 0;
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    const row = await db
      .selectFrom('cache')
      .select((eb) => eb.fn.sum<number | null>('size').as('bytes'))
      .where('kind', '=', kind)
      .where('key', 'in', keys.slice(start, start + KEYS_AT_ONCE))
      .executeTakeFirstOrThrow();
    bytes += Number(row.bytes ?? 0);
  }
  return bytes;
}

function insert(db: Kysely<Tables>, rows: Row[]): Promise<void> {
  const compile = (sample: Row[]) =>
    db
      .insertInto('cache')
      .values(sample)
      .onConflict((c) =>
        c
          .columns(['kind', 'key'])
          .doUpdateSet((eb) => ({ used_at: eb.ref('excluded.used_at'), size: eb.ref('excluded.size'), value: eb.ref('excluded.value') })),
      );
  return inBulk({ db, columns: ['kind', 'key', 'used_at', 'size', 'value'], rows, compile });
}

/** Removes the least recently used entries until there is room. @returns the bytes that are left */
async function evict(db: Kysely<Tables>, total: number, maxBytes: number): Promise<number> {
  if (total <= maxBytes) return total;
  while (total > maxBytes * AFTER_EVICTION) {
    const oldest = await db
      .selectFrom('cache')
      .select(['kind', 'key', 'size'])
      .orderBy('used_at')
      .orderBy('kind')
      .orderBy('key')
      .limit(KEYS_AT_ONCE)
      .execute();
    if (oldest.length === 0) return 0;
    for (const { kind, key, size } of oldest) {
      if (total <= maxBytes * AFTER_EVICTION) break;
      await db.deleteFrom('cache').where('kind', '=', kind).where('key', '=', key).execute();
      total -= size;
    }
  }
  return total;
}

async function readTotal(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', TOTAL).executeTakeFirst();
  return row ? Number(row.value) : 0;
}

async function writeTotal(db: Kysely<Tables>, total: number): Promise<void> {
  const value = String(total);
  await db
    .insertInto('meta')
    .values({ name: TOTAL, value })
    .onConflict((c) => c.column('name').doUpdateSet({ value }))
    .execute();
}
