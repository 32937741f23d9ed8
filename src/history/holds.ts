import type { Store } from '../store/index.js';
import type { Hold } from './types.js';

const kind = 'hold';

export async function putHold(store: Store, hold: Hold): Promise<void> {
  await store.documents.put(kind, { id: hold.workflowId, workflowId: hold.workflowId, at: hold.since, value: hold });
}

export async function holdOf(store: Store, workflowId: string): Promise<Hold | undefined> {
  return (await store.documents.get(kind, workflowId))?.value as Hold | undefined;
}

/** @returns the hold that was released, or undefined where there was none */
export async function releaseHold(store: Store, workflowId: string): Promise<Hold | undefined> {
  const hold = await holdOf(store, workflowId);
  if (hold !== undefined) await store.documents.remove(kind, [workflowId]);
  return hold;
}
