import type { Kysely } from 'kysely';
import { EvenkeelError, parseJson, stringifyJson } from '../model/index.js';
import { inBulk } from './bulk.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { Store, TaskLogLine, TaskResultRecord, TaskRunRecord } from './types.js';

type RunRow = Tables['task_runs'];
type ResultRow = Tables['task_results'];
type LogRow = Tables['task_logs'];

const resultColumns = [
  'run_id',
  'task',
  'seq',
  'state',
  'command',
  'attempts',
  'started_at',
  'finished_at',
  'message',
  'error',
  'artifacts',
] as const;
const logColumns = ['run_id', 'seq', 'task', 'at', 'level', 'line'] as const;

export function openTaskRuns(db: Kysely<Tables>): Store['taskRuns'] {
  return {
    async put(record) {
      const { id, ...rest } = toRow(record);
      await retrying(() =>
        db
          .insertInto('task_runs')
          .values({ id, ...rest })
          .onConflict((c) => c.column('id').doUpdateSet(rest))
          .execute(),
      );
    },
    async get(id) {
      const row = await retrying(() => db.selectFrom('task_runs').selectAll().where('id', '=', id).executeTakeFirst());
      return row && fromRow(row);
    },
    async list({ file, pipeline, limit }) {
      let query = db.selectFrom('task_runs').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc');
      if (file !== undefined) query = query.where('file', '=', file);
      if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
      if (limit !== undefined) query = query.limit(Math.max(0, Math.trunc(limit)));
      return (await retrying(() => query.execute())).map(fromRow);
    },
    async add(runId, { results = [], logs = [] }) {
      if (results.length === 0 && logs.length === 0) return;
      await retrying(() =>
        db.transaction().execute(async (trx) => {
          const run = await trx.selectFrom('task_runs').select('id').where('id', '=', runId).executeTakeFirst();
          if (!run) throw new EvenkeelError('STORE_REFERENCE', `there is no run "${runId}" to add to`, { hint: 'Put the run first.' });
          await putResults(trx, runId, results);
          await addLogs(trx, runId, logs);
        }),
      );
    },
    async results(runId) {
      const rows = await retrying(() =>
        db.selectFrom('task_results').selectAll().where('run_id', '=', runId).orderBy('seq').orderBy('task').execute(),
      );
      return rows.map(resultFromRow);
    },
    async resultsOf(task, limit) {
      const rows = await retrying(() =>
        db
          .selectFrom('task_results')
          .selectAll()
          .where('task', '=', task)
          .where('started_at', 'is not', null)
          .orderBy('started_at', 'desc')
          .orderBy('run_id', 'desc')
          .limit(Math.max(0, Math.trunc(limit)))
          .execute(),
      );
      return rows.map(resultFromRow);
    },
    async logs(runId, { task, limit, after } = {}) {
      let query = db.selectFrom('task_logs').selectAll().where('run_id', '=', runId).orderBy('seq');
      if (task !== undefined) query = query.where('task', '=', task);
      if (after !== undefined) query = query.where('seq', '>', after);
      if (limit !== undefined) query = query.limit(Math.max(0, Math.trunc(limit)));
      return (await retrying(() => query.execute())).map(logFromRow);
    },
    async trim(keep) {
      return retrying(() =>
        db.transaction().execute(async (trx) => {
          const ended = await trx
            .selectFrom('task_runs')
            .select('id')
            .where('status', '!=', 'running')
            .orderBy('started_at', 'desc')
            .orderBy('id', 'desc')
            .execute();
          const old = ended.slice(Math.max(0, Math.trunc(keep))).map((row) => row.id);
          for (const id of old) {
            await trx.deleteFrom('task_runs').where('id', '=', id).execute();
          }
          return old;
        }),
      );
    },
  };
}

async function putResults(db: Kysely<Tables>, runId: string, results: readonly TaskResultRecord[]): Promise<void> {
  // One statement cannot write the same row twice.
  const last = new Map(results.map((result) => [result.task, result]));
  const rows = [...last.values()].map((result): ResultRow => resultToRow(runId, result));
  await inBulk({
    db,
    columns: resultColumns,
    rows,
    compile: (sample) =>
      db
        .insertInto('task_results')
        .values(sample)
        .onConflict((c) =>
          c.columns(['run_id', 'task']).doUpdateSet((eb) => ({
            state: eb.ref('excluded.state'),
            attempts: eb.ref('excluded.attempts'),
            started_at: eb.ref('excluded.started_at'),
            finished_at: eb.ref('excluded.finished_at'),
            message: eb.ref('excluded.message'),
            error: eb.ref('excluded.error'),
            artifacts: eb.ref('excluded.artifacts'),
          })),
        ),
  });
}

/** Numbers lines on from what the run has. */
async function addLogs(db: Kysely<Tables>, runId: string, logs: readonly Omit<TaskLogLine, 'seq'>[]): Promise<void> {
  if (logs.length === 0) return;
  const last = await db
    .selectFrom('task_logs')
    .select((eb) => eb.fn.max<number | null>('seq').as('seq'))
    .where('run_id', '=', runId)
    .executeTakeFirst();
  let seq = Number(last?.seq ?? 0);
  const rows = logs.map(({ task, at, level, line }): LogRow => ({ run_id: runId, seq: ++seq, task, at, level, line }));
  await inBulk({ db, columns: logColumns, rows, compile: (sample) => db.insertInto('task_logs').values(sample) });
}

function toRow(record: TaskRunRecord): RunRow {
  return {
    id: record.id,
    pipeline: record.pipeline,
    file: record.file,
    status: record.status,
    started_at: record.startedAt,
    finished_at: record.finishedAt ?? null,
    requested_by: record.requestedBy,
    resumed_from: record.resumedFrom ?? null,
    message: record.message,
  };
}

function fromRow(row: RunRow): TaskRunRecord {
  return {
    id: row.id,
    pipeline: row.pipeline,
    file: row.file,
    status: row.status as TaskRunRecord['status'],
    startedAt: row.started_at,
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    requestedBy: row.requested_by,
    ...(row.resumed_from === null ? {} : { resumedFrom: row.resumed_from }),
    message: row.message,
  };
}

function resultToRow(runId: string, result: TaskResultRecord): ResultRow {
  return {
    run_id: runId,
    task: result.task,
    seq: result.seq,
    state: result.state,
    command: result.command,
    attempts: result.attempts,
    started_at: result.startedAt ?? null,
    finished_at: result.finishedAt ?? null,
    message: result.message ?? null,
    error: result.error === undefined ? null : stringifyJson(result.error),
    artifacts: stringifyJson(result.artifacts),
  };
}

function resultFromRow(row: ResultRow): TaskResultRecord & { runId: string } {
  return {
    runId: row.run_id,
    task: row.task,
    seq: row.seq,
    state: row.state,
    command: row.command,
    attempts: row.attempts,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.error === null ? {} : { error: parseJson(row.error) as { [key: string]: unknown } }),
    artifacts: parseJson(row.artifacts) as string[],
  };
}

function logFromRow(row: LogRow): TaskLogLine {
  return { seq: row.seq, task: row.task, at: row.at, level: row.level, line: row.line };
}
