import { setMaxListeners } from 'node:events';

/**
 * Maps with at most `limit` calls under way at once; results in the order of the items. After the first
 * failure, or once the signal is aborted, nothing new is started; what is under way is waited for, then
 * the failure is thrown.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  let failure: unknown;
  // In-process answers come without a turn of the event loop; signals and timers need one now and then.
  let taken = 0;
  const worker = async () => {
    while (!failed && next < items.length) {
      if (signal?.aborted) {
        failed = true;
        failure = signal.reason;
        return;
      }
      const index = next++;
      if (++taken % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) continue;
      try {
        results[index] = await task(items[index] as T, index);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failed) throw failure;
  return results;
}

/** Groups in the order of first appearance. */
export function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** Many listen to one signal at the same time, which Node would otherwise warn of as a leak. */
export function sharedByMany(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(0, signal);
}
