import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { EvenkeelError, manualClock } from '../../model/index.js';
import { createDsl } from '../dsl/build.js';
import { linesOf, scriptFolder, testHost } from '../testing.js';
import type { PipelineDefinition, TaskDefinition, TaskState } from '../types.js';
import type { RunEvent, RunReport } from './events.js';
import { createMasker } from './mask.js';
import { type RunOptions, runPipeline } from './run.js';
import { delayBefore } from './task.js';

const folder = scriptFolder({ 'report/a.txt': 'a', 'report/deep/b.txt': 'b' });
afterAll(() => folder.remove());

let runs = 0;
async function run(
  tasks: TaskDefinition[],
  more: Partial<Omit<RunOptions, 'pipeline'>> & { pipeline?: Partial<PipelineDefinition> | undefined } = {},
): Promise<{ report: RunReport; events: RunEvent[]; states: { [task: string]: TaskState }; artifacts: string }> {
  const events: RunEvent[] = [];
  const { pipeline, ...rest } = more;
  const artifacts = folder.file(`artifacts-${++runs}`);
  const report = await runPipeline({
    pipeline: { name: 'p', tasks, ...pipeline } as PipelineDefinition,
    runId: 'run-1',
    host: testHost(),
    workdir: folder.path,
    artifacts,
    signal: new AbortController().signal,
    graceMs: 300,
    onEvent: (event) => events.push(event),
    ...rest,
  });
  return { report, events, states: Object.fromEntries(report.tasks.map((task) => [task.name, task.state])), artifacts };
}

const plain = (
  name: string,
  dependsOn: string[] = [],
  command?: TaskDefinition['command'],
  more: Partial<TaskDefinition> = {},
): TaskDefinition => ({
  name,
  dependsOn,
  ...(command === undefined ? {} : { command }),
  ...more,
});

describe('a task function', () => {
  test.each<[string, () => unknown, TaskState, unknown, string | undefined]>([
    ['nothing', () => undefined, 'succeeded', undefined, undefined],
    ['true', () => true, 'succeeded', true, undefined],
    ['false', () => false, 'failed', false, 'the task reported failure'],
    ['a promise of false', async () => false, 'failed', false, 'the task reported failure'],
    ['an object', () => ({ success: true, message: 'm', output: 3 }), 'succeeded', 3, 'm'],
    [
      'an object that says failure',
      () => ({ success: false, message: 'no luck' }),
      'failed',
      { success: false, message: 'no luck' },
      'no luck',
    ],
    ['a reason', () => ({ success: false, reason: 'why' }), 'failed', { success: false, reason: 'why' }, 'why'],
    ['other data', () => ({ image: 'x' }), 'succeeded', { image: 'x' }, undefined],
    ['a number', () => 0, 'succeeded', 0, undefined],
    [
      'an error thrown',
      () => {
        throw new RangeError('far');
      },
      'failed',
      undefined,
      'RangeError: far',
    ],
    [
      'an object thrown',
      () => {
        throw {};
      },
      'failed',
      undefined,
      'what was thrown is no error: [object Object]',
    ],
    [
      'nothing thrown',
      () => {
        throw undefined;
      },
      'failed',
      undefined,
      'what was thrown is no error: undefined',
    ],
  ])('that returns or throws %s', async (_, command, state, output, message) => {
    const { report } = await run([plain('a', [], command)]);
    expect(report.tasks[0]).toMatchObject({ state, success: state === 'succeeded', attempts: 1 });
    expect(report.tasks[0]?.output).toEqual(output);
    expect(report.tasks[0]?.message).toBe(message);
    expect(report.status).toBe(state === 'succeeded' ? 'succeeded' : 'failed');
  });

  test('gets parameters, outputs and a context', async () => {
    const seen: unknown[] = [];
    const { report } = await run(
      [
        plain('a', [], () => ({ success: true, output: { image: 'x:1' } })),
        plain(
          'b',
          ['a'],
          (params, deps, { taskName, attempt, runId, workdir, pipelineName }) => {
            seen.push(params, deps, { taskName, attempt, runId, workdir, pipelineName });
          },
          { params: { env: 'dev', size: 3 } },
        ),
      ],
      { params: { env: 'prod' }, pipeline: { params: { region: { default: 'eu' } } } },
    );
    expect(report.status).toBe('succeeded');
    expect(seen).toEqual([
      { env: 'prod', size: 3, region: 'eu' },
      { a: { image: 'x:1' } },
      { taskName: 'b', attempt: 1, runId: 'run-1', workdir: folder.path, pipelineName: 'p' },
    ]);
  });
});

test('a report of failure that carries an error fails with it', async () => {
  const error = { code: 'SYNC_BLOCKED', message: 'conflicts', hint: 'look at them', where: { resource: 'Deployment/web' } };
  const { report } = await run([
    plain('a', [], () => ({ success: false, reason: 'conflicts', error })),
    plain('b', [], () => ({ success: false, message: 'm', error: { code: 'NONSENSE', message: 'x' } })),
  ]);
  expect(report.tasks[0]?.error).toEqual(error);
  expect(report.tasks[1]?.error).toMatchObject({ code: 'TASK_FAILED', message: 'm' });
});

describe('a shell command', () => {
  test('has parameters and outputs in its environment, and its output is what it wrote', async () => {
    const { report, events } = await run(
      [
        plain('build', [], 'echo image-$EVENKEEL_PARAM_TAG; echo noise >&2'),
        plain('the-deploy', ['build'], 'echo "$EVENKEEL_TASK $EVENKEEL_PIPELINE $EVENKEEL_ATTEMPT got $EVENKEEL_OUTPUT_BUILD"; pwd'),
      ],
      { params: { tag: '1.2' } },
    );
    expect(report.tasks.map((task) => task.output)).toEqual(['image-1.2', `the-deploy p 1 got image-1.2\n${folder.path}`]);
    expect(linesOf(events, 'build')).toEqual(expect.arrayContaining(['image-1.2', 'noise']));
  });

  test.each([
    ['exit 3', 'the command ended with status 3'],
    ['echo first >&2; echo "no such thing" >&2; exit 1', 'the command ended with status 1: no such thing'],
    ['definitely-not-a-program', /the command ended with status 127: .*definitely-not-a-program/],
    ['kill -9 $$', 'the command ended by signal 9'],
  ])('%s fails', async (command, message) => {
    const { report } = await run([plain('a', [], command)]);
    expect(report.tasks[0]?.error).toMatchObject({ code: 'TASK_COMMAND_FAILED' });
    expect(report.tasks[0]?.message).toMatch(message);
  });

  test('is ended with its whole process group when its time is up', async () => {
    const { report } = await run([plain('a', [], 'sleep 300 & echo $! > child.pid; sleep 300', { timeoutMs: 300 })]);
    expect(report.tasks[0]).toMatchObject({ state: 'failed', error: { code: 'TASK_TIMEOUT' } });
    expect(alive(Number(readFileSync(folder.file('child.pid'), 'utf8')))).toBe(false);
  });

  test('that ignores SIGTERM is killed', async () => {
    const { report } = await run([plain('a', [], "trap '' TERM; while :; do sleep 0.05; done", { timeoutMs: 100 })]);
    expect(report.tasks[0]).toMatchObject({ error: { code: 'TASK_TIMEOUT' } });
  });

  test('does not wait for what it left behind with its output open', async () => {
    const { report } = await run([plain('a', [], 'sleep 300 & echo $! > left.pid; echo done')]);
    expect(report.tasks[0]).toMatchObject({ state: 'succeeded', output: 'done' });
    const pid = Number(readFileSync(folder.file('left.pid'), 'utf8'));
    for (let i = 0; i < 100 && alive(pid); i++) await new Promise((next) => setTimeout(next, 20));
    expect(alive(pid)).toBe(false);
  });

  test('keeps the end of a long output and says so', async () => {
    const { report, events } = await run([plain('a', [], 'head -c 3000000 /dev/zero | tr "\\0" "x"; echo; echo end')]);
    const output = String(report.tasks[0]?.output);
    expect(output.length).toBeLessThanOrEqual(1024 * 1024);
    expect(output.endsWith('x\nend')).toBe(true);
    expect(linesOf(events).at(-1)).toContain('longer than 1 MiB');
  });

  test('of a context: output, failure, input, folder', async () => {
    const { report, events } = await run([
      plain('a', [], async (_params, _deps, context) => {
        const one = await context.exec('cat; echo err >&2; exit 4', { input: 'in', allowFailure: true, env: { X: '1' } });
        const two = await context.exec('echo quiet; pwd', { quiet: true, cwd: 'report' });
        const three = await context.exec('exit 5').catch((error: EvenkeelError) => error);
        return [
          one,
          two.stdout,
          (three as EvenkeelError).details,
          await context.exec('sleep 100', { timeoutMs: 50 }).catch((error: EvenkeelError) => error.code),
        ];
      }),
    ]);
    expect(report.tasks[0]?.output).toEqual([
      { exitCode: 4, stdout: 'in', stderr: 'err\n', truncated: false },
      `quiet\n${folder.file('report')}\n`,
      { exitCode: 5 },
      'TASK_TIMEOUT',
    ]);
    expect(linesOf(events)).toEqual(expect.arrayContaining(['in', 'err']));
    expect(linesOf(events)).not.toContain('quiet');
  });
});

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // A zombie has ended; nobody has asked for its status yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('the order', () => {
  test('is that of the graph, as parallel as it allows', async () => {
    const log: string[] = [];
    let together = 0;
    let most = 0;
    const work = (name: string, dependsOn: string[]) =>
      plain(name, dependsOn, async () => {
        most = Math.max(most, ++together);
        await new Promise((next) => setTimeout(next, 20));
        together--;
        log.push(name);
      });
    const tasks = () => [work('d', ['b', 'c']), work('b', ['a']), work('c', ['a']), work('a', [])];
    await run(tasks());
    expect([log[0], log[3], most]).toEqual(['a', 'd', 2]);
    most = 0;
    await run(tasks(), { pipeline: { maxParallel: 1 } });
    expect(most).toBe(1);
    await run(tasks(), { pipeline: { maxParallel: 1 }, maxParallel: 2 });
    expect(most).toBe(2);
  });

  test('a long chain and a wide fan are no matter', async () => {
    const chain = Array.from({ length: 5_000 }, (_, i) => plain(`t${i}`, i === 0 ? [] : [`t${i - 1}`]));
    expect((await run([...chain].reverse())).report.status).toBe('succeeded');
    const failing = chain.map((task, i) => (i === 0 ? plain('t0', [], () => false) : task));
    const { states } = await run(failing);
    expect(states['t4999']).toBe('blocked');
  });

  test.each<[string, TaskDefinition[], string, string | RegExp]>([
    ['a circle', [plain('a', ['c']), plain('b', ['a']), plain('c', ['b']), plain('d', ['a'])], 'TASK_CYCLE', 'circle: a → c → b → a'],
    ['a circle behind others', [plain('x'), plain('y', ['x', 'z']), plain('z', ['y'])], 'TASK_CYCLE', 'y → z → y'],
    ['an unknown dependency', [plain('build'), plain('deploy', ['biuld'])], 'TASK_UNKNOWN', 'task "deploy" depends on "biuld"'],
    ['the same name twice', [plain('a'), plain('a')], 'TASK_DUPLICATE', 'two tasks are called "a"'],
  ])('%s is refused', async (_, tasks, code, message) => {
    await expect(run(tasks)).rejects.toMatchObject({ code, message: expect.stringContaining(message as string) });
  });
});

describe('a failure', () => {
  test('goes down the graph and leaves the rest alone', async () => {
    const { states, report } = await run([
      plain('staging', [], () => false),
      plain('smoke', ['staging']),
      plain('production', ['smoke', 'docs']),
      plain('docs'),
      plain('clean', ['smoke'], undefined, { when: 'always' }),
      plain('alarm', ['staging'], undefined, { when: 'failure' }),
      plain('after-clean', ['clean', 'alarm']),
      plain('idle', ['docs'], undefined, { when: 'failure' }),
    ]);
    expect(states).toEqual({
      staging: 'failed',
      smoke: 'blocked',
      production: 'blocked',
      docs: 'succeeded',
      clean: 'succeeded',
      alarm: 'succeeded',
      'after-clean': 'blocked',
      idle: 'skipped',
    });
    expect(report).toMatchObject({ status: 'failed', message: '8 tasks: 3 succeeded, 1 skipped, 1 failed, 3 blocked' });
    expect(report.tasks.find((task) => task.name === 'production')?.message).toBe('not run: smoke did not succeed');
  });

  test('of staging never lets production run, in any graph', async () => {
    const shape = fc.integer({ min: 2, max: 14 }).chain((size) =>
      fc.record({
        edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: size * 3 }),
        when: fc.array(fc.constantFrom('success', 'failure', 'always'), { minLength: size, maxLength: size }),
        how: fc.constantFrom('false', 'throw', 'condition', 'start', 'complete', 'success', 'artifact', 'timeout'),
        staging: fc.nat(size - 1),
        conditions: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
        parallel: fc.integer({ min: 1, max: 4 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shape, async ({ edges, when, how, staging, conditions, parallel }) => {
        const ran = new Set<number>();
        const size = when.length;
        // An edge always leads from a lower number to a higher one: there is no circle.
        const before = Array.from({ length: size }, (_, i) => [
          ...new Set(edges.filter(([a, b]) => Math.max(a, b) === i && a !== b).map(([a, b]) => Math.min(a, b))),
        ]);
        const tasks = before.map((list, i): TaskDefinition => {
          const fails = i === staging;
          return {
            name: `t${i}`,
            dependsOn: list.map((j) => `t${j}`),
            when: fails || list.length === 0 ? 'success' : (when[i] as 'success'),
            ...(fails && how === 'condition'
              ? { conditions: ['definitely-not-a-program'] }
              : conditions[i] || fails
                ? {}
                : { conditions: [() => false] }),
            ...(fails && how === 'success'
              ? {
                  onSuccess: () => {
                    throw new Error('hook');
                  },
                }
              : {}),
            ...(fails && how === 'artifact' ? { artifacts: ['nothing.txt'] } : {}),
            ...(fails && how === 'timeout' ? { timeoutMs: 5 } : {}),
            command: async () => {
              ran.add(i);
              await new Promise((next) => setImmediate(next));
              if (!fails) return true;
              if (how === 'throw') throw new Error('no');
              if (how === 'timeout') await new Promise((next) => setTimeout(next, 20));
              return how !== 'false';
            },
          };
        });
        const hook = (name: string, at: string) => {
          if (how === at && name === `t${staging}`) throw new Error('hook');
        };
        const { states, report } = await run(tasks, {
          maxParallel: parallel,
          graceMs: 100,
          pipeline: { onTaskStart: (name) => hook(name, 'start'), onTaskComplete: (name) => hook(name, 'complete') },
        });
        const reached = new Set([staging]);
        for (let i = 0; i < size; i++) if (before[i]?.some((j) => reached.has(j))) reached.add(i);
        if (states[`t${staging}`] === 'blocked') return;
        expect(states[`t${staging}`]).toBe('failed');
        expect(report.status).toBe('failed');
        for (const i of reached) {
          if (i === staging || tasks[i]?.when !== 'success') continue;
          expect(ran.has(i), `t${i} of ${JSON.stringify(before)}`).toBe(false);
          expect(states[`t${i}`]).toBe('blocked');
        }
        // And nothing else is held up.
        for (let i = 0; i < size; i++) if (!reached.has(i)) expect(['succeeded', 'skipped']).toContain(states[`t${i}`]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('conditions', () => {
  test('leave a task out without holding up what depends on it', async () => {
    const { states, report } = await run(
      [
        plain('a', [], undefined, { conditions: [() => false] }),
        plain('b', ['a'], (_, deps) => ({ got: deps['a'] })),
        plain('c', [], undefined, { conditions: ['true', async () => 1, 'test "$EVENKEEL_PARAM_X" = y'] }),
        plain('d', [], undefined, { conditions: ['false'] }),
        plain('e', [], undefined, { conditions: [() => ({ success: false })] }),
      ],
      { params: { x: 'y' } },
    );
    expect(states).toEqual({ a: 'skipped', b: 'succeeded', c: 'succeeded', d: 'skipped', e: 'skipped' });
    expect(report.tasks.find((task) => task.name === 'b')?.output).toEqual({ got: undefined });
  });

  test('that cannot be evaluated fail the task', async () => {
    const { report } = await run(
      [
        plain('a', [], undefined, {
          conditions: [
            () => {
              throw new Error('odd');
            },
          ],
        }),
        plain('b', [], undefined, { conditions: ['definitely-not-a-program'] }),
        plain('c', [], undefined, { conditions: [() => new Promise(() => undefined)], timeoutMs: 20 }),
      ],
      { graceMs: 20 },
    );
    expect(report.tasks.map((task) => [task.state, task.error?.code])).toEqual([
      ['failed', 'TASK_CONDITION_FAILED'],
      ['failed', 'TASK_CONDITION_FAILED'],
      ['failed', 'TASK_CONDITION_FAILED'],
    ]);
  });
});

describe('retries', () => {
  test('go on until one succeeds, and wait in between', async () => {
    const clock = manualClock();
    const at: number[] = [];
    const running = run(
      [
        plain(
          'a',
          [],
          (_, __, { attempt }) => {
            at.push(clock.now());
            return attempt === 3;
          },
          { retries: { limit: 5, backoff: 'exponential', delayMs: 1_000 } },
        ),
      ],
      { clock },
    );
    for (let i = 0; i < 10; i++) await clock.advance(1_000);
    const { report, events } = await running;
    expect(at.map((time) => time - (at[0] as number))).toEqual([0, 1_000, 3_000]);
    expect(report.tasks[0]).toMatchObject({ state: 'succeeded', attempts: 3, output: true });
    expect(report.tasks[0]?.error).toBeUndefined();
    expect(events.filter((event) => event.type === 'task-retrying')).toMatchObject([
      { attempt: 2, inMs: 1_000, reason: 'the task reported failure' },
      { attempt: 3, inMs: 2_000 },
    ]);
  });

  test('end with the last error', async () => {
    const { report } = await run([
      plain(
        'a',
        [],
        (_, __, { attempt }) => {
          throw new Error(`no ${attempt}`);
        },
        { retries: { limit: 2, backoff: 'fixed', delayMs: 0 } },
      ),
    ]);
    expect(report.tasks[0]).toMatchObject({ state: 'failed', attempts: 3, message: 'no 3' });
  });

  test('begin with a fresh time limit', async () => {
    const { report } = await run([
      plain(
        'a',
        [],
        async (_, __, { attempt, signal }) => {
          if (attempt === 1)
            await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new DOMException('x', 'AbortError'))));
        },
        { timeoutMs: 50, retries: { limit: 1, backoff: 'fixed', delayMs: 0 } },
      ),
    ]);
    expect(report.tasks[0]).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  test('are not begun beside an attempt that goes on although its time was up', async () => {
    let attempts = 0;
    const { report } = await run(
      [
        plain(
          'a',
          [],
          () => {
            attempts++;
            return new Promise(() => undefined);
          },
          { timeoutMs: 20, retries: { limit: 3, backoff: 'fixed', delayMs: 0 } },
        ),
      ],
      { graceMs: 20 },
    );
    expect(attempts).toBe(1);
    expect(report.tasks[0]).toMatchObject({
      state: 'failed',
      error: { code: 'TASK_TIMEOUT', hint: expect.stringContaining('context.signal') },
    });
  });

  test.each([
    ['exponential', [1_000, 2_000, 4_000, 8_000]],
    ['linear', [1_000, 2_000, 3_000, 4_000]],
    ['fixed', [1_000, 1_000, 1_000, 1_000]],
  ] as const)('%s backoff', (backoff, delays) => {
    expect([1, 2, 3, 4].map((failed) => delayBefore(failed, { backoff }))).toEqual(delays);
    expect(delayBefore(1_000, { backoff })).toBeLessThanOrEqual(300_000);
  });
});

describe('hooks', () => {
  test('are called in order, one after the other, with results', async () => {
    const calls: unknown[] = [];
    let inside = 0;
    const slow = async (...call: unknown[]) => {
      expect(++inside).toBe(1);
      await new Promise((next) => setTimeout(next, 5));
      inside--;
      calls.push(call);
    };
    await run(
      [
        plain('a', [], () => ({ success: true, output: 1 }), {
          onSuccess: (result) => void calls.push(['success', result.name, result.output]),
        }),
        plain('b', [], () => ({ success: false, message: 'no' }), {
          onFailure: (result) => void calls.push(['failure', result.name, result.message]),
        }),
        plain('c', ['b']),
      ],
      {
        pipeline: {
          onTaskStart: (name) => slow('start', name),
          onTaskComplete: (name, success, output) => slow('complete', name, success, output),
          onComplete: (success, results) =>
            slow(
              'end',
              success,
              Object.entries(results).map(([name, result]) => [name, result.state]),
            ),
        },
      },
    );
    const of = (name: string) => calls.filter((call) => (call as unknown[])[1] === name);
    expect(of('a')).toEqual([
      ['start', 'a'],
      ['success', 'a', 1],
      ['complete', 'a', true, 1],
    ]);
    expect(of('b')).toEqual([
      ['start', 'b'],
      ['failure', 'b', 'no'],
      ['complete', 'b', false, { success: false, message: 'no' }],
    ]);
    expect(of('c')).toEqual([]);
    expect(calls.at(-1)).toEqual([
      'end',
      false,
      [
        ['a', 'succeeded'],
        ['b', 'failed'],
        ['c', 'blocked'],
      ],
    ]);
  });

  test.each(['onTaskStart', 'onTaskComplete', 'onSuccess'] as const)(
    '%s that throws fails its task, and what comes after',
    async (hook) => {
      const boom = () => {
        throw new Error('boom');
      };
      const { states, report, events } = await run(
        [plain('a', [], () => true, hook === 'onSuccess' ? { onSuccess: boom } : {}), plain('b', ['a'])],
        {
          pipeline: hook === 'onSuccess' ? undefined : { [hook]: boom },
        },
      );
      expect(states).toEqual({ a: 'failed', b: 'blocked' });
      expect(report.tasks[0]).toMatchObject({ error: { code: 'TASK_HOOK_FAILED' }, message: `the hook ${hook} failed: boom` });
      expect(events.filter((event) => event.type === 'hook-failed')).toMatchObject([{ hook, task: 'a' }]);
    },
  );

  test('cannot make a success of a failure, nor a failure of a success', async () => {
    const turn = (result: { success: boolean; state: TaskState }) => {
      result.success = !result.success;
      result.state = result.success ? 'succeeded' : 'failed';
    };
    const { states } = await run(
      [plain('a', [], () => false, { onFailure: turn }), plain('b', ['a']), plain('c', [], () => true, { onSuccess: turn })],
      {
        pipeline: { onComplete: (_, results) => Object.values(results).forEach(turn) },
      },
    );
    expect(states).toEqual({ a: 'failed', b: 'blocked', c: 'succeeded' });
  });

  test('that fail a task which succeeded say so in its message', async () => {
    const { report } = await run([plain('a', [], () => ({ success: true, message: 'healthy' }))], {
      pipeline: {
        onTaskComplete: () => {
          throw new Error('not so');
        },
      },
    });
    expect(report.tasks[0]).toMatchObject({ state: 'failed', message: 'the hook onTaskComplete failed: not so' });
  });

  test('onFailure that throws is told beside the failure', async () => {
    const { report, events } = await run([
      plain('a', [], () => false, {
        onFailure: () => {
          throw new Error('boom');
        },
      }),
    ]);
    expect(report.tasks[0]?.error).toMatchObject({ code: 'TASK_FAILED' });
    expect(events.filter((event) => event.type === 'hook-failed')).toMatchObject([
      { hook: 'onFailure', error: { message: 'the hook onFailure failed: boom' } },
    ]);
  });

  test('onComplete that throws fails the run', async () => {
    const { report } = await run([plain('a')], {
      pipeline: {
        onComplete: async () => {
          throw new Error('boom');
        },
      },
    });
    expect(report).toMatchObject({ status: 'failed', errors: [{ code: 'TASK_HOOK_FAILED', message: 'the hook onComplete failed: boom' }] });
  });
});

describe('cancellation', () => {
  test('ends what runs, starts nothing more, and is no failure of a task', async () => {
    const abort = new AbortController();
    const started: string[] = [];
    const running = run(
      [
        plain('function', [], async (_, __, { signal }) => {
          started.push('function');
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        }),
        plain('deaf', [], () => new Promise(() => undefined)),
        plain('shell', [], 'sleep 300'),
        plain('retrying', [], () => false, { retries: { limit: 9, backoff: 'fixed', delayMs: 100_000 } }),
        plain('done', [], () => {
          setTimeout(() => abort.abort(new EvenkeelError('CANCELLED', 'interrupted')), 150);
        }),
        plain('later', ['shell'], () => void started.push('later')),
        plain('always', ['shell'], () => void started.push('always'), { when: 'always' }),
      ],
      { signal: abort.signal },
    );
    const { report, states } = await running;
    expect(states).toEqual({
      function: 'cancelled',
      deaf: 'cancelled',
      shell: 'cancelled',
      retrying: 'cancelled',
      done: 'succeeded',
      later: 'cancelled',
      always: 'cancelled',
    });
    expect(started).toEqual(['function']);
    expect(report.status).toBe('cancelled');
  });

  test('while a hook runs starts no command', async () => {
    const abort = new AbortController();
    const ran: string[] = [];
    const { states } = await run([plain('a', [], () => void ran.push('a'))], {
      signal: abort.signal,
      pipeline: { onTaskStart: () => abort.abort() },
    });
    expect([ran, states]).toEqual([[], { a: 'cancelled' }]);
  });

  test('before the beginning runs nothing, and keeps what was kept', async () => {
    const abort = new AbortController();
    abort.abort();
    const { states } = await run([plain('a'), plain('b', ['a'])], { signal: abort.signal, kept: new Map([['a', 1]]) });
    expect(states).toEqual({ a: 'kept', b: 'cancelled' });
  });

  test('before the beginning runs nothing', async () => {
    const abort = new AbortController();
    abort.abort();
    const { report } = await run(
      [
        plain('a', [], () => {
          throw new Error('it ran');
        }),
      ],
      { signal: abort.signal },
    );
    expect(report).toMatchObject({ status: 'cancelled', tasks: [{ state: 'cancelled' }] });
  });
});

describe('a selection', () => {
  const tasks = () => [plain('a', [], () => 1), plain('b', ['a'], (_, deps) => ({ a: deps['a'] })), plain('c', ['b']), plain('d', ['a'])];
  test.each<[string, RunOptions['select'], string[]]>([
    ['targets', { targets: ['b'] }, ['a', 'b']],
    ['from', { from: 'b' }, ['b', 'c']],
    ['only', { only: ['c', 'd'] }, ['d', 'c']],
    ['nothing', {}, ['a', 'b', 'd', 'c']],
  ])('%s', async (_, select, expected) => {
    const { report } = await run(tasks(), { select });
    expect(report.tasks.map((task) => task.name)).toEqual(expected);
    expect(report.status).toBe('succeeded');
  });

  test('of an unknown task names the nearest', async () => {
    await expect(run([plain('deploy'), plain('test')], { select: { targets: ['depoly'] } })).rejects.toMatchObject({
      code: 'TASK_UNKNOWN',
      hint: 'Did you mean "deploy"?',
    });
    await expect(run([plain('deploy'), plain('test')], { select: { from: 'x' } })).rejects.toMatchObject({
      hint: 'There are deploy, test.',
    });
  });

  test('of a run that goes on comes to what a run without failures comes to, in any graph', async () => {
    const shape = fc.integer({ min: 1, max: 10 }).chain((size) =>
      fc.record({
        edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: size * 2 }),
        fails: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shape, async ({ edges, fails }) => {
        const count = fails.map(() => 0);
        const tasks = (failing: boolean) =>
          fails.map((fail, i) =>
            plain(
              `t${i}`,
              [...new Set(edges.filter(([a, b]) => Math.max(a, b) === i && a !== b).map(([a, b]) => `t${Math.min(a, b)}`))],
              (_, deps) => {
                if (failing && fail) throw new Error('no');
                count[i] = (count[i] ?? 0) + 1;
                return { i, deps };
              },
            ),
          );
        const first = await run(tasks(true));
        const kept = new Map(first.report.tasks.filter((task) => task.state === 'succeeded').map((task) => [task.name, task.output]));
        const second = await run(tasks(false), { kept });
        expect(count).toEqual(fails.map(() => 1));
        const straight = await run(tasks(false));
        expect(second.report.status).toBe('succeeded');
        expect(second.report.tasks.map((task) => task.output)).toEqual(straight.report.tasks.map((task) => task.output));
      }),
      { numRuns: 60 },
    );
  });

  test('of a run that goes on keeps what succeeded, unless something before it runs again', async () => {
    const { report } = await run(
      [plain('a', [], () => 9), plain('b', ['a'], (_, deps) => deps['a']), plain('c', ['n'], () => 3), plain('n')],
      {
        kept: new Map<string, unknown>([
          ['a', 1],
          ['c', 2],
        ]),
      },
    );
    expect(Object.fromEntries(report.tasks.map((task) => [task.name, [task.state, task.output]]))).toEqual({
      a: ['kept', 1],
      b: ['succeeded', 1],
      c: ['succeeded', 3],
      n: ['succeeded', undefined],
    });
  });
});

test('what is not selected has its output from the run that this one goes on from', async () => {
  const { report } = await run([plain('a', [], () => 9), plain('b', ['a'], (_, deps) => deps['a'])], {
    select: { only: ['b'] },
    kept: new Map([['a', 1]]),
  });
  expect(report.tasks).toMatchObject([{ name: 'b', output: 1 }]);
});

describe('secrets', () => {
  test('never come out: not in lines, messages, errors or events', async () => {
    const secret = 'hunter2-is-secret';
    const { report, events } = await run(
      [
        plain(
          'a',
          [],
          (params, _, { log, mask }) => {
            mask('found-later');
            log.info(`using ${String(params['password'])} and found-later`, { token: 'env-s3cret' });
            throw new Error(`cannot sign in with ${Buffer.from(secret).toString('base64')}`);
          },
          {
            onFailure: () => {
              throw new Error(`hook ${secret}`);
            },
          },
        ),
        plain('b', [], 'echo "$EVENKEEL_PARAM_PASSWORD"; echo "$EVENKEEL_PARAM_PASSWORD" >&2; exit 1'),
        plain('c', [], () => ({ success: false, message: `bad ${secret}` })),
      ],
      { params: { password: secret }, masker: createMasker(['env-s3cret']), pipeline: { params: { password: { secret: true } } } },
    );
    const told = JSON.stringify([
      report.message,
      report.errors,
      report.tasks.map(({ output: _, ...rest }) => rest),
      events.filter((event) => event.type === 'log' || event.type === 'hook-failed'),
    ]);
    for (const text of [secret, Buffer.from(secret).toString('base64'), 'found-later', 'env-s3cret']) expect(told).not.toContain(text);
    expect(told).toContain('•••');
    expect(report.tasks.map((task) => task.state)).toEqual(['failed', 'failed', 'failed']);
  });
});

describe('artifacts', () => {
  test('are kept with the run', async () => {
    const { report, artifacts } = await run([
      plain('tests/unit', [], (_, __, context) => context.exec(`echo log > "${context.artifactsDirectory}/own.log"`), {
        artifacts: ['report/**', './report/a.txt'],
      }),
      plain('shell', [], 'echo x > "$EVENKEEL_ARTIFACTS/x.txt"'),
      plain('none', [], 'true'),
    ]);
    expect(report.status).toBe('succeeded');
    const [unit, shell, none] = report.tasks.map((task) => task.artifacts);
    expect(unit?.map((path) => path.replace(/^tests_unit-\w{8}\//, ''))).toEqual(['own.log', 'report/a.txt', 'report/deep/b.txt']);
    expect([shell, none]).toEqual([['shell/x.txt'], []]);
    expect(readFileSync(join(artifacts, 'shell/x.txt'), 'utf8')).toBe('x\n');
    expect(existsSync(join(artifacts, 'none'))).toBe(false);
  });

  test.each([
    ['report/*.xml', /matches no file/],
    ['../outside', /matches no file|leads out/],
    ['/etc/hostname', /leads out/],
    ['../**', /leads out/],
  ])('%s is an error', async (pattern, message) => {
    const { report } = await run([plain('a', [], undefined, { artifacts: [pattern] })]);
    expect(report.tasks[0]).toMatchObject({ state: 'failed', error: { code: 'TASK_ARTIFACT', message: expect.stringMatching(message) } });
  });
});

test('the DSL and the runner fit together', async () => {
  const { task, workflow } = createDsl();
  const image = task('image')
    .command(() => ({ success: true, output: { digest: 'sha256:1' } }))
    .build();
  const deploy = task('deploy')
    .dependsOn(image)
    .command((_, deps) => deps.image.digest)
    .build();
  const { name, ...pipeline } = workflow.define('release', { tasks: [image, deploy] });
  expect(name).toBe('release');
  const { report } = await run(pipeline.tasks);
  expect(report.tasks.map((one) => one.output)).toEqual([{ digest: 'sha256:1' }, 'sha256:1']);
});
