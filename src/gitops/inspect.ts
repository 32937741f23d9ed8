import { managedHash, readLive } from '../compare/index.js';
import { assessHealth } from '../health/index.js';
import type { Cluster } from '../kube/index.js';
import { formatKey, type Health, type KubeObject, keyOf } from '../model/index.js';
import type { Store } from '../store/index.js';
import { explainPods } from '../sync/index.js';
import { leftoversOf } from './leftovers.js';
import type { InspectedResource } from './types.js';

export interface InspectInput {
  workflowId: string;
  cluster: Cluster;
  clusterId: string;
  store: Store;
  assess?: (object: KubeObject) => Health | null;
  signal?: AbortSignal;
}

/** How many unhealthy objects have their pods asked about. */
const explained = 10;

/** The objects of a workflow's inventory as the cluster has them now, in key order. */
export async function inspectWorkflow({
  workflowId,
  cluster,
  clusterId,
  store,
  assess = assessHealth,
  signal,
}: InspectInput): Promise<InspectedResource[]> {
  const applied = await store.inventory.list(workflowId, clusterId);
  const discovery = await cluster.discovery({ signal });
  const live = await readLive({ cluster, discovery, workflowId, desired: [], applied, signal });
  const byKey = new Map([...live.values()].map((object) => [formatKey(keyOf(object)), object]));
  const leftovers = new Set((await leftoversOf(store, workflowId, clusterId)).map(formatKey));
  let asked = 0;
  const out: InspectedResource[] = [];
  for (const entry of applied) {
    const object = byKey.get(formatKey(entry.key));
    if (object === undefined) {
      out.push({ key: entry.key, health: { status: 'Missing', message: 'the cluster does not have it' }, sync: 'missing', why: '' });
      continue;
    }
    const health = assess(object);
    const sick = health !== null && health.status !== 'Healthy' && health.status !== 'Suspended';
    const why = sick && asked++ < explained ? await explainPods(cluster, object, signal) : '';
    const sync = leftovers.has(formatKey(entry.key)) ? 'left-over' : entry.managedHash === managedHash(object) ? 'synced' : 'drifted';
    out.push({ key: entry.key, health, sync, why });
  }
  return out;
}
