import { describeKey } from '../model/index.js';
import type { RunRecord, Store } from '../store/index.js';
import type { SyncEvent } from '../sync/index.js';
import type { PrepareEvent, SyncOptions } from './types.js';

/** Keeps what a run waits for in its record, so that `status` can say it, and passes the events on. */
export function tellStatus(store: Store, current: () => RunRecord | undefined, onEvent: SyncOptions['onEvent']) {
  let writing: Promise<void> = Promise.resolve();
  let told = '';
  const tell = (message: string) => {
    const run = current();
    if (run === undefined || message === told) return;
    told = message;
    writing = writing.then(() => store.runs.put({ ...run, message })).catch(() => {});
  };
  return {
    onEvent(event: SyncEvent | PrepareEvent): void {
      if (event.type === 'waiting') {
        const [first] = event.for;
        const more = event.for.length > 1 ? ` and ${event.for.length - 1} more` : '';
        if (first !== undefined) tell(`Waiting for ${describeKey(first.key)}: ${first.health}, ${first.why}${more}`);
      } else if (event.type === 'hook' && event.state === 'running') tell(`Waiting for ${event.phase} hook ${event.resource}`);
      else if (event.type === 'command' && event.state === 'running') tell(`Waiting for ${event.phase} command: ${event.command}`);
      else if (event.type === 'phase')
        tell(event.phase === 'Prune' ? 'Deleting what left Git' : `Applying ${event.phase}, wave ${event.wave}`);
      onEvent?.(event);
    },
    settled: () => writing,
  };
}
