import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../model/index.js';
import { openStore } from './open.js';
import type { Store } from './types.js';

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-store-'));
  store = await openStore({ file: join(folder, 'state.db'), clock: manualClock() });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const document = (id: string, at: number, value: unknown, workflowId = 'w') => ({ id, workflowId, at, value });

describe('documents', () => {
  it('keep any JSON, newest first, and are replaced and removed by id', async () => {
    await store.documents.put('snapshot', document('a', 1, { big: 9007199254740993n, text: 'ö', list: [null, true] }));
    await store.documents.put('snapshot', document('b', 2, ['x']));
    await store.documents.put('snapshot', document('c', 2, 'other', 'v'));
    await store.documents.put('hold', document('a', 3, {}));
    expect((await store.documents.get('snapshot', 'a'))?.value).toEqual({ big: 9007199254740993n, text: 'ö', list: [null, true] });
    expect((await store.documents.list('snapshot', {})).map((d) => d.id)).toEqual(['c', 'b', 'a']);
    expect((await store.documents.list('snapshot', { workflowId: 'w', limit: 1 })).map((d) => d.id)).toEqual(['b']);
    await store.documents.put('snapshot', document('a', 5, 'new'));
    expect(await store.documents.get('snapshot', 'a')).toMatchObject({ at: 5, value: 'new' });
    await store.documents.remove('snapshot', ['a', 'c', 'none']);
    expect((await store.documents.list('snapshot', {})).map((d) => d.id)).toEqual(['b']);
    expect(await store.documents.get('hold', 'a')).toBeDefined();
  });

  it('are compressed, and hold nothing in clear', async () => {
    await store.documents.put('snapshot', document('a', 1, { secret: 'swordfish', filler: 'x'.repeat(100_000) }));
    const [entry] = await store.documents.list('snapshot', {});
    expect(entry?.size).toBeLessThan(5000);
    await store.close();
    for (const name of ['state.db', 'state.db-wal']) {
      try {
        expect(readFileSync(join(folder, name)).includes('swordfish')).toBe(false);
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
      }
    }
  });
});

describe('the audit trail', () => {
  const entry = (action: string, subject = 'shop') => ({
    at: 1,
    actor: 'anna@laptop',
    action,
    subject,
    reason: 'because',
    detail: { n: 1 },
  });

  it('chains entries and says that they hold', async () => {
    await store.audit.append(entry('sync'));
    await store.audit.append(entry('rollback'));
    await store.audit.append({ ...entry('sync', 'other'), reason: undefined });
    const list = await store.audit.list({});
    expect(list.map((e) => [e.seq, e.action, e.subject])).toEqual([
      [3, 'sync', 'other'],
      [2, 'rollback', 'shop'],
      [1, 'sync', 'shop'],
    ]);
    expect(list[0]?.previous).toBe(list[1]?.hash);
    expect((await store.audit.list({ subject: 'shop', limit: 1 })).map((e) => e.seq)).toEqual([2]);
    expect(await store.audit.verify()).toEqual({ entries: 3 });
  });

  it.each([
    ["UPDATE audit SET actor = 'eve' WHERE seq = 2", { entries: 1, broken: { seq: 2, reason: 'it was changed after it was written' } }],
    ['DELETE FROM audit WHERE seq = 2', { entries: 1, broken: { seq: 3, reason: 'entry 2 is missing' } }],
    ["UPDATE audit SET detail = '{' WHERE seq = 3", { entries: 2, broken: { seq: 3, reason: 'it cannot be read' } }],
  ])('tells what was done to it: %s', async (sql, expected) => {
    for (const action of ['a', 'b', 'c']) await store.audit.append(entry(action));
    const raw = new Database(join(folder, 'state.db'));
    raw.exec(sql);
    raw.close();
    expect(await store.audit.verify()).toEqual(expected);
  });
});
