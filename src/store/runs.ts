import type { Kysely } from 'kysely';
import { EvenkeelError, type HealthStatus, parseJson, stringifyJson } from '../model/index.js';
import { inBulk } from './bulk.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { ResourceAction, RunRecord, RunResource, RunStatus, Store } from './types.js';

type Row = Tables['runs'];
type ResourceRow = Tables['run_resources'];

const resourceColumns = ['run_id', 'seq', 'api_group', 'kind', 'namespace', 'name', 'action', 'health', 'message', 'at'] as const;

export function openRuns(db: Kysely<Tables>): Store['runs'] {
  return {
    async put(record) {
      const { id, ...rest } = toRow(record);
      await retrying(() =>
        db
          .insertInto('runs')
          .values({ id, ...rest })
          .onConflict((c) => c.column('id').doUpdateSet(rest))
          .execute(),
      );
    },
    async get(id) {
      const row = await retrying(() => db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst());
      return row && fromRow(row);
    },
    async list({ workflowId, limit }) {
      let query = db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc');
      if (workflowId !== undefined) query = query.where('workflow_id', '=', workflowId);
      if (limit !== undefined) query = query.limit(Math.max(0, Math.trunc(limit)));
      return (await retrying(() => query.execute())).map(fromRow);
    },
    async trim(workflowId, keep) {
      return retrying(() =>
        db.transaction().execute(async (trx) => {
          const ended = await trx
            .selectFrom('runs')
            .select('id')
            .where('workflow_id', '=', workflowId)
            .where('status', '!=', 'running')
            .orderBy('started_at', 'desc')
            .orderBy('id', 'desc')
            .execute();
          const old = ended.slice(Math.max(0, Math.trunc(keep)));
          for (const { id } of old) await trx.deleteFrom('runs').where('id', '=', id).execute();
          return old.length;
        }),
      );
    },
    async addResources(rows) {
      if (rows.length === 0) return;
      await retrying(() => db.transaction().execute((trx) => addResources(trx, rows)));
    },
    async resources(runId) {
      const rows = await retrying(() => db.selectFrom('run_resources').selectAll().where('run_id', '=', runId).orderBy('seq').execute());
      return rows.map(resourceFromRow);
    },
  };
}

/** Within a transaction: numbers rows on from what each run has. */
async function addResources(db: Kysely<Tables>, rows: readonly RunResource[]): Promise<void> {
  const next = new Map<string, number>();
  for (const runId of new Set(rows.map((row) => row.runId))) {
    const run = await db.selectFrom('runs').select('id').where('id', '=', runId).executeTakeFirst();
    if (!run) throw new EvenkeelError('STORE_REFERENCE', `there is no run "${runId}" to add resources to`, { hint: 'Put the run first.' });
    const last = await db
      .selectFrom('run_resources')
      .select((eb) => eb.fn.max<number | null>('seq').as('seq'))
      .where('run_id', '=', runId)
      .executeTakeFirst();
    next.set(runId, Number(last?.seq ?? 0) + 1);
  }
  const numbered = rows.map((row): ResourceRow => {
    const seq = next.get(row.runId) ?? 1;
    next.set(row.runId, seq + 1);
    return {
      run_id: row.runId,
      seq,
      api_group: row.key.group,
      kind: row.key.kind,
      namespace: row.key.namespace,
      name: row.key.name,
      action: row.action,
      health: row.health ?? null,
      message: row.message,
      at: row.at,
    };
  });
  await inBulk({ db, columns: resourceColumns, rows: numbered, compile: (sample) => db.insertInto('run_resources').values(sample) });
}

function toRow(record: RunRecord): Row {
  return {
    id: record.id,
    workflow_id: record.workflowId,
    status: record.status,
    revision: record.revision,
    started_at: record.startedAt,
    finished_at: record.finishedAt ?? null,
    requested_by: record.requestedBy,
    reason: record.reason ?? null,
    message: record.message,
    metrics: stringifyJson(record.metrics),
    error: record.error === undefined ? null : stringifyJson(record.error),
  };
}

function fromRow(row: Row): RunRecord {
  const record: RunRecord = {
    id: row.id,
    workflowId: row.workflow_id,
    status: row.status as RunStatus,
    revision: row.revision,
    startedAt: row.started_at,
    requestedBy: row.requested_by,
    message: row.message,
    metrics: parseJson(row.metrics) as unknown as RunRecord['metrics'],
  };
  if (row.finished_at !== null) record.finishedAt = row.finished_at;
  if (row.reason !== null) record.reason = row.reason;
  if (row.error !== null) record.error = parseJson(row.error) as { [key: string]: unknown };
  return record;
}

function resourceFromRow(row: ResourceRow): RunResource {
  const resource: RunResource = {
    runId: row.run_id,
    key: { group: row.api_group, kind: row.kind, namespace: row.namespace, name: row.name },
    action: row.action as ResourceAction,
    message: row.message,
    at: row.at,
  };
  if (row.health !== null) resource.health = row.health as HealthStatus;
  return resource;
}
