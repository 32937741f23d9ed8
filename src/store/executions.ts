import type { Kysely } from 'kysely';
import { type Clock, newId, parseJson, type Random, stringifyJson } from '../model/index.js';
import type { Keyring } from './keyring.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { ExecutionRecord, Store } from './types.js';

type Row = Tables['executions'];

/** Executions that are kept of one task; older ones say nothing of the next. */
const KEPT = 2_000;
/** So many over it are removed at once. */
const SLACK = 200;

/** Commands may hold secrets: what is said of an execution is sealed like credentials. */
export function openExecutions(options: { db: Kysely<Tables>; keyring: Keyring; clock: Clock; random: Random }): Store['executions'] {
  const { db, keyring, clock, random } = options;
  const read = async (rows: readonly Row[]): Promise<ExecutionRecord[]> => {
    const records: ExecutionRecord[] = [];
    for (const row of rows) {
      const { command, ...rest } = parseJson((await keyring.open(row.detail, purpose(row.id))).toString('utf8')) as {
        command: string;
        facts: { [name: string]: unknown };
      };
      records.push({
        id: row.id,
        task: row.task,
        at: row.at,
        success: row.success === 1,
        ...(row.seconds === null ? {} : { seconds: row.seconds }),
        command,
        facts: rest.facts,
      });
    }
    return records;
  };

  async function trim(task: string): Promise<void> {
    const { count } = await db
      .selectFrom('executions')
      .select((eb) => eb.fn.countAll<number | bigint | string>().as('count'))
      .where('task', '=', task)
      .executeTakeFirstOrThrow();
    if (Number(count) <= KEPT + SLACK) return;
    const old = await db
      .selectFrom('executions')
      .select('id')
      .where('task', '=', task)
      .orderBy('at')
      .orderBy('id')
      .limit(Number(count) - KEPT)
      .execute();
    for (const { id } of old) await db.deleteFrom('executions').where('id', '=', id).execute();
  }

  return {
    async add({ task, at, success, seconds, command, facts }) {
      const id = newId('execution', clock.now(), random);
      const detail = (await keyring.sealer()).seal(stringifyJson({ command, facts }), purpose(id));
      await retrying(() =>
        db
          .insertInto('executions')
          .values({ id, task, at, success: success ? 1 : 0, seconds: seconds ?? null, detail })
          .execute(),
      );
      await retrying(() => trim(task));
      return id;
    },
    async list({ task, limit }) {
      let query = db
        .selectFrom('executions')
        .selectAll()
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(Math.max(0, Math.trunc(limit)));
      if (task !== undefined) query = query.where('task', '=', task);
      return read(await retrying(() => query.execute()));
    },
  };
}

const purpose = (id: string) => `execution/${id}`;
