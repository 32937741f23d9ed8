import { goneEvent } from './fault-answers.js';
import type { Matched } from './match.js';

export type WatchFault = 'break' | 'gone' | 'stall';

/** A watch that is open. */
export interface OpenWatch {
  readonly facts: Matched;
  /** Ends it, tells it that it is too old, or holds back what it would tell. */
  hit(fault: WatchFault): void;
  /** Ends a stall. */
  release(): void;
}

/** A connection that broke, as Node reports it. */
export function brokenConnection(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/**
 * The pieces of a watch, open to faults.
 * @param open told of the watch when it begins, before its first piece; the result is called when it ends
 */
export async function* faultyWatch(
  body: AsyncIterable<string>,
  { facts, signal }: { facts: Matched; signal: AbortSignal | undefined },
  open: (watch: OpenWatch) => () => void,
): AsyncIterable<string> {
  let state: WatchFault | undefined;
  let wake: () => void = () => undefined;
  let changed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const turn = (next: WatchFault | undefined) => {
    state = next;
    wake();
    changed = new Promise((resolve) => {
      wake = resolve;
    });
  };
  const close = open({
    facts,
    hit: (fault) => turn(fault),
    release: () => {
      if (state === 'stall') turn(undefined);
    },
  });
  // Who stalls must still notice that the client leaves.
  const onAbort = () => turn(state);
  signal?.addEventListener('abort', onAbort, { once: true });
  const iterator = body[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<string>> | undefined;
  try {
    for (;;) {
      if (state === 'break') throw brokenConnection();
      if (state === 'gone') {
        yield goneEvent();
        return;
      }
      pending ??= iterator.next();
      const next: IteratorResult<string> | 'changed' = await Promise.race([pending, changed.then(() => 'changed' as const)]);
      if (next === 'changed') continue;
      if (next.done) return;
      while (state === 'stall' && !signal?.aborted) await changed;
      if (signal?.aborted) return;
      if (state !== undefined) continue;
      pending = undefined;
      yield next.value;
    }
  } finally {
    close();
    signal?.removeEventListener('abort', onAbort);
    await iterator.return?.();
  }
}

/** The first half of an answer, and then a broken connection. */
export async function* halfAnswer(body: string | AsyncIterable<string>): AsyncIterable<string> {
  if (typeof body === 'string') yield body.slice(0, Math.floor(body.length / 2));
  else
    for await (const piece of body) {
      yield piece.slice(0, Math.floor(piece.length / 2));
      break;
    }
  throw brokenConnection();
}
