import type { Kysely } from 'kysely';
import { CompiledQuery } from 'kysely';
import { compareKeys, type ResourceKey } from '../model/index.js';
import { inBulk } from './bulk.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { InventoryEntry, Store } from './types.js';

type Row = Tables['inventory'];

const keyColumns = ['workflow_id', 'cluster', 'namespace', 'api_group', 'kind', 'name'] as const;
const columns = [...keyColumns, 'version', 'uid', 'desired_hash', 'managed_hash'] as const;

export function openInventory(db: Kysely<Tables>): Store['inventory'] {
  return {
    async list(workflowId, cluster) {
      const rows = await retrying(() =>
        db
          .selectFrom('inventory')
          .select(['namespace', 'api_group', 'kind', 'name', 'version', 'uid', 'desired_hash', 'managed_hash'])
          .where('workflow_id', '=', workflowId)
          .where('cluster', '=', cluster)
          .orderBy('namespace')
          .orderBy('api_group')
          .orderBy('kind')
          .orderBy('name')
          .execute(),
      );
      // Databases order by bytes or by a locale, keys by code unit: what is nearly sorted costs little to sort.
      return rows.map(fromRow).sort((a, b) => compareKeys(a.key, b.key));
    },
    async put(workflowId, cluster, entries) {
      const rows = new Map<string, Row>();
      // One statement may not write a row twice on every database: the last entry of a key counts.
      for (const entry of entries) rows.set(identity(entry.key), toRow(workflowId, cluster, entry));
      if (rows.size === 0) return;
      await retrying(() => db.transaction().execute((trx) => insert(trx, [...rows.values()])));
    },
    async remove(workflowId, cluster, keys) {
      const [first] = keys;
      if (!first) return;
      const text = removal(db, workflowId, cluster, first).compile().sql;
      await retrying(() =>
        db.transaction().execute(async (trx) => {
          for (const { namespace, group, kind, name } of keys)
            await trx.executeQuery(CompiledQuery.raw(text, [workflowId, cluster, namespace, group, kind, name]));
        }),
      );
    },
  };
}

function insert(db: Kysely<Tables>, rows: Row[]): Promise<void> {
  const compile = (sample: Row[]) =>
    db
      .insertInto('inventory')
      .values(sample)
      .onConflict((c) =>
        c.columns(keyColumns).doUpdateSet((eb) => ({
          version: eb.ref('excluded.version'),
          uid: eb.ref('excluded.uid'),
          desired_hash: eb.ref('excluded.desired_hash'),
          managed_hash: eb.ref('excluded.managed_hash'),
        })),
      );
  return inBulk({ db, columns, rows, compile });
}

function removal(db: Kysely<Tables>, workflowId: string, cluster: string, key: ResourceKey) {
  return db
    .deleteFrom('inventory')
    .where('workflow_id', '=', workflowId)
    .where('cluster', '=', cluster)
    .where('namespace', '=', key.namespace)
    .where('api_group', '=', key.group)
    .where('kind', '=', key.kind)
    .where('name', '=', key.name);
}

function identity(key: ResourceKey): string {
  return JSON.stringify([key.namespace, key.group, key.kind, key.name]);
}

function toRow(workflowId: string, cluster: string, entry: InventoryEntry): Row {
  return {
    workflow_id: workflowId,
    cluster,
    namespace: entry.key.namespace,
    api_group: entry.key.group,
    kind: entry.key.kind,
    name: entry.key.name,
    version: entry.version,
    uid: entry.uid,
    desired_hash: entry.desiredHash,
    managed_hash: entry.managedHash,
  };
}

function fromRow(row: Omit<Row, 'workflow_id' | 'cluster'>): InventoryEntry {
  return {
    key: { group: row.api_group, kind: row.kind, namespace: row.namespace, name: row.name },
    version: row.version,
    uid: row.uid,
    desiredHash: row.desired_hash,
    managedHash: row.managed_hash,
  };
}
