import type { Kysely } from 'kysely';
import { EvenkeelError } from '../model/index.js';
import type { Engine } from './engine.js';
import type { Migration } from './migrations/index.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';

/**
 * Brings a database to the last of the migrations, all in one transaction: it is wholly new or as before.
 * Of several processes that open it at once, one migrates and the others find it done.
 * @throws EvenkeelError STORE_TOO_NEW, STORE_MIGRATION, STORE_FOREIGN
 */
export async function migrate(options: {
  db: Kysely<Tables>;
  engine: Engine;
  migrations: readonly (() => Promise<Migration>)[];
  file: string;
}): Promise<void> {
  const { db, engine, migrations, file } = options;
  const latest = migrations.length;
  const refuseNewer = (version: number) => {
    if (version <= latest) return;
    throw new EvenkeelError(
      'STORE_TOO_NEW',
      `the store has layout ${version} of a newer Evenkeel; this version knows layouts up to ${latest}`,
      { where: { file }, hint: 'Run the newer version of evenkeel, or name another store.', details: { version, latest } },
    );
  };
  const found = await retrying(() => engine.version(db));
  refuseNewer(found);
  if (found === latest) return;
  const steps = await Promise.all(migrations.slice(found).map((load) => load()));
  await retrying(() =>
    db.transaction().execute(async (trx) => {
      const version = await engine.version(trx);
      refuseNewer(version);
      if (version === latest) return;
      for (const [i, step] of steps.slice(version - found).entries()) {
        try {
          await step.up(trx, engine);
        } catch (thrown) {
          throw failed(thrown, version + i + 1, file);
        }
      }
      await engine.setVersion(trx, latest);
    }),
  );
}

/** An error that says by itself what to do (a full disk) stays; anything else is a fault of the migration. */
function failed(thrown: unknown, step: number, file: string): EvenkeelError {
  if (thrown instanceof EvenkeelError && thrown.code !== 'STORE_FAILED') return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new EvenkeelError('STORE_MIGRATION', `migration ${step} of the store failed and was undone: ${reason}`, {
    where: { file },
    hint: 'The store is as it was. Keep using the version of evenkeel that wrote it, and report this.',
    cause: thrown,
  });
}
