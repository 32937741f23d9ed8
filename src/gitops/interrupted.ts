import { dropDueRollback, dueRollback } from '../history/index.js';
import { EvenkeelError } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import { closeJournal } from './journal.js';
import { latestOf } from './status.js';

/** Marks a run whose process died, and that nobody goes on with. */
export async function endInterrupted(store: Store, run: RunRecord, now: number): Promise<void> {
  const done = latestOf(await store.runs.resources(run.id));
  const of = (...actions: string[]) => done.filter((resource) => actions.includes(resource.action)).length;
  const metrics = { ...run.metrics, applied: of('created', 'updated'), pruned: of('pruned') };
  const changes = metrics.applied + metrics.pruned;
  const error = new EvenkeelError('RUN_INTERRUPTED', 'the process of this run ended without finishing it');
  await store.runs.put({
    ...run,
    status: 'failed',
    finishedAt: now,
    message: `The process ended without finishing; ${changes === 0 ? 'no change is recorded' : `${changes} changes were made`}`,
    metrics,
    error: { ...error.toJSON(), transient: true },
  });
  await closeJournal(store, run.id);
}

/** Runs that say they are running. Whoever holds the workflow's lock knows that their processes are gone. */
export async function interruptedRuns(store: Store, workflowId: string): Promise<RunRecord[]> {
  return (await store.runs.list({ workflowId, limit: 50 })).filter((run) => run.status === 'running');
}

export interface RecoverInput {
  store: Store;
  workflowId: string;
  now: () => number;
  /** Carries a rollback to its end. */
  rollBack: (due: { before: string; reason: string; by: string }) => Promise<unknown>;
}

/**
 * Puts a workflow in order after processes that died: finishes a rollback that was begun or due, and finds
 * the sync to go on with. The caller holds the workflow's lock.
 * @returns the run to go on with, if there is one
 */
export async function recover({ store, workflowId, now, rollBack }: RecoverInput): Promise<RunRecord | undefined> {
  const due = await dueRollback(store, workflowId);
  const interrupted = await interruptedRuns(store, workflowId);
  const syncs = interrupted.filter((run) => !isRollback(run));
  const goOn = due === undefined ? syncs[0] : undefined;
  for (const run of interrupted) if (run !== goOn) await endInterrupted(store, run, now());
  if (due !== undefined) {
    try {
      await rollBack(due);
    } catch (error) {
      // Nothing was written after all, or what it needs is gone: there is no half-done rollback to finish.
      const codes = ['ROLLBACK_NOTHING', 'ROLLBACK_TARGET_UNKNOWN', 'ROLLBACK_SNAPSHOT_GONE'];
      if (!(error instanceof EvenkeelError) || !codes.includes(error.code)) throw error;
      await dropDueRollback(store, workflowId);
    }
  }
  return goOn;
}

export function isRollback({ id }: { id: string }): boolean {
  return id.startsWith('rollback-');
}
