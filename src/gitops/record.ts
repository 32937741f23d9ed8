import { managedHash } from '../compare/index.js';
import { type Clock, count, formatDuration, formatKey, formatTime } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import type { SyncOutcome, SyncRecorder } from '../sync/index.js';
import { keepApplied } from './caches.js';
import { keepLeftovers } from './leftovers.js';
import type { ResourceReport, SyncResult } from './types.js';

export const noMetrics = { processed: 0, applied: 0, skipped: 0, pruned: 0, conflictsResolved: 0 };

export function resultOf(run: RunRecord): SyncResult {
  const { metrics } = run;
  return {
    id: run.id,
    status: run.status,
    startTime: formatTime(run.startedAt),
    commitHash: run.revision,
    message: run.message,
    metrics: {
      duration: formatDuration((run.finishedAt ?? run.startedAt) - run.startedAt),
      resourcesProcessed: metrics.processed,
      resourcesApplied: metrics.applied,
      resourcesSkipped: metrics.skipped,
      resourcesPruned: metrics.pruned,
      conflictsResolved: metrics.conflictsResolved,
    },
    ...(run.error === undefined ? {} : { error: run.error }),
  };
}

/** The outcome of a run whose earlier process died, with what that one had done. */
export function mergeEarlier(outcome: SyncOutcome, earlier: readonly ResourceReport[]): SyncOutcome {
  const results = new Map(outcome.results.map((result) => [formatKey(result.key), result]));
  for (const { key, action, message } of earlier) {
    if (action !== 'created' && action !== 'updated' && action !== 'pruned') continue;
    const now = results.get(formatKey(key));
    if (now === undefined) results.set(formatKey(key), { key, action, message });
    else if (now.action === 'unchanged') results.set(formatKey(key), { ...now, action });
  }
  const all = [...results.values()];
  const of = (...actions: string[]) => all.filter((result) => actions.includes(result.action)).length;
  const changes = of('created', 'updated', 'pruned');
  return {
    ...outcome,
    message:
      outcome.status === 'succeeded'
        ? `Sync completed after an interruption: ${count(changes, 'object')} changed`
        : outcome.message.replace(/ \([^()]*(nothing was changed|changes were made)\)$/, ` (${count(changes, 'change')} made)`),
    results: all,
    metrics: {
      ...outcome.metrics,
      processed: all.length,
      applied: of('created', 'updated'),
      skipped: of('unchanged', 'skipped'),
      pruned: of('pruned'),
    },
  };
}

/** Writes what a run does into the store, each thing before the next begins. */
export function recorderFor(store: Store, workflowId: string, clusterId: string, runId: string, clock: Clock): SyncRecorder {
  return {
    async intend(keys) {
      // An intention never replaces what is known of an object; it only makes sure that none is unknown.
      const known = new Set((await store.inventory.list(workflowId, clusterId)).map((entry) => formatKey(entry.key)));
      const fresh = keys.filter(({ key }) => !known.has(formatKey(key)));
      await store.inventory.put(
        workflowId,
        clusterId,
        fresh.map(({ key, version }) => ({ key, version, uid: '', desiredHash: '', managedHash: '' })),
      );
    },
    async applied(items) {
      await store.inventory.put(
        workflowId,
        clusterId,
        items.map(({ item, object }) => ({
          key: item.desired.key,
          version: item.desired.gvk.version,
          uid: object.metadata.uid ?? '',
          desiredHash: item.desired.hash,
          managedHash: managedHash(object),
        })),
      );
      await keepApplied(
        store,
        items.map(({ item }) => ({ hash: item.desired.hash, object: item.desired.object })),
      );
    },
    leftovers: (keys) => keepLeftovers(store, { workflowId, clusterId, at: clock.now() }, keys),
    pruned: (keys) => store.inventory.remove(workflowId, clusterId, keys),
    results: (results) => store.runs.addResources(results.map((result) => ({ ...result, runId, at: clock.now() }))),
  };
}
