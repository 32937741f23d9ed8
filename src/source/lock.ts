import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../model/index.js';
import { EvenkeelError, newId, systemClock } from '../model/index.js';

export interface LockOptions {
  /** The lock file. */
  path: string;
  /** Milliseconds to wait for whoever holds it. */
  waitMs: number;
  signal?: AbortSignal;
  clock?: Clock;
}

interface Holder {
  host: string;
  pid: number;
  /** When the process started, where the system tells: a new process may have been given a dead one's id. */
  start: string;
  token: string;
}

const heartbeatMs = 5000;
const deadAfterMs = 60_000;

/**
 * Runs an action while no other process (or other part of this one) holds the same lock. The lock of a
 * process that has died, or from another machine that has not been heard of for a minute, is taken over.
 * @throws EvenkeelError SOURCE_CACHE_BUSY, SOURCE_CACHE_UNUSABLE, CANCELLED
 */
export async function withLock<T>(options: LockOptions, action: () => Promise<T>): Promise<T> {
  const { path, waitMs, signal, clock = systemClock } = options;
  const token = newId('lock', clock.now());
  const until = clock.now() + waitMs;
  for (let wait = 5; !tryLock(path, token); wait = Math.min(wait * 2, 200)) {
    if (isDead(path)) breakLock(path);
    else if (clock.now() >= until)
      throw new EvenkeelError('SOURCE_CACHE_BUSY', `Another process has kept the mirror locked for ${Math.round(waitMs / 1000)} s.`, {
        where: { file: path },
        hint: 'Wait for it to end, or remove the lock file if no Evenkeel runs.',
      });
    else
      await clock
        .sleep(wait, signal)
        .catch((cause) => Promise.reject(new EvenkeelError('CANCELLED', 'Waiting for the mirror was stopped.', { cause })));
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs);
  heartbeat.unref();
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    if (readHolder(path)?.token === token) rmSync(path, { force: true });
  }
}

function tryLock(path: string, token: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o644);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new EvenkeelError('SOURCE_CACHE_UNUSABLE', `The folder of the mirrors cannot be written: ${(cause as Error).message}`, {
      where: { file: path },
      hint: 'Let this user write the folder, or choose another.',
      cause,
    });
  }
  const holder: Holder = { host: hostname(), pid: process.pid, start: startOf(process.pid), token };
  writeSync(file, JSON.stringify(holder));
  closeSync(file);
  return true;
}

function isDead(path: string): boolean {
  const age = ageOf(path);
  if (age === undefined) return false;
  const holder = readHolder(path);
  if (holder === undefined) return age > heartbeatMs;
  if (holder.host !== hostname()) return age > deadAfterMs;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  const start = startOf(holder.pid);
  return start === '' || holder.start === '' ? age > deadAfterMs : start !== holder.start;
}

/** Only who holds the second lock may remove a dead first one, and looks again before: two who saw the same dead lock cannot both remove. */
function breakLock(path: string): void {
  const breaking = `${path}.break`;
  try {
    closeSync(openSync(breaking, 'wx', 0o644));
  } catch {
    if ((ageOf(breaking) ?? 0) > 10_000) rmSync(breaking, { force: true });
    return;
  }
  try {
    if (isDead(path)) rmSync(path, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return Number.isInteger(holder.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds since the holder was last heard of; undefined where there is no lock. */
function ageOf(path: string): number | undefined {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Somebody removed the lock; the action still ends as it would.
  }
}

/** Field 22 of /proc/<pid>/stat; '' where the system has none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
