import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';
import { type ManualClock, manualClock, parseJson, stringifyJson, systemClock } from '../../model/index.js';
import { openStore, type Store } from '../../store/index.js';
import { invokeSnake, type Modules } from '../index.js';

let clock: ManualClock;
let lab: ModuleLab;
/** The same state as another process has it open. */
let elsewhere: Store;
let other: Modules;

beforeAll(async () => {
  clock = manualClock();
  lab = await moduleLab({ clock });
  elsewhere = await openStore({ file: join(lab.folder, '.evenkeel', 'state.db'), clock });
  other = lab.with({ store: elsewhere });
});
afterAll(async () => {
  await elsewhere.close();
  await lab.close();
});

describe('values', () => {
  test('are there for others, are listed, and go', async () => {
    const { state } = lab.modules;
    await state.set('deploy/web', { revision: 'abc', n: 9007199254740993n });
    await state.set('deploy/api', null);
    expect(await other.state.get('deploy/web')).toEqual({ revision: 'abc', n: 9007199254740993n });
    expect(await other.state.keys('deploy/')).toEqual(['deploy/api', 'deploy/web']);
    expect([await state.exists('deploy/api'), await state.get('none'), await state.get('none', 'x')]).toEqual([true, undefined, 'x']);
    expect([await other.state.delete('deploy/web'), await state.delete('deploy/web')]).toEqual([true, false]);
  });

  test('expire', async () => {
    const { state } = lab.modules;
    await state.set('short', 1, { ttl: '10s' });
    await clock.advance(9_999);
    expect(await state.get('short')).toBe(1);
    await clock.advance(1);
    expect([await state.get('short'), await state.keys('short'), await state.compareAndSet('short', null, 2, { ttl: 5 })]).toEqual([
      undefined,
      [],
      true,
    ]);
    await clock.advance(5_000);
    expect(await lab.host.store.state.sweep()).toBe(1);
  });

  test('are not in the file in clear', async () => {
    await lab.modules.state.set('token', 'a-very-secret-value');
    for (const file of ['state.db', 'state.db-wal'])
      expect(readFileSync(join(lab.folder, '.evenkeel', file), 'latin1')).not.toContain('a-very-secret-value');
  });

  test.each<[string, (state: Modules['state']) => Promise<unknown>]>([
    ['an empty key', (state) => state.get('')],
    ['a line break in a key', (state) => state.set('a\nb', 1)],
    ['a value without end', (state) => state.set('large', 'x'.repeat(1024 * 1024))],
    ['a number that is none', async (state) => [await state.set('word', 'x'), await state.increment('word')]],
  ])('%s is refused', async (_, action) => {
    await expect(action(lab.modules.state)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });

  test('are counted and swapped as one step, however many do it at once', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? lab.modules : other).state.increment('hits', 2)));
    expect(await lab.modules.state.get('hits')).toBe(80);
    const won = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? lab.modules : other).state.compareAndSet('leader', undefined, i)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await invokeSnake(lab.modules, 'state', 'compare_and_set', ['leader', 'nobody', 1])).toBe(false);
    expect(await invokeSnake(lab.modules, 'state', 'compare_and_set', ['leader', won.indexOf(true), { by: 'ana' }])).toBe(true);
  });

  test('behave like a map', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key, value: fc.jsonValue() }),
      fc.record({ do: fc.constant('delete' as const), key, value: fc.constant(null) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const model = new Map<string, unknown>();
        for (const name of await lab.modules.state.keys('p/')) await lab.modules.state.delete(name);
        for (const one of steps) {
          if (one.do === 'set') {
            await lab.modules.state.set(`p/${one.key}`, one.value);
            model.set(`p/${one.key}`, parseJson(stringifyJson(one.value)));
          } else expect(await other.state.delete(`p/${one.key}`)).toBe(model.delete(`p/${one.key}`));
        }
        expect(await other.state.keys('p/')).toEqual([...model.keys()].sort());
        for (const [name, value] of model) expect(await other.state.get(name)).toEqual(value ?? undefined);
      }),
      { numRuns: 15 },
    );
  });
});

describe('locks', () => {
  test("are one owner's until they are given back or run out", async () => {
    const first = await lab.modules.state.lock('deploy', { owner: 'ana', lease: '30s' });
    expect(first).toMatchObject({ name: 'deploy', owner: 'ana' });
    await expect(other.state.lock('deploy', { owner: 'bo' })).rejects.toMatchObject({
      code: 'STATE_LOCKED',
      transient: true,
      details: { holder: { owner: 'ana' } },
    });
    expect((await lab.modules.state.lock('deploy', { owner: 'ana' })).fence).toBe(first.fence);
    expect([await other.state.unlock('deploy', 'bo'), await other.state.renew('deploy', 'bo')]).toEqual([false, false]);
    expect((await other.state.holder('deploy'))?.owner).toBe('ana');
    await clock.advance(60_000);
    expect(await other.state.holder('deploy')).toBeUndefined();
    const second = await other.state.lock('deploy', { owner: 'bo' });
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(await lab.modules.state.renew('deploy', 'ana')).toBe(false);
    expect(await other.state.unlock('deploy', 'bo')).toBe(true);
    expect((await lab.modules.state.lock('deploy', { owner: 'bo' })).fence).toBeGreaterThan(second.fence);
  });

  test('are waited for', async () => {
    await lab.modules.state.lock('queue', { owner: 'ana' });
    const waiting = other.state.lock('queue', { owner: 'bo', wait: '5m' });
    await clock.advance(1_000);
    await lab.modules.state.unlock('queue', 'ana');
    const turn = (async () => {
      for (let i = 0; i < 100; i++) await clock.advance(100);
    })();
    expect((await waiting).owner).toBe('bo');
    await turn;
    await expect(Promise.all([lab.modules.state.lock('queue', { wait: 1 }), clock.advance(1_500)])).rejects.toMatchObject({
      code: 'STATE_LOCKED',
    });
  });
});

describe('withLock', () => {
  const real = () => lab.with({ clock: systemClock });

  test('lets one in at a time, and the next one after a failure too', async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
      return 'done';
    };
    const [one, two] = [real(), lab.with({ clock: systemClock, store: elsewhere })];
    const both = [one, two].map(({ state }) => state.withLock('w', work, { wait: 20 }));
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    await expect(
      one.state.withLock('w', () => {
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
    expect(await one.state.holder('w')).toBeUndefined();
  });

  test('renews the lease for as long as the function runs', async () => {
    const running = lab.modules.state.withLock(
      'long',
      async () => {
        for (let i = 0; i < 20; i++) {
          await clock.advance(5_000);
          for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        }
        await expect(other.state.lock('long')).rejects.toMatchObject({ code: 'STATE_LOCKED' });
      },
      { lease: '30s' },
    );
    await running;
    expect(await other.state.holder('long')).toBeUndefined();
  });

  test('says when it was lost meanwhile', async () => {
    const { state } = real();
    await expect(
      state.withLock(
        'lost',
        async () => {
          await state.unlock('lost', 'ana');
          await state.lock('lost', { owner: 'bo' });
          await new Promise((resolve) => setTimeout(resolve, 120));
        },
        { owner: 'ana', lease: 0.1 },
      ),
    ).rejects.toMatchObject({ code: 'STATE_LOCK_LOST' });
    expect((await state.holder('lost'))?.owner).toBe('bo');
  });
});
