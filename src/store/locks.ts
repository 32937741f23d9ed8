import type { Kysely, Transaction } from 'kysely';
import { type Clock, EvenkeelError, formatTime, newId, type Random } from '../model/index.js';
import { isAlive, thisProcess } from './process.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { Lock, LockHolder } from './types.js';

/** How long a lock outlives the last sign of life of a holder on another machine. */
const LEASE_MS = 30_000;
const HEARTBEAT_MS = LEASE_MS / 3;

export interface Locks {
  lock(name: string, what: string): Promise<Lock>;
  holder(name: string): Promise<LockHolder | undefined>;
  /** Gives back all that this store holds. */
  close(): Promise<void>;
}

type Row = Tables['locks'];

export function openLocks(options: { db: Kysely<Tables>; clock: Clock; random: Random }): Locks {
  const { db, clock, random } = options;
  const me = thisProcess();
  /** Holder ids of this store: name of the lock by id. */
  const held = new Map<string, { name: string; lost: boolean }>();
  /** Ids that could not be given back (the disk was full): their rows hold nobody. */
  const abandoned = new Set<string>();
  let heartbeat: NodeJS.Timeout | undefined;

  const isFree = (row: Row): boolean => {
    if (row.holder_id === null || abandoned.has(row.holder_id)) return true;
    return row.machine === me.machine ? !isAlive(row.pid, row.process_start) : row.expires_at <= clock.now();
  };

  /** Renews the lease; false where somebody else has the lock. */
  const renew = async (id: string, name: string): Promise<boolean> => {
    const done = await db
      .updateTable('locks')
      .set({ expires_at: clock.now() + LEASE_MS })
      .where('name', '=', name)
      .where('holder_id', '=', id)
      .executeTakeFirst();
    return done.numUpdatedRows > 0n;
  };

  async function beat(): Promise<void> {
    for (const [id, entry] of held) {
      try {
        if (!(await renew(id, entry.name))) entry.lost = true;
      } catch {
        // The next beat tries again; a lease that runs out meanwhile shows in stillHeld.
      }
    }
  }

  function watch(): void {
    if (held.size === 0) {
      clearInterval(heartbeat);
      heartbeat = undefined;
    } else heartbeat ??= setInterval(() => void beat(), HEARTBEAT_MS).unref();
  }

  async function release(id: string): Promise<void> {
    const entry = held.get(id);
    if (!entry) return;
    held.delete(id);
    watch();
    abandoned.add(id);
    await retrying(() =>
      db.updateTable('locks').set({ holder_id: null }).where('name', '=', entry.name).where('holder_id', '=', id).execute(),
    );
    abandoned.delete(id);
  }

  async function acquire(trx: Transaction<Tables>, row: Omit<Row, 'fence'>): Promise<number> {
    const present = await trx.selectFrom('locks').selectAll().where('name', '=', row.name).executeTakeFirst();
    if (present && !isFree(present)) throw refusal(present, clock.now(), me.machine);
    const fence = (present?.fence ?? 0) + 1;
    const { name, ...rest } = row;
    await trx
      .insertInto('locks')
      .values({ name, fence, ...rest })
      .onConflict((c) => c.column('name').doUpdateSet({ fence, ...rest }))
      .execute();
    return fence;
  }

  return {
    async lock(name, what) {
      const now = clock.now();
      const id = newId('holder', now, random);
      const row = { name, holder_id: id, pid: me.pid, process_start: me.start, machine: me.machine, host: me.host, what, since: now };
      const fence = await retrying(() => db.transaction().execute((trx) => acquire(trx, { ...row, expires_at: clock.now() + LEASE_MS })));
      const entry = { name, lost: false };
      held.set(id, entry);
      watch();
      return {
        fence,
        stillHeld: async () => !entry.lost && held.has(id) && (await retrying(() => renew(id, name))),
        release: () => release(id),
      };
    },
    async holder(name) {
      const row = await retrying(() => db.selectFrom('locks').selectAll().where('name', '=', name).executeTakeFirst());
      return row && !isFree(row) ? describe(row) : undefined;
    },
    async close() {
      const outcomes = await Promise.allSettled([...held.keys()].map(release));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}

function describe(row: Row): LockHolder {
  return { id: row.holder_id ?? '', pid: row.pid, host: row.host, what: row.what, since: row.since };
}

function refusal(row: Row, now: number, machine: string): EvenkeelError {
  const since = formatTime(row.since);
  const time = since.slice(0, 10) === formatTime(now).slice(0, 10) ? since.slice(11, 19) : `${since.slice(0, 19)}Z`;
  const wait = row.machine === machine ? `or end process ${row.pid}` : `or, if that host is gone, until ${formatTime(row.expires_at)}`;
  return new EvenkeelError(
    'STORE_LOCKED',
    `${subject(row.name)} is in use by pid ${row.pid} on host ${row.host} since ${time} (${row.what})`,
    {
      hint: `Wait until it has finished, ${wait}.`,
      details: { holder: { ...describe(row) } },
    },
  );
}

/** `workflow/web` and `workflow:web` read as `workflow "web"`. */
function subject(name: string): string {
  const match = /^([a-z]+)[:/](.+)$/s.exec(name);
  return match ? `${match[1]} "${match[2]}"` : `"${name}"`;
}
