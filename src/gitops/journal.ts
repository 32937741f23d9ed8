import type { Store } from '../store/index.js';
import type { CommandOutput, SyncJournal } from '../sync/index.js';

const journalKind = 'journal';
const outputKind = 'hook-output';

/** What a run did with its hooks, as far as an earlier process of it came; every note is written before it counts. */
export async function openJournal(
  store: Store,
  { id: runId, workflowId, startedAt: at }: { id: string; workflowId: string; startedAt: number },
): Promise<SyncJournal> {
  const steps = { ...((await store.documents.get(journalKind, runId))?.value as { [id: string]: 'started' | 'succeeded' } | undefined) };
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: hooks of a wave end at the same time. */
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const mine = last.then(write, write);
    last = mine;
    return mine;
  };
  return {
    runId,
    state: (id) => steps[id],
    note: (id, state) =>
      inTurn(async () => {
        steps[id] = state;
        await store.documents.put(journalKind, { id: runId, workflowId, at, value: steps });
      }),
    output: (output) =>
      inTurn(async () => {
        const value = [...(await commandOutputs(store, runId)), output];
        await store.documents.put(outputKind, { id: runId, workflowId, at, value });
      }),
  };
}

/** Forgets the steps of a run that came to its end; what its commands printed stays. */
export async function closeJournal(store: Store, runId: string): Promise<void> {
  await store.documents.remove(journalKind, [runId]);
}

/** What the commands of a run printed, in order. */
export async function commandOutputs(store: Store, runId: string): Promise<CommandOutput[]> {
  return ((await store.documents.get(outputKind, runId))?.value as CommandOutput[] | undefined) ?? [];
}

/** Drops the outputs of runs beyond those whose diff is kept. */
export async function trimOutputs(store: Store, workflowId: string, keep: number): Promise<void> {
  const all = await store.documents.list(outputKind, { workflowId });
  await store.documents.remove(
    outputKind,
    all.slice(keep).map((document) => document.id),
  );
}
