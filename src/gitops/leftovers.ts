import type { ResourceKey } from '../model/index.js';
import type { Store } from '../store/index.js';

const kind = 'leftovers';

const idOf = (workflowId: string, clusterId: string) => `${workflowId} ${clusterId}`;

/** Keeps which objects of a workflow left Git and stay in the cluster. Nothing is written where there are and were none. */
export async function keepLeftovers(
  store: Store,
  { workflowId, clusterId, at }: { workflowId: string; clusterId: string; at: number },
  keys: readonly ResourceKey[],
): Promise<void> {
  const id = idOf(workflowId, clusterId);
  if (keys.length > 0) await store.documents.put(kind, { id, workflowId, at, value: keys });
  else if ((await store.documents.list(kind, { workflowId })).length > 0) await store.documents.remove(kind, [id]);
}

/** As the last sync that came to its end has found it. */
export async function leftoversOf(store: Store, workflowId: string, clusterId: string): Promise<ResourceKey[]> {
  return ((await store.documents.get(kind, idOf(workflowId, clusterId)))?.value as ResourceKey[] | undefined) ?? [];
}
