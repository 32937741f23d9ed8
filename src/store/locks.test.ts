import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundleScript, temporaryFolders } from '../../test/support/store.js';
import { manualClock, systemClock, systemRandom } from '../model/index.js';
import { connectSqlite } from './connect.js';
import { prepareFile } from './files.js';
import { openStore } from './index.js';
import { isAlive, thisProcess } from './process.js';

const folder = temporaryFolders();
let script: string;

beforeAll(async () => {
  script = await bundleScript(
    folder(),
    `import { openStore } from './store/index.js';
     import { systemClock } from './model/index.js';
     const store = await openStore({ file: process.argv[2], clock: systemClock });
     const lock = await store.lock('workflow/web', 'sync').catch((error) => ({ fence: error.code }));
     console.log(lock.fence);
     if (process.argv[3] === 'stay') setInterval(() => {}, 1000);`,
  );
});

async function start(file: string, mode: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [script, file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said: line };
}

test('one at a time; the refusal says who, where, what and since when', async () => {
  const file = join(folder(), 'store.db');
  const clock = manualClock(Date.UTC(2026, 3, 5, 12, 0, 5));
  const store = await openStore({ file, clock });
  const other = await openStore({ file, clock });
  const lock = await store.lock('workflow/web', 'sync');
  expect(lock.fence).toBe(1);
  await clock.advance(60_000);
  const { pid, host } = thisProcess();
  for (const from of [store, other])
    await expect(from.lock('workflow/web', 'rollback')).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      transient: true,
      message: `workflow "web" is in use by pid ${pid} on host ${host} since 12:00:05 (sync)`,
      details: { holder: { pid, host, what: 'sync', since: Date.UTC(2026, 3, 5, 12, 0, 5), id: expect.any(String) } },
    });
  await clock.advance(86_400_000);
  await expect(other.lock('workflow/web', 'x')).rejects.toThrow('since 2026-04-05T12:00:05Z (sync)');
  expect(await other.holder('workflow/web')).toMatchObject({ pid, what: 'sync' });
  const elsewhere = await other.lock('workflow/api', 'sync');
  expect(elsewhere.fence).toBe(1);
  expect(await lock.stillHeld()).toBe(true);
  await lock.release();
  await lock.release();
  expect(await lock.stillHeld()).toBe(false);
  expect(await other.holder('workflow/web')).toBeUndefined();
  const next = await other.lock('workflow/web', 'sync');
  expect(next.fence).toBe(2);
  await lock.release();
  expect(await next.stillHeld()).toBe(true);
  await other.close();
  expect(await store.holder('workflow/web')).toBeUndefined();
  await store.close();
});

test('of many who ask at once, one gets it', async () => {
  const file = join(folder(), 'store.db');
  const stores = await Promise.all([1, 2, 3].map(() => openStore({ file, clock: systemClock })));
  const outcomes = await Promise.allSettled(stores.flatMap((store) => [store.lock('a', 'sync'), store.lock('a', 'sync')]));
  expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1);
  for (const store of stores) await store.close();
});

describe('another process', () => {
  test('that lives keeps its lock; killed, it loses it at once', async () => {
    const file = join(folder(), 'store.db');
    const { child, said } = await start(file, 'stay');
    expect(said).toBe('1');
    const store = await openStore({ file, clock: systemClock });
    await expect(store.lock('workflow/web', 'sync')).rejects.toMatchObject({ details: { holder: { pid: child.pid } } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await store.holder('workflow/web')).toBeUndefined();
    const lock = await store.lock('workflow/web', 'sync');
    expect(lock.fence).toBe(2);
    const late = await start(file, 'go');
    expect(late.said).toBe('STORE_LOCKED');
    await store.close();
  });

  test('ends by itself with a lock in hand: the heartbeat keeps nobody alive', async () => {
    const file = join(folder(), 'store.db');
    const { child } = await start(file, 'go');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    const store = await openStore({ file, clock: systemClock });
    expect((await store.lock('workflow/web', 'sync')).fence).toBe(2);
    await store.close();
  });
});

describe('a holder that cannot be asked', () => {
  const plant = (file: string, row: { machine?: string; pid?: number; start?: string; expires: number }) => {
    const me = thisProcess();
    const raw = new Database(file);
    raw
      .prepare("insert or replace into locks values ('a', 7, 'holder-x', ?, ?, ?, 'host-x', 'sync', 5, ?)")
      .run(row.pid ?? me.pid, row.start ?? me.start, row.machine ?? me.machine, row.expires);
    raw.close();
  };

  test('on another machine has until its lease runs out', async () => {
    const file = join(folder(), 'store.db');
    const clock = manualClock();
    const store = await openStore({ file, clock });
    plant(file, { machine: 'elsewhere', expires: clock.now() + 30_000 });
    await clock.advance(29_999);
    await expect(store.lock('a', 'sync')).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      hint: expect.stringContaining('2026-01-01T00:00:30.000Z'),
    });
    expect(await store.holder('a')).toEqual({ id: 'holder-x', pid: process.pid, host: 'host-x', what: 'sync', since: 5 });
    await clock.advance(1);
    expect(await store.holder('a')).toBeUndefined();
    expect((await store.lock('a', 'sync')).fence).toBe(8);
    await store.close();
  });

  test('on this machine counts by its process, not by its lease', async () => {
    const file = join(folder(), 'store.db');
    const store = await openStore({ file, clock: systemClock });
    plant(file, { expires: 0 });
    await expect(store.lock('a', 'sync')).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    plant(file, { expires: Number.MAX_SAFE_INTEGER, pid: 2 ** 30 });
    expect((await store.lock('a', 'sync')).fence).toBe(8);
    await store.close();
  });

  test.skipIf(process.platform !== 'linux')('whose pid was given to another process is gone', async () => {
    const file = join(folder(), 'store.db');
    const store = await openStore({ file, clock: systemClock });
    plant(file, { expires: Number.MAX_SAFE_INTEGER, start: '1' });
    expect((await store.lock('a', 'sync')).fence).toBe(8);
    await store.close();
  });

  test('a lock that was taken away is known to be lost', async () => {
    const file = join(folder(), 'store.db');
    const store = await openStore({ file, clock: systemClock });
    const lock = await store.lock('a', 'sync');
    plant(file, { machine: 'elsewhere', expires: Number.MAX_SAFE_INTEGER });
    expect(await lock.stillHeld()).toBe(false);
    await lock.release();
    expect((await store.holder('a'))?.id).toBe('holder-x');
    await store.close();
  });
});

describe('the lease', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const expires = (file: string) => {
    const raw = new Database(file);
    const at = raw.prepare("select expires_at from locks where name = 'a'").pluck().get();
    raw.close();
    return at;
  };

  test('is renewed in the background, and by asking whether the lock is held', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const file = join(folder(), 'store.db');
    const clock = manualClock();
    const store = await openStore({ file, clock });
    const lock = await store.lock('a', 'sync');
    expect(expires(file)).toBe(clock.now() + 30_000);
    await clock.advance(20_000);
    expect(await lock.stillHeld()).toBe(true);
    expect(expires(file)).toBe(clock.now() + 30_000);
    await clock.advance(5_000);
    await vi.advanceTimersByTimeAsync(10_000);
    await store.holder('a');
    expect(expires(file)).toBe(clock.now() + 30_000);
    expect(vi.getTimerCount()).toBe(1);
    await lock.release();
    expect(vi.getTimerCount()).toBe(0);
    await store.close();
  });

  test('of a lock that could not be given back does not keep its own store out', async () => {
    const file = join(folder(), 'store.db');
    prepareFile(file);
    const { store, db } = await connectSqlite({ file, keyFile: `${file}.key`, clock: systemClock, random: systemRandom });
    const lock = await store.lock('a', 'sync');
    await sql`create trigger refuse before update on locks begin select raise(abort, 'refused'); end`.execute(db);
    await expect(lock.release()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await sql`drop trigger refuse`.execute(db);
    expect(await store.holder('a')).toBeUndefined();
    expect((await store.lock('a', 'sync')).fence).toBe(2);
    await store.close();
  });
});

test('this process is alive, another start of its pid is not', () => {
  const me = thisProcess();
  expect(isAlive(me.pid, me.start)).toBe(true);
  expect(isAlive(me.pid, '')).toBe(true);
  expect(isAlive(2 ** 30, '')).toBe(false);
});
