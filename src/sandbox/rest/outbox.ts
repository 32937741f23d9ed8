/** What a reader may lag behind, in events and in characters, before its stream is closed; a watcher then lists anew. */
const backlog = 20_000;
const backlogSize = 64 * 1024 * 1024;

/** What a reader has been told and has not read yet. */
export interface Outbox {
  push(line: string): void;
  /** Nothing more comes. */
  end(): void;
  /** @param settled resolves when what was pushed may be told; undefined where it may be already */
  lines(onClose: () => void, settled?: () => Promise<void> | undefined): AsyncIterable<string>;
}

export function outbox(): Outbox {
  const queue: string[] = [];
  let size = 0;
  let done = false;
  let lost = false;
  let wake: (() => void) | undefined;
  return {
    push(line) {
      if (done) return;
      queue.push(line);
      size += line.length;
      if (queue.length > backlog || size > backlogSize) {
        done = lost = true;
        queue.length = 0;
      }
      wake?.();
    },
    end() {
      done = true;
      wake?.();
    },
    lines(onClose, settled) {
      const finish = (): IteratorResult<string> => {
        done = true;
        queue.length = 0;
        onClose();
        wake?.();
        return { value: undefined, done: true };
      };
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            while (queue.length === 0 && !done) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
              wake = undefined;
            }
            const kept = settled?.();
            if (kept) await kept;
            if (queue.length === 0 || lost) return finish();
            const value = queue.join('');
            queue.length = 0;
            size = 0;
            return { value, done: false };
          },
          return: () => Promise.resolve(finish()),
        }),
      };
    },
  };
}
