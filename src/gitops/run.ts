import { whatMoved } from '../compare/index.js';
import { checkApproval, finishApprovals, gateOf, requestApproval, useApproval } from '../gates/index.js';
import { assessHealth } from '../health/index.js';
import { holdOf, keepSnapshot, putDueRollback, releaseHold } from '../history/index.js';
import {
  asEvenkeelError,
  type Clock,
  describeKey,
  type ErrorCode,
  EvenkeelError,
  type Health,
  type KubeObject,
  newId,
  parseDuration,
} from '../model/index.js';
import type { Source } from '../source/index.js';
import type { RepositoryRecord, RunRecord, Store, WorkflowRecord } from '../store/index.js';
import { executeSync, type SyncEvent, type SyncOutcome } from '../sync/index.js';
import type { LazyCache } from './caches.js';
import { guarded } from './guarded.js';
import { endInterrupted, isRollback, recover } from './interrupted.js';
import { openJournal, trimOutputs } from './journal.js';
import { freeze, type OpenedCluster, type Prepared, prepare } from './prepare.js';
import { mergeEarlier, noMetrics, recorderFor, resultOf } from './record.js';
import { runRollback } from './rollback.js';
import { parseRef, type WorkflowSettings } from './settings.js';
import { snapshotOf } from './snapshot.js';
import { latestOf } from './status.js';
import type { PrepareEvent, SyncOptions, SyncReport } from './types.js';

export interface RunInput {
  workflow: WorkflowRecord;
  repository: RepositoryRecord;
  settings: WorkflowSettings;
  source: Source;
  openRemote: (url: string) => Promise<Source>;
  cache: LazyCache;
  openCluster: () => Promise<OpenedCluster>;
  store: Store;
  clock: Clock;
  requestedBy: string;
  assess?: (object: KubeObject) => Health | null;
  /** Where commands of the workflow run, and with what environment. */
  commandDirectory: string;
  commandEnv: { [name: string]: string };
  options: SyncOptions;
  /** Leave no record of a run that has nothing to do, or that fails as the one before it did. */
  quiet: boolean;
}

/** Runs that are kept of each workflow. */
const keptRuns = 1000;
/** Runs whose diff, and whose commands' output, is kept. */
const keptDiffs = 200;
/** How often a pause between attempts looks for a newer revision: milliseconds. */
const lookMs = 2_000;

/**
 * One sync, from taking the workflow's lock to the last record, with the retries of its policy. What a
 * process that died has left is put in order first.
 * @throws EvenkeelError STORE_LOCKED where another sync of the workflow runs
 */
export async function runSync(asked: RunInput): Promise<SyncReport> {
  const { workflow, store, clock } = asked;
  const lock = await store.lock(`workflow:${workflow.id}`, `sync of ${workflow.id}`);
  const { signal, stop } = guarded(lock, asked.options.signal);
  try {
    const input = { ...asked, settings: overridden(asked.settings, asked.options), options: { ...asked.options, signal } };
    const { options } = input;
    const resumed = await recover({
      store,
      workflowId: workflow.id,
      now: () => clock.now(),
      rollBack: ({ before, reason, by }) =>
        runRollback({
          ...input,
          requestedBy: by,
          target: { to: 'before', runId: before },
          reason,
          signal: options.signal,
          onEvent: options.onEvent,
        }),
    });
    return await attempts(input, resumed);
  } finally {
    stop();
    await finishApprovals(store, workflow.id, clock.now()).catch(() => {});
    await lock.release();
  }
}

async function attempts(input: RunInput, resumed: RunRecord | undefined): Promise<SyncReport> {
  const { settings, clock, options } = input;
  let started = clock.now();
  let revision: string | undefined;
  for (let attempt = 1; ; attempt++) {
    let pause: number | undefined;
    /** Milliseconds until the next attempt; undefined where this one was the last. */
    const retryIn = (error: EvenkeelError, of: string): number | undefined => {
      // Retries belong to a revision: a newer one begins anew.
      if (revision !== undefined && of !== revision) {
        attempt = 1;
        started = clock.now();
      }
      revision = of;
      const wait = backoff(settings.retry.backoff, attempt);
      const more = error.transient && attempt <= settings.retry.limit && clock.now() + wait - started <= settings.retry.maxDurationMs;
      pause = more && options.signal?.aborted !== true ? wait : undefined;
      return pause;
    };
    const report = await once(input, attempt === 1 ? resumed : undefined, retryIn);
    if (report.success || pause === undefined) return report;
    options.onEvent?.({ type: 'retrying', attempt, inMs: pause, reason: report.reason ?? report.message });
    if (!(await waitForNext(input, pause, report.commitHash))) return report;
  }
}

/** Sleeps until the next attempt is due, or a newer revision ends the wait. @returns false where it was stopped */
async function waitForNext({ source, repository, clock, options }: RunInput, pause: number, revision: string): Promise<boolean> {
  const until = clock.now() + pause;
  const ref = parseRef(repository.branch);
  try {
    for (let left = pause; left > 0; left = until - clock.now()) {
      await clock.sleep(Math.min(left, lookMs), options.signal);
      if ('commit' in ref || left <= lookMs) continue;
      const now = await source.resolve(ref, options.signal).catch(() => undefined);
      if (now !== undefined && now.revision !== revision) return true;
    }
  } catch {
    return false;
  }
  return true;
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

/** A sync that was not let in: nothing has happened that a history would tell. */
const refusals = new Set<ErrorCode>(['APPROVAL_PENDING', 'APPROVAL_REJECTED', 'PLAN_MOVED']);

type RetryIn = (error: EvenkeelError, revision: string) => number | undefined;

/** One attempt: a run of its own, or what is left of one whose process died. */
async function once(input: RunInput, resumed: RunRecord | undefined, retryIn: RetryIn): Promise<SyncReport> {
  const { workflow, repository, settings, store, clock, options } = input;
  let run: RunRecord = resumed ?? newRun(input);
  let goesOn = resumed !== undefined;
  const gated = settings.approval.required || settings.approval.impact !== undefined;
  let begun = goesOn;
  const begin = async () => {
    begun = true;
    await store.runs.put(run);
  };
  // What may be refused before it begins leaves no failed run behind.
  const conditional = gated || options.plan !== undefined;
  if (!input.quiet && !conditional && !goesOn) await begin();
  const progress = tellStatus(store, () => (begun ? run : undefined), options.onEvent);

  const finish = async (outcome: SyncOutcome): Promise<SyncReport> => {
    await progress.settled();
    const { error } = outcome;
    const again = error === undefined ? undefined : retryIn(error, run.revision);
    const undo = await dueUndo(input, run, outcome, again);
    const record: RunRecord = {
      ...run,
      status: outcome.status,
      finishedAt: clock.now(),
      message: outcome.message,
      metrics: outcome.metrics,
      ...(error === undefined ? {} : { error: { ...error.toJSON(), transient: error.transient } }),
    };
    const waits = !begun && error !== undefined && refusals.has(error.code);
    const worthKeeping = !input.quiet || (outcome.status !== 'succeeded' && !(await isRepeated(record, store)));
    if (!waits && (begun || worthKeeping)) await store.runs.put(record);
    if (!waits && (begun || outcome.status !== 'succeeded')) await auditSync(input, record);
    await trim(input);
    const success = outcome.status === 'succeeded';
    const report: SyncReport = {
      ...resultOf(record),
      success,
      ...(success ? {} : { reason: outcome.message }),
      resources: outcome.results,
    };
    return undo === undefined ? report : rolledBack(input, undo, report);
  };

  try {
    const prepared = await prepare({
      ...input,
      ...options,
      ref: parseRef(repository.branch),
      ...choicesOf(settings, options),
      dryRunCreates: settings.diffPreview || options.plan !== undefined,
      onEvent: progress.onEvent,
      onRevision: async (revision) => {
        if (goesOn && run.revision !== '' && run.revision !== revision) {
          // Another revision has come meanwhile: what the dead process began is not gone on with.
          await endInterrupted(store, run, clock.now());
          run = newRun(input);
          goesOn = false;
          begun = false;
          if (!input.quiet && !conditional) await begin();
        }
        run = { ...run, revision };
        if (begun) await store.runs.put(run);
      },
    });
    const { summary } = prepared.diff;
    const changes = summary.totalChanges > 0 && summary.conflictCount === 0;
    await passGates(input, prepared, run);
    if (!begun && (changes || !input.quiet)) await begin();
    void input.cache.flush();
    await releaseByRevision(input, run.revision);
    if (begun && !(goesOn && (await store.documents.get('diff', run.id)) !== undefined))
      await store.documents.put('diff', { id: run.id, workflowId: workflow.id, at: run.startedAt, value: prepared.diff });
    if (changes)
      await keepSnapshot(store, await snapshotOf({ store, run, clusterId: prepared.clusterId, comparison: prepared.comparison }));
    const journal = await openJournal(store, run);
    const outcome = await executeSync({
      ...prepared,
      journal,
      commands: {
        ...settings.commands,
        directory: input.commandDirectory,
        env: {
          ...input.commandEnv,
          EVENKEEL_WORKFLOW: workflow.id,
          EVENKEEL_REVISION: run.revision,
          EVENKEEL_RUN_ID: run.id,
          EVENKEEL_CLUSTER: settings.cluster.target,
        },
      },
      rerunHooks: goesOn || (await isUnfinished(input, run)),
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
      onEvent: progress.onEvent,
    });
    await progress.settled();
    const report = await finish(goesOn ? mergeEarlier(outcome, latestOf(await store.runs.resources(run.id))) : outcome);
    // Only now: until the run is told as ended, a process that dies leaves it to the next one to go on with.
    await journal.close();
    return report;
  } catch (thrown) {
    const cancelled = options.signal?.aborted === true;
    const error = cancelled
      ? new EvenkeelError('CANCELLED', 'the sync was stopped before anything was written', { cause: thrown })
      : asEvenkeelError(thrown);
    return finish({ status: cancelled ? 'cancelled' : 'failed', message: error.message, results: [], metrics: noMetrics, error });
  }
}

function newRun({ workflow, clock, requestedBy, options }: RunInput): RunRecord {
  return {
    id: newId('sync', clock.now()),
    workflowId: workflow.id,
    status: 'running',
    revision: '',
    startedAt: clock.now(),
    requestedBy,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    message: 'Sync is running',
    metrics: noMetrics,
  };
}

/** What a sync does beyond its workflow's settings; of a plan, what it was made with. */
export function choicesOf(settings: WorkflowSettings, options: Pick<SyncOptions, 'prune' | 'takeBack' | 'adopt' | 'plan'>) {
  return (
    options.plan?.choices ?? {
      prune: options.prune ?? settings.autoPrune,
      takeBack: options.takeBack ?? settings.autoSync,
      adopt: options.adopt ?? false,
    }
  );
}

/**
 * Holds a sync against the plan that it was asked for, and against the approval that its workflow wants.
 * @throws EvenkeelError PLAN_MOVED, APPROVAL_PENDING, APPROVAL_REJECTED
 */
async function passGates(
  { workflow, settings, store, clock, options, requestedBy }: RunInput,
  prepared: Prepared,
  run: RunRecord,
): Promise<void> {
  const { diff } = prepared;
  const gate = diff.summary.conflictCount === 0 ? gateOf(settings.approval, diff) : undefined;
  if (options.plan === undefined && gate === undefined) return;
  const plan = await freeze(prepared, { workflowId: workflow.id, store, choices: choicesOf(settings, options), now: clock.now() });
  if (options.plan !== undefined) {
    const moved = whatMoved(options.plan, plan);
    if (moved.length > 0)
      throw new EvenkeelError('PLAN_MOVED', `the plan of ${options.plan.createdAt} does not fit any more: ${moved.join('; ')}`, {
        hint: `Make a new one and look at it: evenkeel plan ${workflow.id} -o FILE`,
        details: { moved },
      });
  }
  if (gate === undefined) return;
  const { approval, fresh } = await requestApproval({ store, plan, gate, policy: settings.approval, now: clock.now(), by: requestedBy });
  if (fresh) {
    await store.audit.append({
      at: clock.now(),
      actor: requestedBy,
      action: 'approval-requested',
      subject: workflow.id,
      reason: gate,
      detail: { approval: approval.id, revision: approval.revision, summary: approval.summary, impact: approval.impact },
    });
  }
  checkApproval(approval);
  await useApproval(store, approval, run.id);
}

/** Keeps what a run waits for in its record, so that `status` can say it, and passes the events on. */
function tellStatus(store: Store, current: () => RunRecord | undefined, onEvent: SyncOptions['onEvent']) {
  let writing: Promise<void> = Promise.resolve();
  let told = '';
  const tell = (message: string) => {
    const run = current();
    if (run === undefined || message === told) return;
    told = message;
    writing = writing.then(() => store.runs.put({ ...run, message })).catch(() => {});
  };
  return {
    onEvent(event: SyncEvent | PrepareEvent): void {
      if (event.type === 'waiting') {
        const [first] = event.for;
        const more = event.for.length > 1 ? ` and ${event.for.length - 1} more` : '';
        if (first !== undefined) tell(`Waiting for ${describeKey(first.key)}: ${first.health}, ${first.why}${more}`);
      } else if (event.type === 'hook' && event.state === 'running') tell(`Waiting for ${event.phase} hook ${event.resource}`);
      else if (event.type === 'command' && event.state === 'running') tell(`Waiting for ${event.phase} command: ${event.command}`);
      else if (event.type === 'phase')
        tell(event.phase === 'Prune' ? 'Deleting what left Git' : `Applying ${event.phase}, wave ${event.wave}`);
      onEvent?.(event);
    },
    settled: () => writing,
  };
}

async function auditSync({ workflow, store, clock, requestedBy, options }: RunInput, record: RunRecord): Promise<void> {
  await store.audit.append({
    at: clock.now(),
    actor: requestedBy,
    action: 'sync',
    subject: workflow.id,
    reason: options.reason,
    detail: {
      run: record.id,
      status: record.status,
      revision: record.revision,
      applied: record.metrics.applied,
      pruned: record.metrics.pruned,
    },
  });
}

async function trim({ workflow, store }: RunInput): Promise<void> {
  await store.runs.trim(workflow.id, keptRuns);
  const diffs = await store.documents.list('diff', { workflowId: workflow.id });
  await store.documents.remove(
    'diff',
    diffs.slice(keptDiffs).map((document) => document.id),
  );
  await trimOutputs(store, workflow.id, keptDiffs);
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

interface Undo {
  before: string;
  reason: string;
}

/**
 * Whether a failed run is put back: where the workflow says so, something was changed, and no attempt
 * follows. It is written down before the failure is, so that a process that dies in between is noticed.
 */
async function dueUndo(input: RunInput, run: RunRecord, outcome: SyncOutcome, again: number | undefined): Promise<Undo | undefined> {
  const { settings, store, clock, workflow, requestedBy } = input;
  if (outcome.status !== 'failed' || again !== undefined || !settings.rollbackOnFailure) return undefined;
  const series = await failedSeries(store, run);
  const changed = outcome.metrics.applied + outcome.metrics.pruned > 0 || series.length > 0;
  if (!changed) return undefined;
  const undo = { before: series.at(-1)?.id ?? run.id, reason: `sync ${run.id} failed: ${outcome.message}` };
  await putDueRollback(store, { workflowId: workflow.id, ...undo, by: requestedBy, since: clock.now() });
  return undo;
}

/** Earlier runs of the same revision that failed after they had changed something, newest first. */
async function failedSeries(store: Store, run: RunRecord): Promise<RunRecord[]> {
  const series: RunRecord[] = [];
  for (const one of await store.runs.list({ workflowId: run.workflowId, limit: 200 })) {
    if (one.id === run.id) continue;
    if (isRollback(one) || one.status === 'succeeded' || one.revision !== run.revision) break;
    if (one.metrics.applied + one.metrics.pruned > 0 || one.error?.['code'] === 'RUN_INTERRUPTED') series.push(one);
  }
  return series;
}

/** Puts back what a failed sync, its earlier attempts included, has changed. */
async function rolledBack(input: RunInput, { before, reason }: Undo, report: SyncReport): Promise<SyncReport> {
  const back = await runRollback({
    ...input,
    target: { to: 'before', runId: before },
    reason,
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
