import { systemClock } from '../../model/index.js';
import type { MetricSnapshot } from '../../modules/index.js';
import type { Store } from '../../store/index.js';

const kind = 'run metrics';

/** Keeps what a run counted, and forgets that of runs that are forgotten. */
export async function keepMetrics(
  store: Store,
  { runId, forgotten, counted }: { runId: string; forgotten: readonly string[]; counted: readonly MetricSnapshot[] },
): Promise<void> {
  await store.documents.remove(kind, forgotten);
  if (counted.length > 0) await store.documents.put(kind, { id: runId, workflowId: runId, at: systemClock.now(), value: counted });
}

/** What a run counted; nothing where it did not. */
export async function metricsOf(store: Store, runId: string): Promise<MetricSnapshot[]> {
  return ((await store.documents.get(kind, runId))?.value ?? []) as MetricSnapshot[];
}
