import { listApprovals } from '../gates/index.js';
import { holdOf } from '../history/index.js';
import { EvenkeelError, formatKey } from '../model/index.js';
import type { RunRecord, RunResource, Store, WorkflowRecord } from '../store/index.js';
import { resultOf } from './record.js';
import { storedSettings } from './settings.js';
import type { ResourceReport, SyncResult, WorkflowStatus } from './types.js';

/** A workflow's status from what the store knows; the cluster is not asked. */
export async function statusOf(store: Store, workflow: WorkflowRecord, now: number): Promise<WorkflowStatus> {
  const settings = storedSettings(workflow.settings);
  const repository = await store.repositories.get(workflow.repositoryId);
  const [last] = await store.runs.list({ workflowId: workflow.id, limit: 1 });
  const holder = await store.holder(`workflow:${workflow.id}`);
  const hold = await holdOf(store, workflow.id);
  const approval = (await listApprovals(store, workflow.id, now)).find(
    (one) => one.state === 'pending' || (one.state === 'approved' && one.finished !== true),
  );
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
    ...(last === undefined ? {} : { lastSyncResult: lastResult(last, holder !== undefined) }),
    ...(last?.status === 'running' && holder !== undefined ? { waitingFor: last.message } : {}),
    ...(approval === undefined ? {} : { approval }),
    ...(hold === undefined ? {} : { hold }),
    ...(holder === undefined ? {} : { syncingBy: `pid ${holder.pid} on ${holder.host}` }),
  };
}

/** A run whose process died says so, before the next one goes on with it. */
function lastResult(last: RunRecord, held: boolean): SyncResult {
  if (last.status !== 'running' || held) return resultOf(last);
  const error = new EvenkeelError('RUN_INTERRUPTED', 'the process of this run ended without finishing it', {
    hint: `The next sync goes on from there: evenkeel sync ${last.workflowId}`,
  });
  return { ...resultOf(last), status: 'failed', message: `Interrupted: ${error.message} (${last.message})`, error: error.toJSON() };
}

/** The last word on each object of a run, in the order in which they were handled first. */
export function latestOf(rows: readonly RunResource[]): ResourceReport[] {
  const latest = new Map<string, ResourceReport>();
  for (const { key, action, health, message } of rows) latest.set(formatKey(key), { key, action, health, message });
  return [...latest.values()];
}
