import type { Store } from '../store/index.js';

const kind = 'rollback-due';

/** A rollback that was decided on and has not ended: whoever takes the workflow next carries it out first. */
export interface DueRollback {
  workflowId: string;
  /** Everything from this run on is undone. */
  before: string;
  reason: string;
  by: string;
  /** Milliseconds since the epoch. */
  since: number;
}

export async function putDueRollback(store: Store, due: DueRollback): Promise<void> {
  await store.documents.put(kind, { id: due.workflowId, workflowId: due.workflowId, at: due.since, value: due });
}

export async function dueRollback(store: Store, workflowId: string): Promise<DueRollback | undefined> {
  return (await store.documents.get(kind, workflowId))?.value as DueRollback | undefined;
}

export async function dropDueRollback(store: Store, workflowId: string): Promise<void> {
  await store.documents.remove(kind, [workflowId]);
}
