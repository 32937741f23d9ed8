import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolders } from '../../test/support/store.js';
import { manualClock } from '../model/index.js';
import { openStore } from './index.js';

const folder = temporaryFolders();
const open = (file: string, clock = manualClock()) => openStore({ file, clock });

describe('the state', () => {
  test('is decided anew where somebody else wrote meanwhile', async () => {
    const file = join(folder(), 'store.db');
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(file)));
    let decided = 0;
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) =>
        stores[i % 4]?.state.update('n', (current) => {
          decided++;
          return { next: { value: Number(current?.value ?? 0) + 1 }, result: undefined };
        }),
      ),
    );
    expect((await stores[0]?.state.get('n'))?.value).toBe(40);
    expect(decided).toBeGreaterThan(40);
    for (const store of stores) await store.close();
  });

  test('no change writes nothing, and what has expired is nothing', async () => {
    const clock = manualClock();
    const store = await open(join(folder(), 'store.db'), clock);
    await store.state.update('k', () => ({ next: { value: [1], expiresAt: clock.now() + 10 }, result: undefined }));
    expect(await store.state.update('k', (current) => ({ next: current, result: current?.value }))).toEqual([1]);
    await clock.advance(10);
    expect(await store.state.update('k', (current) => ({ next: current, result: current }))).toBeUndefined();
    expect([await store.state.get('k'), await store.state.keys(''), await store.state.sweep(), await store.state.sweep()]).toEqual([
      undefined,
      [],
      1,
      0,
    ]);
    await store.close();
  });
});

test('executions are listed newest first, by task or all of them', async () => {
  const store = await open(join(folder(), 'store.db'));
  for (const [i, task] of ['a', 'b', 'a'].entries())
    await store.executions.add({ task, at: i, success: i > 0, command: `run ${i}`, facts: { i }, ...(i === 1 ? { seconds: 1.5 } : {}) });
  expect((await store.executions.list({ limit: 10 })).map(({ command }) => command)).toEqual(['run 2', 'run 1', 'run 0']);
  expect(await store.executions.list({ task: 'b', limit: 1 })).toMatchObject([
    { task: 'b', at: 1, success: true, seconds: 1.5, facts: { i: 1 } },
  ]);
  expect(await store.executions.list({ task: 'a', limit: 1 })).toMatchObject([{ command: 'run 2' }]);
  await store.close();
});
