import { EvenkeelError, formatTime, type Json, newId } from '../../model/index.js';
import type { StateEntry } from '../../store/index.js';
import { type Duration, milliseconds } from '../durations.js';
import type { ModuleHost } from '../host.js';
import { sleep } from '../waiting.js';

export interface LockInfo {
  name: string;
  owner: string;
  fence: number;
  expiresAt: string;
}

export interface LockOptions {
  owner?: string;
  lease?: Duration;
  wait?: Duration;
}

interface Held {
  owner: string;
  fence: number;
  until: number;
}

const LEASE_MS = 60_000;
const SHORTEST_LEASE_MS = 100;
/** A lock that nobody holds is remembered for so long; fences go by the clock, so they grow beyond that. */
const REMEMBERED_MS = 24 * 3_600_000;
const LONGEST_PAUSE_MS = 1_000;

export function openLocks(host: Pick<ModuleHost, 'store' | 'clock' | 'random' | 'signal'>, check: (name: string) => string) {
  const { clock, random, signal } = host;
  const { state } = host.store;
  const keyOf = (name: string) => `lock/${check(name)}`;
  const heldIn = (entry: StateEntry | undefined): Held | undefined => {
    const held = entry?.value as unknown as Held | undefined;
    return held !== undefined && held.until > clock.now() ? held : undefined;
  };
  const entryOf = (held: Held): StateEntry => ({ value: { ...held } as Json, expiresAt: held.until + REMEMBERED_MS });
  const infoOf = (name: string, held: Held): LockInfo => ({
    name,
    owner: held.owner,
    fence: held.fence,
    expiresAt: formatTime(held.until),
  });
  const until = (lease: Duration | undefined) => clock.now() + Math.max(SHORTEST_LEASE_MS, milliseconds(lease, LEASE_MS));

  const take = (name: string, owner: string, lease: Duration | undefined) =>
    state.update(keyOf(name), (current): { next: StateEntry | undefined; result: { got?: Held; by?: Held } } => {
      const held = heldIn(current);
      if (held !== undefined && held.owner !== owner) return { next: current, result: { by: held } };
      const before = (current?.value as unknown as Held | undefined)?.fence ?? 0;
      const got = { owner, fence: held?.fence ?? Math.max(before + 1, clock.now()), until: until(lease) };
      return { next: entryOf(got), result: { got } };
    });

  async function lock(name: string, { owner = newId('owner', clock.now(), random), lease, wait }: LockOptions = {}): Promise<LockInfo> {
    const end = clock.now() + milliseconds(wait, 0);
    for (let pause = 20; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const { got, by } = await take(name, owner, lease);
      if (got !== undefined) return infoOf(name, got);
      const left = end - clock.now();
      if (left <= 0)
        throw new EvenkeelError('STATE_LOCKED', `the lock "${name}" is held by "${by?.owner}" until ${formatTime(by?.until ?? 0)}`, {
          hint: 'Wait for it: give wait, or try again later.',
          details: { holder: by === undefined ? null : infoOf(name, by) },
        });
      await sleep(host, Math.min(pause, left));
    }
  }

  const renew = (name: string, owner: string, { lease }: { lease?: Duration } = {}): Promise<boolean> =>
    state.update(keyOf(name), (current) => {
      const held = heldIn(current);
      if (held === undefined || held.owner !== owner) return { next: current, result: false };
      return { next: entryOf({ ...held, until: until(lease) }), result: true };
    });

  const unlock = (name: string, owner: string): Promise<boolean> =>
    state.update(keyOf(name), (current) => {
      const held = heldIn(current);
      if (held === undefined || held.owner !== owner) return { next: current, result: false };
      return { next: entryOf({ ...held, until: clock.now() }), result: true };
    });

  return {
    lock,
    renew,
    unlock,
    async holder(name: string): Promise<LockInfo | undefined> {
      const held = heldIn(await state.get(keyOf(name)));
      return held && infoOf(name, held);
    },
    async withLock<T>(name: string, action: () => T | Promise<T>, how: LockOptions = {}): Promise<T> {
      const { owner } = await lock(name, how);
      const done = new AbortController();
      let lost = false;
      const renewing = (async () => {
        const pause = Math.max(SHORTEST_LEASE_MS, milliseconds(how.lease, LEASE_MS)) / 3;
        while (!done.signal.aborted && !lost) {
          const ended = await clock.sleep(pause, AbortSignal.any([done.signal, signal])).then(
            () => false,
            () => true,
          );
          if (ended) return;
          lost = !(await renew(name, owner, how.lease === undefined ? {} : { lease: how.lease }));
        }
      })();
      // Whoever waits for it below hears of its failure.
      renewing.catch(() => undefined);
      try {
        const result = await action();
        done.abort();
        await renewing;
        // Also where it ran out between two renewals, or the process stood still.
        if (lost || !(await renew(name, owner, how.lease === undefined ? {} : { lease: how.lease })))
          throw new EvenkeelError('STATE_LOCK_LOST', `the lock "${name}" was lost while the function ran`, {
            hint: 'Give a longer lease; check what another owner did meanwhile.',
          });
        return result;
      } finally {
        done.abort();
        await unlock(name, owner);
      }
    },
  };
}
