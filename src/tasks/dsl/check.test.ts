import { describe, expect, test } from 'vitest';
import type { EvenkeelError } from '../../model/index.js';
import { checkPipeline, checkTask, createDsl } from '../index.js';

const refusal = (body: () => unknown): EvenkeelError => {
  try {
    body();
  } catch (error) {
    return error as EvenkeelError;
  }
  throw new Error('nothing was refused');
};

describe('a task', () => {
  test.each<[unknown, string, RegExp?]>([
    [undefined, 'task: undefined is not a task'],
    ['build', 'task: "build" is not a task'],
    [{}, 'task: its name is undefined, not a string'],
    [{ name: ' ', dependsOn: [] }, 'task: its name is empty'],
    [{ name: 'a\u001b[31m', dependsOn: [] }, 'task: its name holds control characters'],
    [{ name: 'x'.repeat(201), dependsOn: [] }, 'task: its name is longer than 200 characters'],
    [{ name: '__proto__', dependsOn: [] }, 'task: its name is reserved'],
    [{ name: 'a' }, 'task "a": dependsOn is undefined, not a list of names of tasks'],
    [{ name: 'a', dependsOn: ['a'] }, 'task "a": it depends on itself'],
    [{ name: 'a', dependsOn: [1] }, 'task "a": dependsOn is a list, not a list of names of tasks'],
    [{ name: 'a', dependsOn: [], command: 3 }, 'task "a": command is 3, not a function or a command for the shell'],
    [{ name: 'a', dependsOn: [], command: '  ' }, 'task "a": command is "  ", not a function or a command for the shell'],
    [{ name: 'a', dependsOn: [], timeoutMs: 0 }, 'task "a": timeoutMs is 0, not a number of milliseconds above 0'],
    [{ name: 'a', dependsOn: [], retries: { limit: -1, backoff: 'fixed' } }, 'task "a": retries is -1, not a whole number from 0 to 1000'],
    [{ name: 'a', dependsOn: [], retries: { limit: 1, backoff: 'exponental' } }, /retries.backoff is "exponental"/.source, /exponential/],
    [{ name: 'a', dependsOn: [], when: 'failed' }, /when is "failed"/.source],
    [{ name: 'a', dependsOn: [], when: 'failure' }, /nothing is before it/.source, /dependsOn/],
    [{ name: 'a', dependsOn: [], dependson: [] }, 'task "a": nobody knows the option "dependson"', /Did you mean "dependsOn"/],
    [{ name: 'a', dependsOn: [], onSuccess: 'x' }, 'task "a": onSuccess is "x", not a function'],
    [{ name: 'a', dependsOn: [], artifacts: 'x' }, 'task "a": artifacts is "x", not a list of paths'],
    [{ name: 'a', dependsOn: [], params: { 'a b': 1 } }, /a parameter cannot be called "a b"/.source],
    [{ name: 'a', dependsOn: [], params: { a: () => 1 } }, 'task "a": the parameter "a" is not plain data'],
    [{ name: 'a', dependsOn: [], params: { a: { type: 'int' } } }, /the type of "a" is none of/.source],
    [{ name: 'a', dependsOn: [], params: { a: { type: 'number', default: '3' } } }, 'task "a": the default of "a" is not a number'],
    [{ name: 'a', dependsOn: [], params: { a: { default: 'x', choices: ['y'] } } }, 'task "a": the default of "a" is none of its choices'],
  ])('%j is refused', (task, message, hint) => {
    const error = refusal(() => checkTask(task));
    expect(error.code).toBe('TASK_INVALID');
    expect(error.message.includes(message) || new RegExp(message).test(error.message), error.message).toBe(true);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  test('that is right is given back', () => {
    const task = {
      name: 'a',
      dependsOn: ['b'],
      command: 'true',
      when: 'always',
      retries: { limit: 0, backoff: 'linear' },
      source: { file: '/x.ts', line: 3 },
    };
    expect(checkTask(task)).toBe(task);
  });

  test('says where it stands', () => {
    expect(refusal(() => checkTask({ name: 'a', dependsOn: [], when: 3, source: { file: '/x.ts', line: 3 } })).where).toEqual({
      file: '/x.ts',
      line: 3,
      field: 'when',
    });
  });
});

describe('a pipeline', () => {
  const { task, workflow } = createDsl(() => ({ file: '/x.ts', line: 7 }));
  const build = task('build').build();
  test.each<[string, () => unknown, string, RegExp?]>([
    ['no tasks', () => checkPipeline({ name: 'p' }), 'pipeline "p": tasks is undefined, not a list of tasks'],
    [
      'a hole',
      () => workflow.define('p1', { tasks: [build, undefined as never] }),
      'pipeline "p1": task 2 of its list is undefined',
      /misspelt/,
    ],
    [
      'a task that is not built',
      () => workflow.define('p2', { tasks: [task('x') as never] }),
      'pipeline "p2": task 1 of its list is not built',
      /build\(\)/,
    ],
    ['the same task twice', () => workflow.define('p3', { tasks: [build, build] }), 'pipeline "p3" has two tasks called "build"'],
    [
      'a hook that is none',
      () => workflow.define('p4', { tasks: [build], onComplete: 3 as never }),
      'pipeline "p4": onComplete is 3, not a function',
    ],
    [
      'an option of nobody',
      () => workflow.define('p5', { tasks: [build], on_complete: () => 1 } as never),
      'pipeline "p5": nobody knows the option "on_complete"',
      /onComplete/,
    ],
    [
      'no parallelism',
      () => workflow.define('p6', { tasks: [build], maxParallel: 0 }),
      'pipeline "p6": maxParallel is 0, not a whole number from 1',
    ],
    ['no name', () => workflow.define('', { tasks: [build] }), 'pipeline: its name is empty'],
    [
      'no options',
      () => (workflow.define as unknown as (name: string) => void)('p7'),
      'pipeline "p7": its options are undefined, not an object',
    ],
  ])('with %s is refused', (_, body, message, hint) => {
    const error = refusal(body);
    expect(error.message).toBe(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  test('of a name that is taken is refused', () => {
    workflow.define('same', { tasks: [build] });
    expect(refusal(() => workflow.define('same', { tasks: [build] }))).toMatchObject({
      code: 'TASK_DUPLICATE',
      where: { file: '/x.ts', line: 7 },
    });
  });
});

describe('a builder', () => {
  const { task, declared } = createDsl();
  test.each<[string, () => unknown, string]>([
    ['two commands', () => task('a').command('x').command('y'), 'task "a": it has a command already'],
    ['a number for a duration', () => task('a').timeout(3 as never), 'task "a": timeout is 3, not a duration'],
    ['an unknown dependency', () => task('a').dependsOn(undefined as never), 'task "a": dependsOn is given undefined'],
    ['a dependency that is not built', () => task('a').dependsOn(task('b') as never), 'task "a": it depends on a task that is not built'],
    [
      'a condition that is none',
      () => task('a').condition(true as never),
      'task "a": a condition is true, not a function or a command for the shell',
    ],
    ['parameters that are none', () => task('a').params([] as never), 'task "a": params is a list, not an object'],
    [
      'another step after its end',
      () => {
        const builder = task('z');
        builder.build();
        builder.description('x');
      },
      'task "z": it is built already and cannot be changed',
    ],
  ])('refuses %s', (_, body, message) => {
    expect(refusal(body).message).toBe(message);
  });

  test('makes what it was told', () => {
    const { task: make } = createDsl();
    const built = make('a')
      .description('d')
      .dependsOn('b', ['c', 'b'])
      .timeout('1m30s')
      .retries(2, 'fixed', '250ms')
      .condition('test -f x')
      .runIf(() => true)
      .when('always')
      .artifacts('a', ['b/**'])
      .params({ x: 1 })
      .command('true')
      .build();
    expect(built).toMatchObject({
      name: 'a',
      description: 'd',
      dependsOn: ['b', 'c'],
      timeoutMs: 90_000,
      retries: { limit: 2, backoff: 'fixed', delayMs: 250 },
      conditions: ['test -f x', expect.any(Function)],
      when: 'always',
      artifacts: ['a', 'b/**'],
      params: { x: 1 },
      command: 'true',
    });
    expect(Object.isFrozen(built)).toBe(true);
  });

  test('that is never built is told', () => {
    expect(refusal(declared)).toMatchObject({ code: 'TASK_INVALID', hint: 'End its declaration with .build()' });
  });
});
