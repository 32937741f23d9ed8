import { useApproval } from '../gates/index.js';
import { assessHealth } from '../health/index.js';
import { keepSnapshot, releaseHold, trimUndone } from '../history/index.js';
import { asEvenkeelError, type ErrorCode, EvenkeelError, newId } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import { executeSync, type SyncOutcome } from '../sync/index.js';
import { openChoices } from './choices.js';
import { endInterrupted } from './interrupted.js';
import { closeJournal, openJournal, trimOutputs } from './journal.js';
import { passGates, passHold } from './pass-gates.js';
import { prepare } from './prepare.js';
import { mergeEarlier, noMetrics, recorderFor, resultOf } from './record.js';
import type { RunInput } from './run.js';
import { parseRef } from './settings.js';
import { snapshotOf } from './snapshot.js';
import { latestOf } from './status.js';
import { tellStatus } from './tell-status.js';
import type { SyncReport } from './types.js';
import { dueUndo, rolledBack } from './undo.js';

/** Runs that are kept of each workflow. */
const keptRuns = 1000;
/** Runs whose diff, and whose commands' output, is kept. */
const keptDiffs = 200;
/** A sync that was not let in: nothing has happened that a history would tell. */
const refusals = new Set<ErrorCode>(['APPROVAL_PENDING', 'APPROVAL_REJECTED', 'PLAN_MOVED']);

/** Milliseconds until the next attempt after an error at a revision; undefined where there is none. */
export type RetryIn = (error: EvenkeelError, revision: string) => number | undefined;

interface State {
  run: RunRecord;
  /** Whether the run goes on with what an earlier process of it has done. */
  goesOn: boolean;
  /** Whether it is in the store. */
  begun: boolean;
}

/** One attempt at a sync: a run of its own, or what is left of one whose process died. Never throws for what a sync meets. */
export async function attempt(input: RunInput, resumed: RunRecord | undefined, retryIn: RetryIn): Promise<SyncReport> {
  const { store, options } = input;
  const state: State = { run: resumed ?? newRun(input), goesOn: resumed !== undefined, begun: resumed !== undefined };
  if (!state.begun && beginsAtOnce(input)) await begin(input, state);
  const telling = tellStatus(store, () => (state.begun ? state.run : undefined), options.onEvent);
  let outcome: SyncOutcome;
  try {
    outcome = await carryOut({ ...input, options: { ...options, onEvent: telling.onEvent } }, state);
  } catch (thrown) {
    const cancelled = options.signal?.aborted === true;
    const error = cancelled
      ? new EvenkeelError('CANCELLED', 'the sync was stopped before anything was written', { cause: thrown })
      : asEvenkeelError(thrown);
    outcome = { status: cancelled ? 'cancelled' : 'failed', message: error.message, results: [], metrics: noMetrics, error };
  }
  await telling.settled();
  if (state.goesOn) outcome = mergeEarlier(outcome, latestOf(await store.runs.resources(state.run.id)));
  return finish(input, state, outcome, retryIn);
}

/** What may be refused before it begins, or has nothing to do, leaves no run behind: it is begun only when it is let in. */
function beginsAtOnce({ quiet, settings, options }: RunInput): boolean {
  const gated = settings.approval.required || settings.approval.impact !== undefined;
  return !quiet && !gated && options.plan === undefined;
}

async function begin({ store }: RunInput, state: State): Promise<void> {
  state.begun = true;
  await store.runs.put(state.run);
}

/** From the repository to the last write of a sync. */
async function carryOut(input: RunInput, state: State): Promise<SyncOutcome> {
  const { workflow, repository, settings, store, clock, options } = input;
  const choices = await openChoices(input);
  const prepared = await prepare({
    ...input,
    ...options,
    ref: parseRef(repository.branch),
    ...choices,
    dryRunCreates: settings.diffPreview || options.plan !== undefined,
    onRevision: (revision) => atRevision(input, state, revision),
  });
  const { summary } = prepared.diff;
  const changes = summary.totalChanges > 0 && summary.conflictCount === 0;
  const hold = await passHold(input, state.run.revision);
  const approval = await passGates(input, prepared, choices);
  if (!state.begun && (changes || !input.quiet)) await begin(input, state);
  void input.cache.flush();
  const { run, goesOn } = state;
  if (state.begun && !(goesOn && (await store.documents.get('diff', run.id)) !== undefined))
    await store.documents.put('diff', { id: run.id, workflowId: workflow.id, at: run.startedAt, value: prepared.diff });
  if (changes) await keepSnapshot(store, await snapshotOf({ store, run, clusterId: prepared.clusterId, comparison: prepared.comparison }));
  const recorder = recorderFor(store, workflow.id, prepared.clusterId, run.id, clock);
  const outcome = await executeSync({
    ...prepared,
    journal: await openJournal(store, run),
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
    recorder: {
      ...recorder,
      async intend(keys) {
        // An approval is used up by the first write, and not by a sync that was refused before it.
        if (approval !== undefined) await useApproval(store, { approval, runId: run.id, now: clock.now() });
        // And only now another revision has come in place of the one that is held.
        if (hold !== undefined) await releaseHold(store, workflow.id);
        await recorder.intend(keys);
      },
    },
    signal: options.signal,
    onEvent: options.onEvent,
  });
  if (hold !== undefined && outcome.status === 'succeeded') await releaseHold(store, workflow.id);
  return outcome;
}

/** Where another revision has come meanwhile, what a dead process began of the older one is not gone on with. */
async function atRevision(input: RunInput, state: State, revision: string): Promise<void> {
  const { store, clock } = input;
  if (state.goesOn && state.run.revision !== '' && state.run.revision !== revision) {
    await endInterrupted(store, state.run, clock.now());
    Object.assign(state, { run: newRun(input), goesOn: false, begun: false } satisfies State);
    if (beginsAtOnce(input)) await begin(input, state);
  }
  state.run = { ...state.run, revision };
  if (state.begun) await store.runs.put(state.run);
}

/** Writes down how it ended, and puts everything back where that is due. */
async function finish(input: RunInput, { run, begun }: State, outcome: SyncOutcome, retryIn: RetryIn): Promise<SyncReport> {
  const { store, clock, quiet } = input;
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
  const notLetIn = !begun && error !== undefined && refusals.has(error.code);
  const worthKeeping = !quiet || (outcome.status !== 'succeeded' && !(await isRepeated(record, store)));
  if (!notLetIn && (begun || worthKeeping)) await store.runs.put(record);
  // Only now: until the run is told as ended, a process that dies leaves it to the next one to go on with.
  if (begun) await closeJournal(store, run.id);
  if (!notLetIn && (begun || outcome.status !== 'succeeded')) await auditSync(input, record);
  await trim(input);
  const success = outcome.status === 'succeeded';
  const report: SyncReport = {
    ...resultOf(record),
    success,
    ...(success ? {} : { reason: outcome.message }),
    resources: outcome.results,
  };
  return undo === undefined ? report : rolledBack(input, undo, report);
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

/** True where the last run of this revision did not come to a good end, so that its hooks are due again. */
async function isUnfinished({ workflow, store }: RunInput, run: RunRecord): Promise<boolean> {
  const last = (await store.runs.list({ workflowId: workflow.id, limit: 2 })).find((one) => one.id !== run.id);
  return last !== undefined && last.revision === run.revision && last.status !== 'succeeded';
}

/** True where the newest run of the workflow ended the same way, for the same reason, at the same revision. */
async function isRepeated(run: RunRecord, store: Store): Promise<boolean> {
  const [last] = await store.runs.list({ workflowId: run.workflowId, limit: 1 });
  return last !== undefined && last.status === run.status && last.revision === run.revision && last.message === run.message;
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
  await trimUndone(store, workflow.id, keptRuns);
}
