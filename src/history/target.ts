import { EvenkeelError, formatKey, formatTime, nearest } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import { readSnapshot, snapshotIds } from './snapshots.js';
import type { Snapshot, SnapshotObject } from './types.js';

/** Where a rollback goes back to. */
export type RollbackTarget =
  /** As it was after the last good run before the present state. */
  | { to: 'previous' }
  /** As it was after the last good run of this revision (a prefix of the hash is enough). */
  | { to: 'revision'; revision: string }
  /** As it was at this moment, in milliseconds since the epoch. */
  | { to: 'time'; at: number }
  /** As it was after this run. */
  | { to: 'run'; runId: string }
  /** As it was before this run: what undoes a failed one. */
  | { to: 'before'; runId: string };

/** What a rollback has to undo: runs after the target, oldest first, and the objects as they were then. */
export interface Undo {
  /** The run whose result is restored; undefined where it is the state before the first run that is known. */
  good: RunRecord | undefined;
  undone: RunRecord[];
  objects: SnapshotObject[];
}

/**
 * Finds out what a rollback means.
 * @throws EvenkeelError ROLLBACK_NOTHING, ROLLBACK_TARGET_UNKNOWN, ROLLBACK_SNAPSHOT_GONE
 */
export async function resolveTarget(store: Store, workflowId: string, clusterId: string, target: RollbackTarget): Promise<Undo> {
  // A run that says it is running while nobody holds the workflow is one whose process died.
  const busy = (await store.holder(`workflow:${workflowId}`)) !== undefined;
  const runs = (await store.runs.list({ workflowId })).filter((run) => run.status !== 'running' || !busy).reverse();
  const from = firstUndone(runs, target, { workflowId, snapshots: await snapshotIds(store, workflowId) });
  const undone: RunRecord[] = [];
  const objects = new Map<string, SnapshotObject>();
  for (const run of runs.slice(from)) {
    const snapshot = await readSnapshot(store, run.id);
    if (snapshot === undefined) {
      if (run.metrics.applied + run.metrics.pruned === 0) continue;
      throw new EvenkeelError('ROLLBACK_SNAPSHOT_GONE', `the snapshot of run ${run.id} is not kept any more`, {
        hint: 'Roll back to a later state, or revert in Git and sync.',
      });
    }
    if (snapshot.clusterId !== clusterId) continue;
    undone.push(run);
    remember(objects, snapshot);
  }
  if (undone.length === 0) {
    throw new EvenkeelError(
      'ROLLBACK_NOTHING',
      `workflow "${workflowId}" has nothing to roll back: no run has changed anything since then`,
      {
        hint: `See what there is: evenkeel history ${workflowId}`,
      },
    );
  }
  return {
    good: runs
      .slice(0, from)
      .reverse()
      .find((run) => run.status === 'succeeded'),
    undone,
    objects: [...objects.values()],
  };
}

/** The oldest state of each object is the one to go back to. */
function remember(objects: Map<string, SnapshotObject>, snapshot: Snapshot): void {
  for (const object of snapshot.objects) {
    const key = formatKey(object.key);
    if (!objects.has(key)) objects.set(key, object);
  }
}

/** Index of the first run that is to be undone. */
function firstUndone(
  runs: readonly RunRecord[],
  target: RollbackTarget,
  { workflowId, snapshots }: { workflowId: string; snapshots: ReadonlySet<string> },
): number {
  switch (target.to) {
    case 'before':
      return indexOf(runs, target.runId, workflowId);
    case 'run':
      return indexOf(runs, target.runId, workflowId) + 1;
    case 'time': {
      const after = runs.findIndex((run) => run.startedAt > target.at);
      return after < 0 ? runs.length : after;
    }
    case 'revision': {
      const last = runs.findLastIndex((run) => run.status === 'succeeded' && run.revision.startsWith(target.revision));
      if (last >= 0) return last + 1;
      throw unknown(`workflow "${workflowId}" was never synced successfully to revision ${target.revision}`, workflowId);
    }
    case 'previous': {
      // What a run did that died or was stopped is not always recorded: where it had a snapshot, it counts. A rollback
      // that did not come to its end is a part of what it undoes.
      const changing = runs
        .map((run, index) => ({ run, index }))
        .filter(({ run }) => !(run.id.startsWith('rollback-') && run.status !== 'succeeded'))
        .filter(({ run }) => run.metrics.applied + run.metrics.pruned > 0 || (run.status !== 'succeeded' && snapshots.has(run.id)));
      const latest = changing.at(-1);
      if (latest === undefined) return runs.length;
      // What failed is undone by itself; what succeeded is undone as a whole revision.
      if (latest.run.status !== 'succeeded') {
        const good = changing.findLastIndex(({ run }) => run.status === 'succeeded');
        return (changing[good + 1] as (typeof changing)[number]).index;
      }
      const earlier = changing.findLastIndex(({ run }) => run.status === 'succeeded' && run.revision !== latest.run.revision);
      if (earlier < 0)
        throw unknown(`workflow "${workflowId}" has no earlier good state: ${latest.run.revision.slice(0, 12)} is the first`, workflowId);
      return (changing[earlier] as (typeof changing)[number]).index + 1;
    }
  }
}

function indexOf(runs: readonly RunRecord[], runId: string, workflowId: string): number {
  const index = runs.findIndex((run) => run.id === runId);
  if (index >= 0) return index;
  const near = nearest(
    runId,
    runs.map((run) => run.id),
  );
  throw unknown(`workflow "${workflowId}" has no run "${runId}"${near === undefined ? '' : ` (did you mean "${near}"?)`}`, workflowId);
}

function unknown(message: string, workflowId: string): EvenkeelError {
  return new EvenkeelError('ROLLBACK_TARGET_UNKNOWN', message, { hint: `See what there is: evenkeel history ${workflowId}` });
}

/** For messages: `run sync-… of 2026-01-01T00:00:00Z (3f2a91c0b4aa)`. */
export function describeRun(run: RunRecord | undefined): string {
  return run === undefined
    ? 'the state before the first sync'
    : `run ${run.id} of ${formatTime(run.startedAt)} (${run.revision.slice(0, 12)})`;
}
