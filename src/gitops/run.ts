import { managedHash } from '../compare/index.js';
import { assessHealth } from '../health/index.js';
import { holdOf, keepSnapshot, releaseHold } from '../history/index.js';
import {
  asEvenkeelError,
  type Clock,
  EvenkeelError,
  formatDuration,
  formatKey,
  formatTime,
  type Health,
  type KubeObject,
  newId,
  parseDuration,
} from '../model/index.js';
import type { Source } from '../source/index.js';
import type { RepositoryRecord, RunRecord, Store, WorkflowRecord } from '../store/index.js';
import { executeSync, type SyncOutcome, type SyncRecorder } from '../sync/index.js';
import { keepApplied, type LazyCache } from './caches.js';
import { type OpenedCluster, prepare } from './prepare.js';
import { runRollback } from './rollback.js';
import { parseRef, type WorkflowSettings } from './settings.js';
import { snapshotOf } from './snapshot.js';
import { latestOf } from './status.js';
import type { SyncOptions, SyncReport, SyncResult } from './types.js';

export interface RunInput {
  workflow: WorkflowRecord;
  repository: RepositoryRecord;
  settings: WorkflowSettings;
  source: Source;
  cache: LazyCache;
  openCluster: () => Promise<OpenedCluster>;
  store: Store;
  clock: Clock;
  requestedBy: string;
  assess?: (object: KubeObject) => Health | null;
  options: SyncOptions;
  /** Leave no record of a run that has nothing to do, or that fails as the one before it did. */
  quiet: boolean;
}

/** Runs that are kept of each workflow. */
const keptRuns = 1000;
/** Runs whose diff is kept. */
const keptDiffs = 200;

export const noMetrics = { processed: 0, applied: 0, skipped: 0, pruned: 0, conflictsResolved: 0 };

/**
 * One sync, from taking the workflow's lock to the last record, with the retries of its policy.
 * @throws EvenkeelError STORE_LOCKED where another sync of the workflow runs; NOT_YET for approvals
 */
export async function runSync(asked: RunInput): Promise<SyncReport> {
  const input = { ...asked, settings: overridden(asked.settings, asked.options) };
  const { workflow, settings, store } = input;
  if (settings.approvalRequired) {
    throw new EvenkeelError(
      'NOT_YET',
      `workflow "${workflow.id}" waits for approval before every sync, and this version cannot take approvals`,
      {
        hint: 'Until it can, set approval_required to false for workflows that may sync without a person.',
      },
    );
  }
  const lock = await store.lock(`workflow:${workflow.id}`, `sync of ${workflow.id}`);
  try {
    await endInterrupted(input);
    return await attempts(input);
  } finally {
    await lock.release();
  }
}

async function attempts(input: RunInput): Promise<SyncReport> {
  const { settings, clock, options } = input;
  const started = clock.now();
  for (let attempt = 1; ; attempt++) {
    const report = await once(input);
    const transient = report.error?.['transient'] === true;
    if (report.success || report.rollback !== undefined || !transient || attempt > settings.retry.limit || report.status === 'cancelled')
      return report;
    const pause = backoff(settings.retry.backoff, attempt);
    if (clock.now() + pause - started > settings.retry.maxDurationMs) return report;
    options.onEvent?.({ type: 'retrying', attempt, inMs: pause, reason: report.reason ?? report.message });
    try {
      await clock.sleep(pause, options.signal);
    } catch {
      return report;
    }
  }
}

/** @throws EvenkeelError DURATION_INVALID */
function overridden(settings: WorkflowSettings, { createNamespace, healthTimeout, noWait }: SyncOptions): WorkflowSettings {
  return {
    ...settings,
    createNamespace: createNamespace ?? settings.createNamespace,
    healthCheck: {
      ...settings.healthCheck,
      enabled: settings.healthCheck.enabled && noWait !== true,
      timeoutMs: healthTimeout === undefined ? settings.healthCheck.timeoutMs : parseDuration(healthTimeout, 'healthTimeout'),
    },
  };
}

/** Runs of processes that died: we hold the lock, so nobody carries them on. */
async function endInterrupted({ workflow, store, clock }: RunInput): Promise<void> {
  for (const run of await store.runs.list({ workflowId: workflow.id, limit: 20 })) {
    if (run.status !== 'running') continue;
    const done = latestOf(await store.runs.resources(run.id)).filter(
      (r) => r.action === 'created' || r.action === 'updated' || r.action === 'pruned',
    );
    await store.runs.put({
      ...run,
      status: 'failed',
      finishedAt: clock.now(),
      message: `The process ended without finishing; ${done.length === 0 ? 'no change is recorded' : `${done.length} changes were made`}`,
      metrics: {
        ...run.metrics,
        applied: done.filter((r) => r.action !== 'pruned').length,
        pruned: done.filter((r) => r.action === 'pruned').length,
      },
    });
  }
}

/** True where the last run of this revision did not come to a good end, so that its hooks are due again. */
async function isUnfinished({ workflow, store }: RunInput, run: RunRecord): Promise<boolean> {
  const last = (await store.runs.list({ workflowId: workflow.id, limit: 2 })).find((one) => one.id !== run.id);
  return last !== undefined && last.revision === run.revision && last.status !== 'succeeded';
}

/** Milliseconds to wait after an attempt: 1 s, then more, never beyond a minute. */
function backoff(kind: WorkflowSettings['retry']['backoff'], attempt: number): number {
  const factor = kind === 'fixed' ? 1 : kind === 'linear' ? attempt : 2 ** (attempt - 1);
  return Math.min(60_000, 1000 * factor);
}

async function once(input: RunInput): Promise<SyncReport> {
  const { workflow, repository, settings, store, clock, options } = input;
  const run: RunRecord = {
    id: newId('sync', clock.now()),
    workflowId: workflow.id,
    status: 'running',
    revision: '',
    startedAt: clock.now(),
    requestedBy: input.requestedBy,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    message: 'Sync is running',
    metrics: noMetrics,
  };
  let begun = !input.quiet;
  const begin = async () => {
    begun = true;
    await store.runs.put(run);
  };
  if (begun) await begin();
  const finish = async (outcome: SyncOutcome): Promise<SyncReport> => {
    const record: RunRecord = {
      ...run,
      status: outcome.status,
      finishedAt: clock.now(),
      message: outcome.message,
      metrics: outcome.metrics,
      ...(outcome.error === undefined ? {} : { error: { ...outcome.error.toJSON(), transient: outcome.error.transient } }),
    };
    if (begun || (outcome.status !== 'succeeded' && !(await isRepeated(record, store)))) await store.runs.put(record);
    if (begun || outcome.status !== 'succeeded') {
      await store.audit.append({
        at: clock.now(),
        actor: input.requestedBy,
        action: 'sync',
        subject: workflow.id,
        reason: options.reason,
        detail: {
          run: run.id,
          status: record.status,
          revision: record.revision,
          applied: record.metrics.applied,
          pruned: record.metrics.pruned,
        },
      });
    }
    await store.runs.trim(workflow.id, keptRuns);
    const diffs = await store.documents.list('diff', { workflowId: workflow.id });
    await store.documents.remove(
      'diff',
      diffs.slice(keptDiffs).map((document) => document.id),
    );
    const result = resultOf(record);
    const success = outcome.status === 'succeeded';
    return { ...result, success, ...(success ? {} : { reason: outcome.message }), resources: outcome.results };
  };
  try {
    const prepared = await prepare({
      ...input,
      ...options,
      ref: parseRef(repository.branch),
      prune: options.prune ?? settings.autoPrune,
      takeBack: options.takeBack ?? settings.autoSync,
      adopt: options.adopt ?? false,
      dryRunCreates: settings.diffPreview,
      onRevision: async (revision) => {
        run.revision = revision;
        if (begun) await store.runs.put(run);
      },
    });
    const { summary } = prepared.diff;
    if (!begun && summary.totalChanges > 0 && summary.conflictCount === 0) await begin();
    void input.cache.flush();
    await releaseByRevision(input, run.revision);
    if (begun) await store.documents.put('diff', { id: run.id, workflowId: workflow.id, at: run.startedAt, value: prepared.diff });
    if (summary.totalChanges > 0 && summary.conflictCount === 0)
      await keepSnapshot(store, await snapshotOf({ store, run, clusterId: prepared.clusterId, comparison: prepared.comparison }));
    const outcome = await executeSync({
      ...prepared,
      rerunHooks: await isUnfinished(input, run),
      workflowId: workflow.id,
      clock,
      assess: input.assess ?? assessHealth,
      settings: {
        healthCheck: settings.healthCheck,
        createNamespaces: settings.createNamespace,
        allowMassPrune: options.allowMassPrune ?? false,
        parallel: 32,
      },
      recorder: recorderFor(store, workflow.id, prepared.clusterId, run.id, clock),
      signal: options.signal,
      onEvent: options.onEvent,
    });
    return await rolledBack(input, run, await finish(outcome));
  } catch (thrown) {
    const cancelled = options.signal?.aborted === true;
    const error = cancelled
      ? new EvenkeelError('CANCELLED', 'the sync was stopped before anything was written', { cause: thrown })
      : asEvenkeelError(thrown);
    return finish({ status: cancelled ? 'cancelled' : 'failed', message: error.message, results: [], metrics: noMetrics, error });
  }
}

/**
 * After a rollback the revision that was rolled back from does not come back by itself; any other one ends the hold.
 * @throws EvenkeelError WORKFLOW_HELD
 */
async function releaseByRevision({ workflow, store }: RunInput, revision: string): Promise<void> {
  const hold = await holdOf(store, workflow.id);
  if (hold === undefined) return;
  if (hold.revision === revision) {
    throw new EvenkeelError(
      'WORKFLOW_HELD',
      `workflow "${workflow.id}" is held: revision ${revision.slice(0, 12)} was rolled back by ${hold.by} (${hold.reason})`,
      {
        hint: `Commit a correction, or let this revision in again: evenkeel resume ${workflow.id}`,
        details: { hold },
      },
    );
  }
  await releaseHold(store, workflow.id);
}

/** Puts back what a failed sync has changed, where the workflow says so. */
async function rolledBack(input: RunInput, run: RunRecord, report: SyncReport): Promise<SyncReport> {
  const { settings } = input;
  const changed = report.metrics.resourcesApplied + report.metrics.resourcesPruned > 0;
  if (report.success || report.status === 'cancelled' || !changed || !settings.rollbackOnFailure) return report;
  const back = await runRollback({
    ...input,
    target: { to: 'before', runId: run.id },
    reason: `sync ${run.id} failed: ${report.message}`,
    signal: input.options.signal,
    onEvent: input.options.onEvent,
  });
  return {
    ...report,
    rollback: back,
    reason: `${report.reason ?? report.message}; ${back.success ? 'rolled back' : `the rollback failed too: ${back.message}`}`,
  };
}

/** True where the newest run of the workflow ended the same way, for the same reason, at the same revision. */
async function isRepeated(run: RunRecord, store: Store): Promise<boolean> {
  const [last] = await store.runs.list({ workflowId: run.workflowId, limit: 1 });
  return last !== undefined && last.status === run.status && last.revision === run.revision && last.message === run.message;
}

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
    pruned: (keys) => store.inventory.remove(workflowId, clusterId, keys),
    results: (results) => store.runs.addResources(results.map((result) => ({ ...result, runId, at: clock.now() }))),
  };
}
