import type { Clock, Json, Where } from '../model/index.js';
import { EvenkeelError, parseJson } from '../model/index.js';

/** A line longer than this is no event: the API server stores objects of a few MB at most. */
const MOST_LINE = 64_000_000;

export interface Reading {
  signal: AbortSignal;
  /** Ends the reading without an error where nothing comes for so long while we wait for it. */
  idle: { ms: number; clock: Clock };
}

/**
 * The pieces of a stream until it ends, the signal is aborted or it falls silent. The wire behind it may
 * not react to the signal, so its next piece is not waited for then.
 */
export async function* pieces(body: AsyncIterable<string>, { signal, idle }: Reading): AsyncGenerator<string, void, void> {
  const source = body[Symbol.asyncIterator]();
  let end: () => void = () => {};
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  const watchdog = startWatchdog(idle, end);
  signal.addEventListener('abort', end, { once: true });
  try {
    while (!signal.aborted) {
      watchdog.waiting(true);
      const next = await Promise.race([source.next(), ended]);
      watchdog.waiting(false);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    watchdog.stop();
    signal.removeEventListener('abort', end);
    // Not awaited: a generator that waits for its next piece answers only when that has come.
    Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

/** Calls `bark` once the reader has been waiting for `ms`; a reader that is busy itself is left alone. */
function startWatchdog({ ms, clock }: Reading['idle'], bark: () => void): { waiting(is: boolean): void; stop(): void } {
  const stopping = new AbortController();
  let since: number | undefined;
  const guard = async () => {
    for (;;) {
      const left = since === undefined ? ms : since + ms - clock.now();
      if (left <= 0) return bark();
      await clock.sleep(Math.min(left, ms), stopping.signal);
    }
  };
  guard().catch(() => undefined);
  return {
    waiting(is) {
      since = is ? clock.now() : undefined;
    },
    stop: () => stopping.abort(),
  };
}

/** Complete lines that are not blank; an unfinished one at the end is a broken connection's and is left out. */
export async function* splitLines(source: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let open: string[] = [];
  let length = 0;
  for await (const piece of source) {
    let from = 0;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', from)) {
      const line = open.length === 0 ? piece.slice(from, at) : [...open, piece.slice(from, at)].join('');
      open = [];
      length = 0;
      from = at + 1;
      if (line.trim() !== '') yield line;
    }
    if (from < piece.length) {
      open.push(from === 0 ? piece : piece.slice(from));
      length += piece.length - from;
    }
    if (length > MOST_LINE) throw badEvent('a line without an end', {});
  }
}

/** The JSON of a line, or undefined where it is none. */
export function parseLine(line: string): Json | undefined {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

export function badEvent(what: string, where: Where): EvenkeelError {
  return new EvenkeelError('KUBE_BAD_ANSWER', `The watch sent ${what}`, {
    where,
    hint: 'Something between here and the API server damages the stream; the watch goes on from the last good event.',
  });
}
