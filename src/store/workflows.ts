import type { Kysely } from 'kysely';
import { compareText, EvenkeelError, parseJson, stringifyJson } from '../model/index.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { Store, WorkflowRecord } from './types.js';

type Row = Tables['workflows'];

export function openWorkflows(db: Kysely<Tables>): Store['workflows'] {
  return {
    async create(record) {
      const done = await write(record, () =>
        db
          .insertInto('workflows')
          .values(toRow(record))
          .onConflict((c) => c.column('id').doNothing())
          .executeTakeFirst(),
      );
      if (done.numInsertedOrUpdatedRows === 0n)
        throw new EvenkeelError('STORE_EXISTS', `a workflow with the id "${record.id}" exists already`, {
          hint: 'Take another id: two workflows never share one.',
        });
    },
    async put(record) {
      const { id, ...rest } = toRow(record);
      await write(record, () =>
        db
          .insertInto('workflows')
          .values({ id, ...rest })
          .onConflict((c) => c.column('id').doUpdateSet(rest))
          .execute(),
      );
    },
    async get(id) {
      const row = await retrying(() => db.selectFrom('workflows').selectAll().where('id', '=', id).executeTakeFirst());
      return row && fromRow(row);
    },
    async list() {
      const rows = await retrying(() => db.selectFrom('workflows').selectAll().execute());
      return rows.sort((a, b) => compareText(a.id, b.id)).map(fromRow);
    },
    async remove(id) {
      const done = await retrying(() => db.deleteFrom('workflows').where('id', '=', id).executeTakeFirst());
      return done.numDeletedRows > 0n;
    },
  };
}

async function write<T>(record: WorkflowRecord, operation: () => Promise<T>): Promise<T> {
  try {
    return await retrying(operation);
  } catch (thrown) {
    if (!(thrown instanceof EvenkeelError) || thrown.code !== 'STORE_REFERENCE') throw thrown;
    throw new EvenkeelError(
      'STORE_REFERENCE',
      `the workflow "${record.id}" names the repository "${record.repositoryId}", which is not registered`,
      { hint: 'Register the repository first.', cause: thrown },
    );
  }
}

function toRow(record: WorkflowRecord): Row {
  return {
    id: record.id,
    name: record.name,
    repository_id: record.repositoryId,
    target_path: record.targetPath,
    settings: stringifyJson(record.settings),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function fromRow(row: Row): WorkflowRecord {
  return {
    id: row.id,
    name: row.name,
    repositoryId: row.repository_id,
    targetPath: row.target_path,
    settings: parseJson(row.settings) as { [key: string]: unknown },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
