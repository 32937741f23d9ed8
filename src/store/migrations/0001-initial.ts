import type { CreateTableBuilder, Transaction } from 'kysely';
import type { Engine } from '../engine.js';
import type { Tables } from '../schema.js';

export async function up(db: Transaction<Tables>, engine: Engine): Promise<void> {
  const { schema } = db;
  const clustered = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
    engine.clustered === undefined ? table : table.modifyEnd(engine.clustered);

  await schema
    .createTable('meta')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();

  await schema
    .createTable('secrets')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .execute();

  await schema
    .createTable('repositories')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('branch', 'text', (c) => c.notNull())
    .addColumn('credentials', engine.bytes)
    .addColumn('poll_interval_ms', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();

  await schema
    .createTable('workflows')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('repository_id', 'text', (c) => c.notNull().references('repositories.id'))
    .addColumn('target_path', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('workflows_by_repository').on('workflows').column('repository_id').execute();

  await schema
    .createTable('runs')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('workflow_id', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('revision', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('message', 'text', (c) => c.notNull())
    .addColumn('metrics', 'text', (c) => c.notNull())
    .addColumn('error', 'text')
    .execute();
  await schema.createIndex('runs_by_workflow').on('runs').columns(['workflow_id', 'started_at', 'id']).execute();
  await schema.createIndex('runs_by_time').on('runs').columns(['started_at', 'id']).execute();

  await clustered(
    schema
      .createTable('run_resources')
      .addColumn('run_id', 'text', (c) => c.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('seq', 'bigint', (c) => c.notNull())
      .addColumn('api_group', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('health', 'text')
      .addColumn('message', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('run_resources_key', ['run_id', 'seq']),
  ).execute();

  await clustered(
    schema
      .createTable('inventory')
      .addColumn('workflow_id', 'text', (c) => c.notNull())
      .addColumn('cluster', 'text', (c) => c.notNull())
      .addColumn('namespace', 'text', (c) => c.notNull())
      .addColumn('api_group', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('uid', 'text', (c) => c.notNull())
      .addColumn('desired_hash', 'text', (c) => c.notNull())
      .addColumn('managed_hash', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('inventory_key', ['workflow_id', 'cluster', 'namespace', 'api_group', 'kind', 'name']),
  ).execute();

  // The value stands last: what evicts reads the columns before it without loading it.
  await schema
    .createTable('cache')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('used_at', 'bigint', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('value', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('cache_key', ['kind', 'key'])
    .execute();
  await schema.createIndex('cache_by_use').on('cache').columns(['used_at', 'kind', 'key', 'size']).execute();

  await schema
    .createTable('locks')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('fence', 'bigint', (c) => c.notNull())
    .addColumn('holder_id', 'text')
    .addColumn('pid', 'bigint', (c) => c.notNull())
    .addColumn('process_start', 'text', (c) => c.notNull())
    .addColumn('machine', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
}
