import { Kysely } from 'kysely';
import type { Clock, Random } from '../model/index.js';
import { openAudit } from './audit.js';
import { CACHE_BYTES, openCache } from './cache.js';
import { openDocuments } from './documents.js';
import type { Engine } from './engine.js';
import { openExecutions } from './executions.js';
import { openInventory } from './inventory.js';
import { openKeyring, storedSecret } from './keyring.js';
import { openLocks } from './locks.js';
import { migrate } from './migrate.js';
import { type Migration, migrations } from './migrations/index.js';
import { openRepositories } from './repositories.js';
import { retrying } from './retry.js';
import { openRuns } from './runs.js';
import type { Tables } from './schema.js';
import { sqliteEngine } from './sqlite.js';
import { openState } from './state.js';
import { openTaskRuns } from './task-runs.js';
import type { Store } from './types.js';
import { openWorkflows } from './workflows.js';

export interface ConnectOptions {
  file: string;
  keyFile: string;
  clock: Clock;
  random: Random;
  cacheBytes?: number;
  migrations?: readonly (() => Promise<Migration>)[];
}

/** A store over an SQLite file that exists. */
export async function connectSqlite(options: ConnectOptions): Promise<{ store: Store; db: Kysely<Tables> }> {
  const engine = await retrying(async () => sqliteEngine(options.file));
  const db = new Kysely<Tables>({ dialect: engine.dialect });
  try {
    await migrate({ db, engine, migrations: options.migrations ?? migrations, file: options.file });
  } catch (thrown) {
    await close(db, engine);
    throw thrown;
  }
  return { store: assemble(db, engine, options), db };
}

function assemble(db: Kysely<Tables>, engine: Engine, options: ConnectOptions): Store {
  const { clock, random } = options;
  const keyring = openKeyring({ db, keyFile: options.keyFile, random });
  const cache = openCache({ db, keyring, clock, maxBytes: options.cacheBytes ?? CACHE_BYTES });
  const locks = openLocks({ db, clock, random });
  let closing: Promise<void> | undefined;
  return {
    repositories: openRepositories(db, keyring),
    workflows: openWorkflows(db),
    runs: openRuns(db),
    taskRuns: openTaskRuns(db),
    state: openState({ db, keyring, clock, random }),
    executions: openExecutions({ db, keyring, clock, random }),
    inventory: openInventory(db),
    cache: { get: cache.get, put: cache.put },
    documents: openDocuments(db, keyring),
    audit: openAudit(db),
    secretKey: () => storedSecret({ db, keyring, random, name: 'mask' }),
    lock: locks.lock,
    holder: locks.holder,
    close() {
      closing ??= (async () => {
        try {
          await cache.close();
          await locks.close();
        } finally {
          await close(db, engine);
        }
      })();
      return closing;
    },
  };
}

/** Waits for what is under way; whoever comes later is told STORE_CLOSED. */
async function close(db: Kysely<Tables>, engine: Engine): Promise<void> {
  await db.connection().execute(async () => engine.close());
}
