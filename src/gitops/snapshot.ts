import type { Comparison } from '../compare/index.js';
import type { Snapshot, SnapshotObject } from '../history/index.js';
import { formatKey } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';

export interface SnapshotInput {
  store: Store;
  run: RunRecord;
  clusterId: string;
  comparison: Comparison;
}

/** Every object that a comparison is about to change, whole, as it is before. */
export async function snapshotOf({ store, run, clusterId, comparison }: SnapshotInput): Promise<Snapshot> {
  const inventory = new Map((await store.inventory.list(run.workflowId, clusterId)).map((entry) => [formatKey(entry.key), entry]));
  const known = (object: Omit<SnapshotObject, 'inventory'>): SnapshotObject => {
    const entry = inventory.get(formatKey(object.key));
    return entry === undefined ? object : { ...object, inventory: entry };
  };
  const objects: SnapshotObject[] = [];
  for (const { action, desired, live } of comparison.items) {
    if (action !== 'create' && action !== 'update') continue;
    objects.push(
      known({ key: desired.key, version: desired.gvk.version, ...(live === undefined || action === 'create' ? {} : { before: live }) }),
    );
  }
  for (const { key, resource, live } of comparison.prune) objects.push(known({ key, version: resource.version, before: live }));
  return { runId: run.id, workflowId: run.workflowId, clusterId, revision: run.revision, at: run.startedAt, objects };
}
