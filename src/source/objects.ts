import { EvenkeelError, printable } from '../model/index.js';
import type { BatchObject } from './batch.js';
import { openBatch } from './batch.js';
import { explainFailure } from './failures.js';
import type { Git } from './git.js';
import type { Mirror } from './mirror.js';

/** Git's object database of one mirror. Ids are full hashes. */
export interface Objects {
  /** `commit`, `tree`, `blob` or `tag`; undefined where it is not there. */
  type(id: string): Promise<string | undefined>;
  /** Sizes in bytes; undefined for what is not there. */
  sizes(ids: readonly string[]): Promise<(number | undefined)[]>;
  /** Contents; undefined for what is not there. */
  contents(ids: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** Looks at the mirror with fresh eyes: after it was built anew or packed. */
  restart(): void;
  close(): void;
}

const idleMs = 30_000;

export function openObjects(git: Git, mirror: Mirror): Objects {
  const make = (flag: '--batch' | '--batch-check') =>
    openBatch({
      start: () => git.start(mirror.path, ['cat-file', flag]),
      contents: flag === '--batch',
      timeoutMs: git.timeoutMs,
      idleMs,
      failure: (stderr) =>
        git.closedError() ??
        (stderr === undefined
          ? new EvenkeelError('SOURCE_TIMEOUT', `git read nothing from the mirror of ${git.url.url} for ${git.timeoutMs} milliseconds.`, {
              where: { url: git.url.url },
              hint: 'Is the disk of the mirrors in order?',
            })
          : explainFailure({ url: git.url.url, stderr: printable(git.redact(stderr)), exitCode: null, exitSignal: null, remote: false })),
    });
  const check = make('--batch-check');
  const batch = make('--batch');

  /** An object may be missing only because the process that we ask has not seen the mirror change: asks anew once. */
  async function ask(from: typeof check, ids: readonly string[]): Promise<(BatchObject | undefined)[]> {
    const found = await from.ask(ids);
    const lost = found.flatMap((object, i) => (object === undefined ? [i] : []));
    if (lost.length === 0) return found;
    from.restart();
    const again = await from.ask(lost.map((i) => ids[i] as string));
    lost.forEach((i, k) => {
      found[i] = again[k];
    });
    return found;
  }

  return {
    type: async (id) => (await ask(check, [id]))[0]?.type,
    sizes: async (ids) => (await ask(check, ids)).map((object) => object?.size),
    contents: async (ids) => (await ask(batch, ids)).map((object) => object?.contents),
    restart() {
      check.restart();
      batch.restart();
    },
    close() {
      check.close();
      batch.close();
    },
  };
}
