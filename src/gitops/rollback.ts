import { buildDiff, type Diff, readSurroundings } from '../compare/index.js';
import { assessHealth } from '../health/index.js';
import {
  describeRun,
  dropDueRollback,
  giveBack,
  holdOf,
  keepSnapshot,
  noteUndone,
  planRestore,
  putDueRollback,
  putHold,
  type RollbackTarget,
  resolveTarget,
  verifyRestore,
} from '../history/index.js';
import { asEvenkeelError, EvenkeelError, formatKey, newId } from '../model/index.js';
import type { RunRecord } from '../store/index.js';
import { executeSync, type SyncOutcome } from '../sync/index.js';
import { isRollback } from './interrupted.js';
import { openJournal } from './journal.js';
import type { OpenedCluster } from './prepare.js';
import { noMetrics, recorderFor, resultOf } from './record.js';
import type { RunInput } from './run.js';
import { snapshotOf } from './snapshot.js';
import type { RollbackReport } from './types.js';

export interface RollbackInput
  extends Pick<RunInput, 'workflow' | 'settings' | 'openCluster' | 'store' | 'clock' | 'requestedBy' | 'assess'> {
  target: RollbackTarget;
  reason: string;
  signal?: AbortSignal;
  onEvent?: RunInput['options']['onEvent'];
}

/** What a rollback would do. Writes nothing. */
export async function previewRollback(asked: RollbackInput): Promise<{ diff: Diff; to: string }> {
  const held = await holdOf(asked.store, asked.workflow.id);
  const unfinished =
    held !== undefined && asked.target.to === 'previous' && (await asked.store.runs.get(held.runId))?.status !== 'succeeded';
  const input: RollbackInput = unfinished && held.before !== undefined ? { ...asked, target: { to: 'before', runId: held.before } } : asked;
  const opened = await input.openCluster();
  const { undo, restore, plan, secretKey } = await planned(input, opened);
  const surroundings = await readSurroundings({ ...restore, comparison: plan.comparison });
  const diff = buildDiff({
    comparison: { ...plan.comparison, ...(surroundings === undefined ? {} : { surroundings }) },
    hooks: [],
    workflowId: input.workflow.id,
    revision: undo.good?.revision ?? '',
    now: input.clock.now(),
    secretKey,
  });
  return { diff, to: describeRun(undo.good) };
}

async function planned({ store, workflow, target, signal }: RollbackInput, { cluster, id }: OpenedCluster) {
  const undo = await resolveTarget(store, workflow.id, id, target);
  const discovery = await cluster.discovery({ signal });
  const secretKey = await store.secretKey();
  const restore = { cluster, discovery, workflowId: workflow.id, objects: undo.objects, secretKey, signal };
  return { undo, restore, plan: await planRestore(restore), secretKey };
}

/**
 * Puts a workflow's objects back and holds the workflow, so that auto-sync does not bring the bad revision
 * back. Needs neither Git nor anything but the cluster. The caller holds the workflow's lock.
 */
export async function runRollback(input: RollbackInput): Promise<RollbackReport> {
  const { workflow, settings, store, clock, signal } = input;
  const held = await holdOf(store, workflow.id);
  if (held !== undefined && input.target.to === 'previous') {
    const back = await store.runs.get(held.runId);
    if (back === undefined || back.status === 'succeeded') return alreadyBack(input, held.runId);
    // The rollback that it is held by did not come to its end: it is done once more, from where it began.
    if (held.before !== undefined) return runRollback({ ...input, target: { to: 'before', runId: held.before } });
  }
  const opened = await input.openCluster();
  const { undo, restore, plan, secretKey } = await planned(input, opened);
  const last = undo.undone.at(-1) as RunRecord;
  // A rollback that was undone too, because it was interrupted, is not what must not come back.
  const bad = undo.undone.findLast((one) => !isRollback(one))?.revision ?? held?.revision ?? last.revision;
  const run: RunRecord = {
    id: newId('rollback', clock.now()),
    workflowId: workflow.id,
    status: 'running',
    revision: undo.good?.revision ?? '',
    startedAt: clock.now(),
    requestedBy: input.requestedBy,
    reason: input.reason,
    message: `Rolling back to ${describeRun(undo.good)}`,
    metrics: noMetrics,
  };
  await store.runs.put(run);
  const finish = async (outcome: SyncOutcome): Promise<RollbackReport> => {
    const record: RunRecord = {
      ...run,
      status: outcome.status,
      finishedAt: clock.now(),
      message: outcome.message,
      metrics: outcome.metrics,
      ...(outcome.error === undefined ? {} : { error: outcome.error.toJSON() }),
    };
    await store.runs.put(record);
    // One that was stopped half-way is still due: whoever takes the workflow next finishes it.
    if (outcome.status !== 'cancelled') await dropDueRollback(store, workflow.id);
    await store.audit.append({
      at: clock.now(),
      actor: input.requestedBy,
      action: 'rollback',
      subject: workflow.id,
      reason: input.reason,
      detail: { run: run.id, status: record.status, to: run.revision, from: bad },
    });
    const success = outcome.status === 'succeeded';
    return {
      ...resultOf(record),
      success,
      ...(success ? {} : { reason: outcome.message }),
      resources: outcome.results,
      restored: run.revision,
      undone: undo.undone.map((one) => one.id),
    };
  };
  try {
    await keepSnapshot(store, await snapshotOf({ store, run, clusterId: opened.id, comparison: plan.comparison }));
    // The hold comes before the first write: a process that dies in between must not sync the bad revision again.
    await putHold(store, {
      workflowId: workflow.id,
      revision: bad,
      since: clock.now(),
      by: input.requestedBy,
      reason: input.reason,
      runId: run.id,
      ...(undo.undone[0] === undefined ? {} : { before: undo.undone[0].id }),
    });
    const [first] = undo.undone;
    if (first !== undefined)
      await putDueRollback(store, {
        workflowId: workflow.id,
        before: first.id,
        reason: input.reason,
        by: input.requestedBy,
        since: clock.now(),
      });
    await giveBack(opened.cluster, plan, 'before', signal);
    const outcome = await executeSync({
      workflowId: workflow.id,
      comparison: plan.comparison,
      hooks: [],
      commands: { pre: [], post: [], directory: '.', env: {}, timeoutMs: 0 },
      journal: await openJournal(store, run),
      cluster: opened.cluster,
      inventorySize: Number.POSITIVE_INFINITY,
      settings: {
        healthCheck: { ...settings.healthCheck, failureMode: 'ignore' },
        createNamespaces: false,
        allowMassPrune: true,
        pruneFirst: true,
        parallel: 32,
      },
      // A rollback does not ask Git: what is left over is for the next sync to say.
      recorder: { ...recorderFor(store, workflow.id, opened.id, run.id, clock), leftovers: async () => {} },
      clock,
      assess: input.assess ?? assessHealth,
      signal,
      onEvent: input.onEvent,
    });
    if (outcome.status !== 'succeeded') return await finish(outcome);
    await giveBack(opened.cluster, plan, 'after', signal);
    await store.inventory.remove(workflow.id, opened.id, plan.released);
    await verifyRestore({ ...restore, secretKey }, plan);
    const undone = undo.undone.map((one) => one.id).filter((id) => !isRollback({ id }));
    await noteUndone(store, { workflowId: workflow.id, runs: undone, by: run.id, at: clock.now() });
    return await finish({
      ...outcome,
      message: `Rolled back to ${describeRun(undo.good)}: ${outcome.message.replace(/^Sync completed: /, '')}`,
    });
  } catch (thrown) {
    const error =
      signal?.aborted === true ? new EvenkeelError('CANCELLED', 'the rollback was stopped', { cause: thrown }) : asEvenkeelError(thrown);
    return finish({
      status: error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      message: error.message,
      results: [],
      metrics: noMetrics,
      error,
    });
  }
}

/** The same rollback twice changes nothing the second time. */
async function alreadyBack({ store }: RollbackInput, runId: string): Promise<RollbackReport> {
  const run = await store.runs.get(runId);
  if (run === undefined)
    throw new EvenkeelError('ROLLBACK_NOTHING', 'the workflow is rolled back already', {
      hint: 'Name a revision or a run to go further back.',
    });
  const resources = (await store.runs.resources(runId)).map(({ key, action, health, message }) => ({ key, action, health, message }));
  return {
    ...resultOf(run),
    success: run.status === 'succeeded',
    ...(run.status === 'succeeded' ? {} : { reason: run.message }),
    resources: [...new Map(resources.map((r) => [formatKey(r.key), r])).values()],
    restored: run.revision,
    undone: [],
  };
}
