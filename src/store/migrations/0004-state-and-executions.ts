import type { Transaction } from 'kysely';
import type { Engine } from '../engine.js';
import type { Tables } from '../schema.js';

export async function up(db: Transaction<Tables>, engine: Engine): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('state')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('value', engine.bytes, (c) => c.notNull())
    .execute();
  await schema.createIndex('state_by_expiry').on('state').column('expires_at').execute();

  await schema
    .createTable('executions')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('task', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('success', 'bigint', (c) => c.notNull())
    .addColumn('seconds', 'double precision')
    .addColumn('detail', engine.bytes, (c) => c.notNull())
    .execute();
  await schema.createIndex('executions_by_task').on('executions').columns(['task', 'at', 'id']).execute();
  await schema.createIndex('executions_by_time').on('executions').columns(['at', 'id']).execute();
}
