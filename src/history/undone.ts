import type { Store } from '../store/index.js';

const kind = 'undone';

/** Notes which runs a rollback has undone. */
export async function noteUndone(
  store: Store,
  { workflowId, runs, by, at }: { workflowId: string; runs: readonly string[]; by: string; at: number },
): Promise<void> {
  for (const id of runs) await store.documents.put(kind, { id, workflowId, at, value: by });
}

/** Forgets the notes of runs beyond those that are kept. */
export async function trimUndone(store: Store, workflowId: string, keep: number): Promise<void> {
  const all = await store.documents.list(kind, { workflowId });
  await store.documents.remove(
    kind,
    all.slice(keep).map((document) => document.id),
  );
}

/** Ids of the runs of a workflow, or of all, that were undone. */
export async function undoneRuns(store: Store, workflowId: string | undefined): Promise<Set<string>> {
  return new Set((await store.documents.list(kind, { workflowId })).map((document) => document.id));
}
