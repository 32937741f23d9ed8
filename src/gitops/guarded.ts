import { EvenkeelError } from '../model/index.js';
import type { Lock } from '../store/index.js';

/** How often it is looked whether a lock is still held: milliseconds, a third of what its lease lasts. */
const lookMs = 10_000;

export interface Guarded {
  /** Aborted with the caller's signal, and when the lock is lost. */
  signal: AbortSignal;
  /** Ends the looking. */
  stop(): void;
}

/**
 * A signal for work under a lock. A process that stood still for longer than the lease (a suspended laptop,
 * a paused container) has lost it and must not go on as if nothing had happened.
 */
export function guarded(lock: Pick<Lock, 'stillHeld'>, signal: AbortSignal | undefined, everyMs = lookMs): Guarded {
  const lost = new AbortController();
  const timer = setInterval(() => {
    // A store that cannot be asked is no lost lock; the next write will say what is wrong with it.
    lock.stillHeld().then(
      (held) => {
        if (!held)
          lost.abort(
            new EvenkeelError('SYNC_LOCK_LOST', 'the hold on the workflow was lost', {
              hint: 'Run it again; it goes on from where it is.',
            }),
          );
      },
      () => {},
    );
  }, everyMs).unref();
  return {
    signal: signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]),
    stop: () => clearInterval(timer),
  };
}
