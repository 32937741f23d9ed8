import { putDueRollback } from '../history/index.js';
import { asEvenkeelError } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import type { SyncOutcome } from '../sync/index.js';
import { isRollback } from './interrupted.js';
import { runRollback } from './rollback.js';
import type { RunInput } from './run.js';
import type { SyncReport } from './types.js';

export interface Undo {
  before: string;
  reason: string;
}

/**
 * Whether a failed run is put back: where the workflow says so, something was changed, and no attempt
 * follows. It is written down before the failure is, so that a process that dies in between is noticed.
 */
export async function dueUndo(input: RunInput, run: RunRecord, outcome: SyncOutcome, again: number | undefined): Promise<Undo | undefined> {
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

/** Puts back what a failed sync, its earlier attempts included, has changed. Never throws: what went wrong there is told beside what went wrong before. */
export async function rolledBack(input: RunInput, { before, reason }: Undo, report: SyncReport): Promise<SyncReport> {
  const because = report.reason ?? report.message;
  try {
    const back = await runRollback({
      ...input,
      target: { to: 'before', runId: before },
      reason,
      signal: input.options.signal,
      onEvent: input.options.onEvent,
    });
    const word = back.success ? 'rolled back' : `the rollback failed too: ${back.message}`;
    return { ...report, rollback: back, reason: `${because}; ${word}` };
  } catch (error) {
    return { ...report, reason: `${because}; the rollback could not begin: ${asEvenkeelError(error).message}` };
  }
}
