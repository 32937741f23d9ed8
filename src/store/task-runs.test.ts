import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolders } from '../../test/support/store.js';
import { systemClock } from '../model/index.js';
import { openStore, type Store, type TaskResultRecord, type TaskRunRecord } from './index.js';

const folder = temporaryFolders();

async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ file: join(folder(), 'store.db'), clock: systemClock });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const run = (id: string, more: Partial<TaskRunRecord> = {}): TaskRunRecord => ({
  id,
  pipeline: 'deploy',
  file: '/home/ana/deploy.ts',
  status: 'running',
  startedAt: 1_000,
  requestedBy: 'ana@desk',
  message: '',
  ...more,
});

const result = (task: string, seq: number, more: Partial<TaskResultRecord> = {}): TaskResultRecord => ({
  task,
  seq,
  state: 'succeeded',
  command: '',
  attempts: 1,
  startedAt: 1_000 + seq,
  finishedAt: 2_000 + seq,
  artifacts: [],
  ...more,
});

describe('runs of pipelines', () => {
  test('are listed newest first, by file and by pipeline', () =>
    withStore(async ({ taskRuns }) => {
      await taskRuns.put(run('a', { startedAt: 1 }));
      await taskRuns.put(run('b', { startedAt: 2, pipeline: 'restore' }));
      await taskRuns.put(run('c', { startedAt: 2, file: '/other.lua', status: 'failed', finishedAt: 5, resumedFrom: 'a', message: 'no' }));
      expect((await taskRuns.list({})).map((r) => r.id)).toEqual(['c', 'b', 'a']);
      expect((await taskRuns.list({ file: '/home/ana/deploy.ts' })).map((r) => r.id)).toEqual(['b', 'a']);
      expect((await taskRuns.list({ pipeline: 'deploy', limit: 1 })).map((r) => r.id)).toEqual(['c']);
      expect(await taskRuns.get('c')).toEqual(
        run('c', { startedAt: 2, file: '/other.lua', status: 'failed', finishedAt: 5, resumedFrom: 'a', message: 'no' }),
      );
      expect(await taskRuns.get('d')).toBeUndefined();
    }));

  test('results replace those of the same task and keep the order of the pipeline', () =>
    withStore(async ({ taskRuns }) => {
      await taskRuns.put(run('a'));
      await taskRuns.add('a', {
        results: [result('z', 0, { state: 'running' }), result('y', 1, { state: 'pending', startedAt: undefined })],
      });
      const failed = result('z', 0, { state: 'failed', message: 'no', error: { code: 'TASK_FAILED', message: 'no' }, artifacts: ['z/x'] });
      await taskRuns.add('a', { results: [result('z', 0, { attempts: 0 }), failed] });
      expect((await taskRuns.results('a')).map((r) => [r.task, r.state])).toEqual([
        ['z', 'failed'],
        ['y', 'pending'],
      ]);
      expect((await taskRuns.results('a'))[0]).toMatchObject(failed);
    }));

  test('results of one task are found over all runs, without those that did not begin', () =>
    withStore(async ({ taskRuns }) => {
      for (const [i, id] of ['a', 'b', 'c'].entries()) {
        await taskRuns.put(run(id));
        await taskRuns.add(id, { results: [result('web', i), result('db', i)] });
      }
      await taskRuns.add('c', { results: [result('web', 9, { state: 'blocked', startedAt: undefined })] });
      expect((await taskRuns.resultsOf('web', 10)).map((r) => r.runId)).toEqual(['b', 'a']);
      expect((await taskRuns.resultsOf('db', 1)).map((r) => r.runId)).toEqual(['c']);
    }));

  test('lines are numbered on and read by task and from a place on', () =>
    withStore(async ({ taskRuns }) => {
      await taskRuns.put(run('a'));
      const line = (i: number) => ({ task: i % 2 === 0 ? 'even' : 'odd', at: i, level: 'info', line: `line ${i}` });
      await taskRuns.add('a', { logs: Array.from({ length: 150 }, (_, i) => line(i)) });
      await taskRuns.add('a', { logs: [line(150)] });
      expect((await taskRuns.logs('a')).map((l) => l.seq)).toEqual(Array.from({ length: 151 }, (_, i) => i + 1));
      expect((await taskRuns.logs('a', { task: 'even', after: 147 })).map((l) => l.line)).toEqual(['line 148', 'line 150']);
      expect(await taskRuns.logs('a', { limit: 2, after: 149 })).toHaveLength(2);
      await expect(taskRuns.add('x', { logs: [line(1)] })).rejects.toMatchObject({ code: 'STORE_REFERENCE' });
    }));

  test('trimming forgets the oldest that have ended, with their results and lines', () =>
    withStore(async ({ taskRuns }) => {
      for (const [i, id] of ['a', 'b', 'c', 'd'].entries())
        await taskRuns.put(run(id, { startedAt: i, status: id === 'a' ? 'running' : 'failed' }));
      await taskRuns.add('b', { results: [result('x', 0)], logs: [{ task: 'x', at: 1, level: 'info', line: 'l' }] });
      expect(await taskRuns.trim(1)).toEqual(['c', 'b']);
      expect((await taskRuns.list({})).map((r) => r.id)).toEqual(['d', 'a']);
      expect(await taskRuns.results('b')).toEqual([]);
      expect(await taskRuns.logs('b')).toEqual([]);
    }));
});
