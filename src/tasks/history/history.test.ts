import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../model/index.js';
import { openStore, type Store } from '../../store/index.js';
import { createMasker } from '../run/mask.js';
import { runPipeline } from '../run/run.js';
import { scriptFolder, testHost } from '../testing.js';
import type { PipelineDefinition, TaskDefinition } from '../types.js';
import { recordRun } from './recorder.js';
import { isRunning, resumeRun } from './resume.js';

const folder = scriptFolder();
afterAll(() => folder.remove());

let stores = 0;
async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ file: folder.file(`store-${++stores}.db`), clock: systemClock });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const file = '/home/ana/deploy.ts';
const plain = (name: string, dependsOn: string[], command: TaskDefinition['command']): TaskDefinition => ({ name, dependsOn, command });

async function run(
  store: Store,
  runId: string,
  tasks: TaskDefinition[],
  more: { kept?: Map<string, unknown>; masker?: ReturnType<typeof createMasker>; resumedFrom?: string } = {},
) {
  const pipeline: PipelineDefinition = { name: 'deploy', tasks };
  const masker = more.masker ?? createMasker();
  const { recorder } = await recordRun({
    store,
    masker,
    runId,
    file,
    pipeline,
    params: { tag: '1' },
    requestedBy: 'ana@desk',
    startedAt: Date.now(),
    resumedFrom: more.resumedFrom,
  });
  expect(await isRunning(store, runId)).toBe(true);
  const report = await runPipeline({
    pipeline,
    runId,
    host: testHost(),
    workdir: folder.path,
    artifacts: folder.file(`artifacts-${runId}`),
    signal: new AbortController().signal,
    masker,
    kept: more.kept,
    onEvent: recorder.onEvent,
  });
  await recorder.close();
  return report;
}

describe('a run', () => {
  test('is in the store with its results, lines and end', () =>
    withStore(async (store) => {
      const masker = createMasker(['s3cret-token']);
      await run(
        store,
        'run-1',
        [
          plain('a', [], (_, __, { log }) => {
            log.info('with s3cret-token');
            return { ok: 1 };
          }),
          plain('b', ['a'], 'echo s3cret-token; exit 3'),
          plain('c', ['b'], 'true'),
        ],
        { masker },
      );
      expect(await store.taskRuns.get('run-1')).toMatchObject({
        pipeline: 'deploy',
        file,
        status: 'failed',
        requestedBy: 'ana@desk',
        message: '3 tasks: 1 succeeded, 1 failed, 1 blocked',
      });
      expect(await store.taskRuns.results('run-1')).toMatchObject([
        { task: 'a', seq: 0, state: 'succeeded', command: '', attempts: 1 },
        {
          task: 'b',
          state: 'failed',
          command: 'echo •••; exit 3',
          error: { code: 'TASK_COMMAND_FAILED' },
          message: 'the command ended with status 3: •••',
        },
        { task: 'c', state: 'blocked', attempts: 0 },
      ]);
      expect((await store.taskRuns.logs('run-1')).map(({ task, level, line }) => [task, level, line])).toEqual([
        ['a', 'info', 'with •••'],
        ['b', 'stdout', '•••'],
      ]);
      expect(await isRunning(store, 'run-1')).toBe(false);
    }));

  test('that cannot begin has an end nevertheless', () =>
    withStore(async (store) => {
      await expect(run(store, 'run-1', [plain('a', ['nobody'], 'true')])).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    }));

  test('of a task that writes without end keeps the beginning and says so', () =>
    withStore(async (store) => {
      await run(store, 'run-1', [plain('a', [], 'i=0; while [ $i -lt 12000 ]; do echo "line $i"; i=$((i+1)); done')]);
      const logs = await store.taskRuns.logs('run-1');
      expect(logs).toHaveLength(10_001);
      expect([logs[0]?.line, logs.at(-1)?.line]).toEqual(['line 0', 'more lines are not kept']);
    }));

  test('beyond the five hundredth is forgotten with all that belongs to it', () =>
    withStore(async (store) => {
      await run(store, 'run-0', [plain('a', [], () => 1)]);
      for (let i = 1; i <= 500; i++)
        await store.taskRuns.put({
          id: `old-${i}`,
          pipeline: 'x',
          file,
          status: 'succeeded',
          startedAt: Date.now() + i,
          finishedAt: 0,
          requestedBy: '',
          message: '',
        });
      await run(store, 'run-1', [plain('a', [], () => 1)]);
      expect(await store.taskRuns.get('run-0')).toBeUndefined();
      expect((await store.documents.list('task-outputs', {})).map((one) => one.workflowId)).toEqual(['run-1']);
      expect((await store.documents.list('task-params', {})).map((one) => one.workflowId)).toEqual(['run-1']);
    }));
});

describe('going on from a run', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const tasks = (fails: boolean) => [
    plain('data', [], () => ({ image: 'x:1', list: [1, null] })),
    plain('nothing', [], () => undefined),
    plain('odd', [], () => cyclic),
    plain('deploy', ['data', 'nothing'], (_, deps) => (fails ? false : deps['data'])),
  ];

  test('keeps what succeeded with its outputs, and runs the rest', () =>
    withStore(async (store) => {
      await run(store, 'run-1', tasks(true));
      const resumed = await resumeRun(store, { file, pipeline: 'deploy' });
      expect(resumed.run.id).toBe('run-1');
      expect(resumed.params).toEqual({ tag: '1' });
      // What could not be kept as data runs again.
      expect([...resumed.kept]).toEqual([
        ['data', { image: 'x:1', list: [1, null] }],
        ['nothing', undefined],
      ]);
      const report = await run(store, 'run-2', tasks(false), { kept: resumed.kept, resumedFrom: 'run-1' });
      expect(report.tasks.map((task) => [task.name, task.state])).toEqual([
        ['data', 'kept'],
        ['nothing', 'kept'],
        ['odd', 'succeeded'],
        ['deploy', 'succeeded'],
      ]);
      expect(report.tasks.at(-1)?.output).toEqual({ image: 'x:1', list: [1, null] });
      expect(await store.taskRuns.get('run-2')).toMatchObject({ status: 'succeeded', resumedFrom: 'run-1' });
    }));

  test('twice keeps what was kept the first time', () =>
    withStore(async (store) => {
      await run(store, 'run-1', tasks(true));
      await run(store, 'run-2', tasks(true), { kept: (await resumeRun(store, { file, pipeline: 'deploy' })).kept });
      const again = await resumeRun(store, { file, pipeline: 'deploy', runId: 'run-2' });
      expect(again.kept.get('data')).toEqual({ image: 'x:1', list: [1, null] });
    }));

  test.each<[string, (store: Store) => Promise<unknown>, string]>([
    ['none', async () => undefined, 'the pipeline "deploy" has not run yet'],
    ['one that succeeded', (store) => run(store, 'run-1', tasks(false)), 'the last run succeeded'],
    [
      'one that still runs',
      async (store) => {
        await store.taskRuns.put({ id: 'run-1', pipeline: 'deploy', file, status: 'running', startedAt: 1, requestedBy: '', message: '' });
        await store.lock('task-run/run-1', 'run');
      },
      'the run run-1 is still running',
    ],
  ])('%s is refused', (_, prepare, message) =>
    withStore(async (store) => {
      await prepare(store);
      await expect(resumeRun(store, { file, pipeline: 'deploy' })).rejects.toMatchObject({
        code: 'RUN_NOT_FOUND',
        message: expect.stringContaining(message),
      });
    }),
  );

  test('one of another script is refused, and so is an unknown one', () =>
    withStore(async (store) => {
      await run(store, 'run-1', tasks(true));
      await expect(resumeRun(store, { file: '/other.ts', pipeline: 'deploy', runId: 'run-1' })).rejects.toMatchObject({
        hint: `Go on with it: evenkeel run ${file} --resume run-1`,
      });
      await expect(resumeRun(store, { file, pipeline: 'deploy', runId: 'run-9' })).rejects.toMatchObject({
        message: 'there is no run "run-9"',
      });
    }));
});
