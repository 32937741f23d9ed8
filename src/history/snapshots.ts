import { formatKey } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { Snapshot } from './types.js';

const kind = 'snapshot';

export interface Retention {
  /** Snapshots that are kept of each workflow. */
  count: number;
  /** Milliseconds after which a snapshot goes, the newest one excepted. */
  ageMs: number;
}

const defaultRetention: Retention = { count: 50, ageMs: 90 * 24 * 3_600_000 };

/**
 * Keeps a snapshot, before the run that it belongs to writes anything; older ones go as the retention says.
 * Where the run has one already (an earlier process of it died), what that one has of an object stays: it
 * is the older state.
 */
export async function keepSnapshot(store: Store, snapshot: Snapshot, retention: Retention = defaultRetention): Promise<void> {
  const earlier = await readSnapshot(store, snapshot.runId);
  const known = new Set(earlier?.objects.map((object) => formatKey(object.key)));
  const objects = [...(earlier?.objects ?? []), ...snapshot.objects.filter((object) => !known.has(formatKey(object.key)))];
  const value = { ...snapshot, objects };
  await store.documents.put(kind, { id: snapshot.runId, workflowId: snapshot.workflowId, at: snapshot.at, value });
  const all = await store.documents.list(kind, { workflowId: snapshot.workflowId });
  const gone = all.filter((document, index) => index >= retention.count || (index > 0 && snapshot.at - document.at > retention.ageMs));
  await store.documents.remove(
    kind,
    gone.map((document) => document.id),
  );
}

export async function readSnapshot(store: Store, runId: string): Promise<Snapshot | undefined> {
  return (await store.documents.get(kind, runId))?.value as Snapshot | undefined;
}

/** Ids of the runs that have one. */
export async function snapshotIds(store: Store, workflowId: string): Promise<Set<string>> {
  return new Set((await store.documents.list(kind, { workflowId })).map((document) => document.id));
}
