import type { Clock } from '../model/index.js';
import { EvenkeelError } from '../model/index.js';

/** What to throw where a signal was aborted: its own reason if that is one of our errors. */
export function cancelled(signal: AbortSignal | undefined, thrown?: unknown): EvenkeelError {
  const reason: unknown = signal?.reason ?? thrown;
  return reason instanceof EvenkeelError ? reason : new EvenkeelError('CANCELLED', 'The request was cancelled', { cause: reason });
}

/** Sleeps, and ends with our error where it is cancelled. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (thrown) {
    throw cancelled(signal, thrown);
  }
}

/** Waits for what others wait for too: who gives up only stops waiting, and the work goes on. */
export function orCancelled<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared;
  return new Promise((resolve, reject) => {
    const leave = () => reject(cancelled(signal));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
