import type { Kysely } from 'kysely';
import { type Clock, EvenkeelError, parseJson, type Random, stringifyJson } from '../model/index.js';
import type { Keyring } from './keyring.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { StateEntry, Store } from './types.js';

type Row = Tables['state'];

/** How often an update begins anew because somebody else wrote the key meanwhile. */
const MOST_TRIES = 1000;

/** Values that scripts keep may be secrets: they are sealed like credentials. */
export function openState(options: { db: Kysely<Tables>; keyring: Keyring; clock: Clock; random: Random }): Store['state'] {
  const { db, keyring, clock, random } = options;
  const isLive = (row: Row | undefined): row is Row => row !== undefined && (row.expires_at === null || row.expires_at > clock.now());
  const read = async (row: Row): Promise<StateEntry> => ({
    value: parseJson((await keyring.open(row.value, purpose(row.key))).toString('utf8')),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  });
  const find = (key: string) => retrying(() => db.selectFrom('state').selectAll().where('key', '=', key).executeTakeFirst());

  /** Writes, where the row is still the one that was read. */
  async function swap(key: string, before: Row | undefined, next: StateEntry | undefined): Promise<boolean> {
    if (next === undefined) {
      if (before === undefined) return true;
      const gone = await retrying(() =>
        db.deleteFrom('state').where('key', '=', key).where('version', '=', before.version).executeTakeFirst(),
      );
      return gone.numDeletedRows > 0n;
    }
    const value = (await keyring.sealer()).seal(stringifyJson(next.value), purpose(key));
    const row = { version: newVersion(random), expires_at: next.expiresAt ?? null, value };
    if (before !== undefined) {
      const done = await retrying(() =>
        db.updateTable('state').set(row).where('key', '=', key).where('version', '=', before.version).executeTakeFirst(),
      );
      return done.numUpdatedRows > 0n;
    }
    const done = await retrying(() =>
      db
        .insertInto('state')
        .values({ key, ...row })
        .onConflict((c) => c.column('key').doNothing())
        .executeTakeFirst(),
    );
    return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  return {
    async get(key) {
      const row = await find(key);
      return isLive(row) ? read(row) : undefined;
    },
    async update(key, decide) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await find(key);
        const current = isLive(row) ? await read(row) : undefined;
        const { next, result } = decide(current);
        if (next === current || (await swap(key, row, next))) return result;
      }
      throw new EvenkeelError('STORE_BUSY', `the state "${key}" is written by others all the time`, { hint: 'Try again in a moment.' });
    },
    async keys(prefix) {
      const rows = await retrying(() => db.selectFrom('state').select(['key', 'expires_at']).execute());
      const now = clock.now();
      return rows
        .filter((row) => row.key.startsWith(prefix) && (row.expires_at === null || row.expires_at > now))
        .map((row) => row.key)
        .sort();
    },
    async sweep() {
      const now = clock.now();
      const gone = await retrying(() => db.deleteFrom('state').where('expires_at', '<=', now).executeTakeFirst());
      return Number(gone.numDeletedRows);
    },
  };
}

const purpose = (key: string) => `state/${key}`;

/** Tells one writing of a key from every other, also where it was removed and made anew in between. */
function newVersion(random: Random): number {
  return Buffer.from(random(6)).readUIntBE(0, 6);
}
