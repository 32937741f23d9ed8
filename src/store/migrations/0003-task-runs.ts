import type { Transaction } from 'kysely';
import type { Engine } from '../engine.js';
import type { Tables } from '../schema.js';

export async function up(db: Transaction<Tables>, engine: Engine): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('task_runs')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('pipeline', 'text', (c) => c.notNull())
    .addColumn('file', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .addColumn('resumed_from', 'text')
    .addColumn('message', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('task_runs_by_file').on('task_runs').columns(['file', 'pipeline', 'started_at', 'id']).execute();
  await schema.createIndex('task_runs_by_time').on('task_runs').columns(['started_at', 'id']).execute();

  await schema
    .createTable('task_results')
    .addColumn('run_id', 'text', (c) => c.notNull().references('task_runs.id').onDelete('cascade'))
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('command', 'text', (c) => c.notNull())
    .addColumn('attempts', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .addColumn('message', 'text')
    .addColumn('error', 'text')
    .addColumn('artifacts', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('task_results_key', ['run_id', 'task'])
    .execute();
  await schema.createIndex('task_results_by_task').on('task_results').columns(['task', 'started_at', 'run_id']).execute();

  const logs = schema
    .createTable('task_logs')
    .addColumn('run_id', 'text', (c) => c.notNull().references('task_runs.id').onDelete('cascade'))
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('line', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('task_logs_key', ['run_id', 'seq']);
  await (engine.clustered === undefined ? logs : logs.modifyEnd(engine.clustered)).execute();
}
