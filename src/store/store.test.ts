import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entry, repository, resource, run, temporaryFolders, workflow } from '../../test/support/store.js';
import { compareKeys, formatKey, manualClock, systemClock } from '../model/index.js';
import { type InventoryEntry, openStore, type Store } from './index.js';

const folder = temporaryFolders();

async function withStore(body: (store: Store, file: string) => Promise<void>): Promise<void> {
  const file = join(folder(), 'state', 'store.db');
  const store = await openStore({ file, clock: systemClock });
  try {
    await body(store, file);
  } finally {
    await store.close();
  }
}

describe('files', () => {
  test('a new store is readable by its owner alone', () =>
    withStore(async (store, file) => {
      await store.repositories.put(repository('a', { credentials: { token: 't' } }));
      for (const path of [file, `${file}-wal`, `${file}-shm`, `${file}.key`])
        expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o600]);
      expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    }));

  test('what was written is there after closing and opening', async () => {
    const file = join(folder(), 'store.db');
    const records = {
      repository: repository('r', { credentials: { type: 'token', token: 's3cret', big: 2n ** 60n } }),
      workflow: workflow('w', 'r'),
    };
    const first = await openStore({ file, clock: systemClock });
    await first.repositories.put(records.repository);
    await first.workflows.put(records.workflow);
    const key = await first.secretKey();
    await first.close();
    await first.close();
    const second = await openStore({ file, clock: systemClock });
    expect(await second.repositories.list()).toEqual([records.repository]);
    expect(await second.workflows.get('w')).toEqual(records.workflow);
    expect(await second.secretKey()).toEqual(key);
    expect(key).toHaveLength(32);
    await second.close();
    await expect(second.workflows.list()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});

describe('repositories and workflows', () => {
  test('put replaces, create does not, lists are by id', () =>
    withStore(async (store) => {
      for (const id of ['b', 'B', 'a10', 'a9']) await store.repositories.put(repository(id));
      expect((await store.repositories.list()).map((r) => r.id)).toEqual(['B', 'a10', 'a9', 'b']);
      await store.repositories.put(repository('b', { branch: 'next' }));
      expect((await store.repositories.get('b'))?.branch).toBe('next');
      await expect(store.repositories.create(repository('b'))).rejects.toMatchObject({ code: 'STORE_EXISTS' });
      await store.repositories.create(repository('c'));
      for (const id of ['z', 'y'])
        await store.workflows.put(workflow(id, 'b', { settings: { ['__proto__x']: 1n << 62n, nested: [null] } }));
      expect((await store.workflows.list()).map((w) => w.id)).toEqual(['y', 'z']);
      expect((await store.workflows.get('z'))?.settings).toEqual({ ['__proto__x']: 1n << 62n, nested: [null] });
      expect(await store.workflows.get('nobody')).toBeUndefined();
    }));

  test('two workflows never share an id, not even when both are created at once', () =>
    withStore(async (store) => {
      await store.repositories.put(repository('r'));
      const outcomes = await Promise.allSettled([1, 2, 3].map((n) => store.workflows.create(workflow('w', 'r', { name: `n${n}` }))));
      expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1);
      expect(outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason.code] : []))).toEqual(['STORE_EXISTS', 'STORE_EXISTS']);
      expect(await store.workflows.list()).toHaveLength(1);
    }));

  test('references hold both ways', () =>
    withStore(async (store) => {
      await expect(store.workflows.put(workflow('w', 'nowhere'))).rejects.toMatchObject({
        code: 'STORE_REFERENCE',
        message: expect.stringContaining('"nowhere"'),
      });
      await store.repositories.put(repository('r'));
      await store.workflows.put(workflow('w', 'r'));
      await expect(store.repositories.remove('r')).rejects.toMatchObject({ code: 'STORE_REFERENCE', details: { workflows: ['w'] } });
      expect(await store.workflows.remove('w')).toBe(true);
      expect(await store.workflows.remove('w')).toBe(false);
      expect(await store.repositories.remove('r')).toBe(true);
      expect(await store.repositories.remove('r')).toBe(false);
    }));

  test.each(['https://user:pass@git.example/a', 'https://ghp_token@git.example/a', 'ssh://git:pass@git.example/a'])(
    '%s is refused',
    (url) =>
      withStore(async (store) => {
        const error = await store.repositories.put(repository('r', { url })).catch((e: unknown) => e);
        expect(error).toMatchObject({ code: 'STORE_SECRET_IN_URL' });
        expect(JSON.stringify(error)).not.toMatch(/pass@|ghp_token/);
        expect(await store.repositories.list()).toEqual([]);
      }),
  );

  test.each(['ssh://git@git.example/a', 'git@git.example:a/b.git', '/srv/git/a', 'https://git.example/a@b'])('%s is stored', (url) =>
    withStore(async (store) => {
      await store.repositories.put(repository('r', { url }));
      expect((await store.repositories.get('r'))?.url).toBe(url);
    }),
  );
});

describe('runs', () => {
  test('newest first, by workflow, with a limit', () =>
    withStore(async (store) => {
      const full = run('1', 'a', {
        status: 'failed',
        startedAt: 5,
        finishedAt: 9,
        reason: 'because',
        message: 'no',
        error: { code: 'X', where: { line: 3 } },
      });
      for (const record of [full, run('2', 'b', { startedAt: 7 }), run('3', 'a', { startedAt: 7 }), run('4', 'a', { startedAt: 6 })])
        await store.runs.put(record);
      expect((await store.runs.list({})).map((r) => r.id)).toEqual(['3', '2', '4', '1']);
      expect((await store.runs.list({ workflowId: 'a', limit: 2 })).map((r) => r.id)).toEqual(['3', '4']);
      expect(await store.runs.list({ limit: 0 })).toEqual([]);
      expect(await store.runs.get('1')).toEqual(full);
      await store.runs.put({ ...full, status: 'succeeded' });
      expect((await store.runs.get('1'))?.status).toBe('succeeded');
    }));

  test('resources come back in the order in which they were added, over several calls and runs', () =>
    withStore(async (store) => {
      await store.runs.put(run('x', 'w'));
      await store.runs.put(run('y', 'w'));
      const rows = Array.from({ length: 250 }, (_, i) => resource(i % 3 === 0 ? 'y' : 'x', 999 - i));
      await store.runs.addResources(rows.slice(0, 120));
      await store.runs.addResources([]);
      await store.runs.addResources(rows.slice(120));
      expect(await store.runs.resources('x')).toEqual(rows.filter((r) => r.runId === 'x'));
      expect(await store.runs.resources('y')).toEqual(rows.filter((r) => r.runId === 'y'));
      const { health: _, ...bare } = resource('x', 1);
      await expect(store.runs.addResources([bare, resource('nobody', 1)])).rejects.toMatchObject({ code: 'STORE_REFERENCE' });
      expect(await store.runs.resources('x')).toHaveLength(rows.filter((r) => r.runId === 'x').length);
      await store.runs.addResources([bare]);
      expect((await store.runs.resources('x')).at(-1)).toEqual(bare);
    }));

  test('trim keeps the newest and whatever still runs', () =>
    withStore(async (store) => {
      for (let i = 0; i < 6; i++) await store.runs.put(run(`r${i}`, 'w', { startedAt: i, status: i === 0 ? 'running' : 'succeeded' }));
      await store.runs.put(run('other', 'v', { status: 'succeeded' }));
      await store.runs.addResources([resource('r1', 1), resource('r5', 1)]);
      expect(await store.runs.trim('w', 2)).toBe(3);
      expect((await store.runs.list({ workflowId: 'w' })).map((r) => r.id)).toEqual(['r5', 'r4', 'r0']);
      expect(await store.runs.resources('r1')).toEqual([]);
      expect(await store.runs.resources('r5')).toHaveLength(1);
      expect(await store.runs.get('other')).toBeDefined();
    }));
});

describe('inventory', () => {
  const text = fc.oneof(
    fc.constantFrom('', 'a', 'A', '\u{10000}', '\uffff', "'; drop table runs --", '/', ':'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const key = fc.record({ group: text, kind: text, namespace: text, name: text });
  const item: fc.Arbitrary<InventoryEntry> = fc.record({ key, version: text, uid: text, desiredHash: text, managedHash: text });
  const step = fc.oneof(
    fc.record({ put: fc.array(item, { maxLength: 5 }) }),
    fc.record({ remove: fc.array(key, { maxLength: 5 }) }),
    fc.record({ removeKnown: fc.nat() }),
    fc.record({ replaceKnown: fc.nat(), uid: text }),
  );

  test('any sequence of puts and removes equals a map', () =>
    withStore(async (store) => {
      let n = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          const workflowId = `w${n++}`;
          const model = new Map<string, InventoryEntry>();
          const id = (e: InventoryEntry['key']) => JSON.stringify([e.namespace, e.group, e.kind, e.name]);
          for (const s of steps) {
            const known = [...model.values()];
            if ('put' in s) {
              await store.inventory.put(workflowId, 'c', s.put);
              for (const e of s.put) model.set(id(e.key), e);
            } else if ('remove' in s) {
              await store.inventory.remove(workflowId, 'c', s.remove);
              for (const k of s.remove) model.delete(id(k));
            } else if ('removeKnown' in s) {
              const e = known[s.removeKnown % Math.max(1, known.length)];
              if (e) await store.inventory.remove(workflowId, 'c', [e.key]);
              if (e) model.delete(id(e.key));
            } else {
              const e = known[s.replaceKnown % Math.max(1, known.length)];
              if (e) await store.inventory.put(workflowId, 'c', [{ ...e, uid: s.uid }]);
              if (e) model.set(id(e.key), { ...e, uid: s.uid });
            }
            await store.inventory.put(workflowId, 'another', s && 'put' in s ? s.put : []);
            expect(await store.inventory.list(workflowId, 'c')).toEqual([...model.values()].sort((a, b) => compareKeys(a.key, b.key)));
          }
        }),
        { numRuns: 100 },
      );
    }));

  test('ten thousand entries and resources go in and out whole', () =>
    withStore(async (store) => {
      const entries = Array.from({ length: 10_000 }, (_, i) => entry(i));
      await store.inventory.put('w', 'c', entries);
      await store.inventory.put('w', 'd', entries.slice(0, 7));
      expect(await store.inventory.list('w', 'c')).toEqual([...entries].sort((a, b) => compareKeys(a.key, b.key)));
      await store.inventory.remove(
        'w',
        'c',
        entries.slice(1).map((e) => e.key),
      );
      expect((await store.inventory.list('w', 'c')).map((e) => formatKey(e.key))).toEqual([formatKey(entry(0).key)]);
      expect(await store.inventory.list('w', 'd')).toHaveLength(7);
    }));
});

describe('cache', () => {
  const small = async (bytes: number) => {
    const clock = manualClock();
    const file = join(folder(), 'store.db');
    return { clock, file, store: await openStore({ file, clock, cacheBytes: bytes }) };
  };
  const kilobyte = (n: number) => ({ key: `k${n}`, value: String(n).repeat(1000).slice(0, 1000) });

  test('what was put is found under its kind only, the last value of a key', async () => {
    const { store } = await small(1e6);
    await store.cache.put('render', [
      { key: 'a', value: 'ä\u0000\ud83d\ude00' },
      { key: 'b', value: '' },
      { key: 'a', value: 'second' },
    ]);
    await store.cache.put('other', [{ key: 'b', value: 'theirs' }]);
    expect(await store.cache.get('render', ['b', 'a', 'c', 'a'])).toEqual(
      new Map([
        ['a', 'second'],
        ['b', ''],
      ]),
    );
    expect(
      await store.cache.get(
        'other',
        Array.from({ length: 1200 }, (_, i) => (i === 1100 ? 'b' : `${i}`)),
      ),
    ).toEqual(new Map([['b', 'theirs']]));
    await store.close();
  });

  test('the bound holds and the least recently used go first', async () => {
    const { store, clock } = await small(10_500);
    const present = async () =>
      [
        ...(
          await store.cache.get(
            'k',
            Array.from({ length: 20 }, (_, i) => `k${i}`),
          )
        ).keys(),
      ].sort();
    for (let i = 0; i < 9; i++) {
      await store.cache.put('k', [kilobyte(i)]);
      await clock.advance(120_000);
    }
    expect(await store.cache.get('k', ['k0', 'k2'])).toHaveProperty('size', 2);
    await clock.advance(120_000);
    await store.cache.put('k', [kilobyte(9), kilobyte(10)]);
    const left = await present();
    expect(left).toEqual(expect.arrayContaining(['k0', 'k2', 'k10', 'k9']));
    expect(left).not.toContain('k1');
    expect(left).not.toContain('k3');
    // Writing the same again and again counts once.
    for (let i = 0; i < 30; i++) await store.cache.put('k', [kilobyte(10)]);
    expect(await present()).toEqual(left);
    await store.close();
  });

  test('a value larger than the bound is not kept and drives nothing out', async () => {
    const { store } = await small(5_000);
    await store.cache.put('k', [kilobyte(1)]);
    await store.cache.put('k', [{ key: 'huge', value: 'x'.repeat(6_000) }]);
    expect([...(await store.cache.get('k', ['k1', 'huge'])).keys()]).toEqual(['k1']);
    await store.close();
  });

  test('uses are remembered over closing', async () => {
    const { store, clock, file } = await small(4_500);
    for (let i = 0; i < 4; i++) {
      await store.cache.put('k', [kilobyte(i)]);
      await clock.advance(120_000);
    }
    await store.cache.get('k', ['k0']);
    await store.close();
    await clock.advance(120_000);
    const again = await openStore({ file, clock, cacheBytes: 4_500 });
    await again.cache.put('k', [kilobyte(7)]);
    expect([...(await again.cache.get('k', ['k0', 'k1', 'k7'])).keys()].sort()).toEqual(['k0', 'k7']);
    await again.close();
  });
});
