import { holdOf } from '../history/index.js';
import { formatKey } from '../model/index.js';
import type { RunResource, Store, WorkflowRecord } from '../store/index.js';
import { resultOf } from './run.js';
import type { WorkflowSettings } from './settings.js';
import type { ResourceReport, WorkflowStatus } from './types.js';

/** A workflow's status from what the store knows; the cluster is not asked. */
export async function statusOf(store: Store, workflow: WorkflowRecord): Promise<WorkflowStatus> {
  const settings = workflow.settings as unknown as WorkflowSettings;
  const repository = await store.repositories.get(workflow.repositoryId);
  const [last] = await store.runs.list({ workflowId: workflow.id, limit: 1 });
  const holder = await store.holder(`workflow:${workflow.id}`);
  const hold = await holdOf(store, workflow.id);
  const degraded =
    last === undefined ? false : (await store.runs.resources(last.id)).some((row) => row.health === 'Degraded' || row.health === 'Missing');
  const status =
    holder !== undefined
      ? 'syncing'
      : last === undefined
        ? 'active'
        : last.status !== 'succeeded'
          ? 'failed'
          : degraded
            ? 'degraded'
            : 'synced';
  return {
    id: workflow.id,
    name: workflow.name,
    status,
    autoSync: settings.autoSync,
    repository: workflow.repositoryId,
    repositoryUrl: repository?.url ?? '',
    branch: repository?.branch ?? '',
    targetPath: workflow.targetPath,
    cluster: settings.cluster.target,
    namespace: settings.namespace,
    ...(last === undefined ? {} : { lastSyncResult: resultOf(last) }),
    ...(hold === undefined ? {} : { hold }),
    ...(holder === undefined ? {} : { syncingBy: `pid ${holder.pid} on ${holder.host}` }),
  };
}

/** The last word on each object of a run, in the order in which they were handled first. */
export function latestOf(rows: readonly RunResource[]): ResourceReport[] {
  const latest = new Map<string, ResourceReport>();
  for (const { key, action, health, message } of rows) latest.set(formatKey(key), { key, action, health, message });
  return [...latest.values()];
}
