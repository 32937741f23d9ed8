import type { Transaction } from 'kysely';
import type { Engine } from '../engine.js';
import type { Tables } from '../schema.js';

export async function up(db: Transaction<Tables>, engine: Engine): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('documents')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('workflow_id', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('value', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('documents_key', ['kind', 'id'])
    .execute();
  await schema.createIndex('documents_by_workflow').on('documents').columns(['kind', 'workflow_id', 'at', 'id']).execute();

  await schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (c) => c.primaryKey().notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('previous', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('audit_by_subject').on('audit').columns(['subject', 'seq']).execute();
}
