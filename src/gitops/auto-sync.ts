import { type Clock, EvenkeelError } from '../model/index.js';
import type { Store } from '../store/index.js';
import { storedSettings } from './settings.js';
import type { AutoSyncEvent, SyncOptions, SyncReport } from './types.js';

export interface AutoSyncDependencies {
  clock: Clock;
  store: Store;
  sync: (id: string, options: SyncOptions) => Promise<SyncReport>;
}

const shortestIntervalMs = 1000;
/** How often the list of workflows is read again. */
const rosterMs = 1000;

/**
 * Keeps every workflow with auto-sync in sync, each at its own interval, counted from the end of its last
 * sync. A failure of one workflow touches no other.
 */
export function autoSync({ clock, store, sync }: AutoSyncDependencies) {
  let abort: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();
  let firstRound: Promise<void> = Promise.resolve();

  const loop = async (signal: AbortSignal, onEvent: (event: AutoSyncEvent) => void, onRound: () => void) => {
    let isFirst = true;
    const due = new Map<string, number>();
    const busy = new Map<string, Promise<void>>();
    while (!signal.aborted) {
      for (const workflow of await store.workflows.list()) {
        const settings = storedSettings(workflow.settings);
        if (!settings.autoSync || busy.has(workflow.id) || clock.now() < (due.get(workflow.id) ?? 0)) continue;
        const interval = Math.max(
          shortestIntervalMs,
          settings.syncIntervalMs ?? (await store.repositories.get(workflow.repositoryId))?.pollIntervalMs ?? 30_000,
        );
        const one = sync(workflow.id, { signal, reason: 'auto-sync' })
          .then((report) => onEvent({ type: 'synced', workflowId: workflow.id, report }))
          .catch((error: Error) => onEvent({ type: 'failed', workflowId: workflow.id, error }))
          .finally(() => {
            due.set(workflow.id, clock.now() + interval);
            busy.delete(workflow.id);
          });
        busy.set(workflow.id, one);
      }
      if (isFirst) void Promise.allSettled(busy.values()).then(onRound);
      isFirst = false;
      await clock.sleep(rosterMs, signal).catch(() => {});
    }
    await Promise.allSettled(busy.values());
    onEvent({ type: 'stopped' });
  };

  return {
    /** @throws EvenkeelError AUTO_SYNC_RUNNING */
    async start(onEvent: (event: AutoSyncEvent) => void = () => {}): Promise<void> {
      if (abort !== undefined)
        throw new EvenkeelError('AUTO_SYNC_RUNNING', 'auto-sync runs already', { hint: 'Stop it first: stopAutoSync().' });
      abort = new AbortController();
      const { signal } = abort;
      firstRound = new Promise((resolve) => {
        running = loop(signal, onEvent, resolve)
          .catch((error: Error) => onEvent({ type: 'failed', workflowId: '', error }))
          .finally(resolve);
      });
    },
    /** Waits until every workflow was synced once since the start. @returns whether auto-sync runs */
    async round(): Promise<boolean> {
      await firstRound;
      return abort !== undefined;
    },
    /** Ends the loop; syncs under way are stopped cleanly and waited for. */
    async stop(): Promise<void> {
      abort?.abort(new EvenkeelError('CANCELLED', 'auto-sync was stopped'));
      abort = undefined;
      await running;
    },
  };
}
