import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { bundleScript, temporaryFolders } from '../../test/support/store.js';
import { systemClock } from '../model/index.js';
import { openStore } from './index.js';

const folder = temporaryFolders();
const ROUNDS = 60;
let script: string;

beforeAll(async () => {
  script = await bundleScript(
    folder(),
    `import { openStore } from './store/index.js';
     import { systemClock } from './model/index.js';
     const [, , file, me] = process.argv;
     const store = await openStore({ file, clock: systemClock, cacheBytes: 20_000 });
     await store.repositories.put({ id: 'shared', url: me, branch: 'main', pollIntervalMs: 1, createdAt: 1, credentials: { token: me } });
     const metrics = { processed: 0, applied: 0, skipped: 0, pruned: 0, conflictsResolved: 0 };
     await store.runs.put({ id: 'run', workflowId: 'w', status: 'running', revision: '', startedAt: 1, requestedBy: me, message: '', metrics });
     const key = (i) => ({ group: '', kind: 'ConfigMap', namespace: me, name: 'c' + i });
     const work = async (i) => {
       await store.inventory.put('w', 'c', [{ key: key(i), version: 'v1', uid: me, desiredHash: '', managedHash: '' }]);
       await store.runs.addResources([0, 1].map((n) => ({ runId: 'run', key: key(i * 2 + n), action: 'updated', message: '', at: i })));
       await store.cache.put('k', [{ key: 'k' + (i % 7), value: me.repeat(500) }]);
       await store.cache.get('k', ['k1', 'k2']);
       if (i % 3 === 0) await store.inventory.remove('w', 'c', [key(i)]);
     };
     for (let i = 0; i < ${ROUNDS}; i += 4) await Promise.all([work(i), work(i + 1), work(i + 2), work(i + 3)]);
     console.log(Buffer.from(await store.secretKey()).toString('hex'));
     await store.close();`,
  );
});

test('processes that open, migrate and write at once lose and damage nothing', async () => {
  const file = join(folder(), 'store.db');
  const names = ['ana', 'ben', 'eve'];
  const said = await Promise.all(names.map((name) => promisify(execFile)(process.execPath, [script, file, name])));
  expect(said.map((s) => s.stderr)).toEqual(['', '', '']);
  expect(new Set(said.map((s) => s.stdout)).size).toBe(1);

  const store = await openStore({ file, clock: systemClock });
  const inventory = await store.inventory.list('w', 'c');
  const expected = Array.from({ length: ROUNDS }, (_, i) => i)
    .filter((i) => i % 3 !== 0)
    .map((i) => `c${i}`)
    .sort();
  for (const name of names) expect(inventory.filter((e) => e.key.namespace === name).map((e) => e.key.name)).toEqual(expected);
  const resources = await store.runs.resources('run');
  expect(resources).toHaveLength(names.length * ROUNDS * 2);
  // What one call added stands together, whoever else was adding.
  for (let i = 0; i < resources.length; i += 2) {
    const [a, b] = [resources[i], resources[i + 1]];
    expect([a?.key.namespace, a?.at]).toEqual([b?.key.namespace, b?.at]);
  }
  const shared = await store.repositories.get('shared');
  expect(shared?.credentials).toEqual({ token: shared?.url });
  await store.close();

  const raw = new Database(file, { readonly: true });
  expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(raw.pragma('foreign_key_check')).toEqual([]);
  const counted = Number(raw.prepare("select value from meta where name = 'cache_bytes'").pluck().get());
  expect(counted).toBe(raw.prepare('select coalesce(sum(size), 0) from cache').pluck().get());
  expect(counted).toBeLessThanOrEqual(20_000);
  raw.close();
});
