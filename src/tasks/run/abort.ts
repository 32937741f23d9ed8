import { EvenkeelError } from '../../model/index.js';

/** How long what was told to stop may take for it. */
export const GRACE_MS = 5_000;

/** Signals of the tasks of one run: one listener on the run's own signal, however many tasks there are. */
export interface Aborts {
  /** A signal that follows the run's until `release`. */
  child(): { controller: AbortController; release(): void };
  close(): void;
}

export function followSignal(signal: AbortSignal): Aborts {
  const children = new Set<AbortController>();
  const onAbort = () => {
    for (const controller of children) controller.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    child() {
      const controller = new AbortController();
      if (signal.aborted) controller.abort(signal.reason);
      else children.add(controller);
      return { controller, release: () => void children.delete(controller) };
    },
    close: () => signal.removeEventListener('abort', onAbort),
  };
}

/**
 * What `work` comes to, but at most `graceMs` after the signal was aborted: then the signal's reason is thrown, and
 * `work` is left alone.
 */
export function settleOrAbort<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(abandoned(reasonOf(signal))), graceMs);
    };
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    work.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error as Error);
      },
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The error of work that went on although it was told to stop. */
function abandoned(reason: EvenkeelError): EvenkeelError {
  return new EvenkeelError(reason.code, reason.message, {
    hint:
      reason.code === 'TASK_TIMEOUT' ? 'It went on although it was told to stop: let it end when context.signal is aborted.' : reason.hint,
    details: { ...reason.details, abandoned: true },
    cause: reason.cause,
  });
}

/** Whether something may still be at work that was given up. */
export function isAbandoned(error: EvenkeelError): boolean {
  return error.details['abandoned'] === true;
}

export function reasonOf(signal: AbortSignal): EvenkeelError {
  return signal.reason instanceof EvenkeelError ? signal.reason : new EvenkeelError('CANCELLED', 'cancelled', { cause: signal.reason });
}
