/** Lets a bounded number of jobs run at once; the others wait their turn in the order they came. */
export interface Limiter {
  /** Runs the job when there is room. Rejects with the signal's reason where it is aborted before its turn. */
  run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function limiter(most: number): Limiter {
  let running = 0;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(start);
        reject(signal?.reason as Error);
      };
      waiting.add(start);
      signal?.addEventListener('abort', leave, { once: true });
    });

  const release = () => {
    const [next] = waiting;
    if (next === undefined) running--;
    else {
      // The slot passes on without being free in between, so that nobody who comes now is served first.
      waiting.delete(next);
      next();
    }
  };

  return {
    async run(job, signal) {
      signal?.throwIfAborted();
      if (running < most) running++;
      else await turn(signal);
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
