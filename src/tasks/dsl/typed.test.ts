import { describe, expect, expectTypeOf, test } from 'vitest';
import { createDsl } from '../index.js';
import type { ParamValue, TaskContext, TaskResult } from '../types.js';
import type { Task } from './typed.js';

const { task, workflow } = createDsl();

const image = task('image')
  .params({ registry: 'registry.example', tag: { type: 'string', required: true }, replicas: 3, note: { type: 'string' }, dry: false })
  .command(async (params, deps, context) => {
    expectTypeOf(params.registry).toEqualTypeOf<string>();
    expectTypeOf(params.tag).toEqualTypeOf<string>();
    expectTypeOf(params.replicas).toEqualTypeOf<number>();
    expectTypeOf(params.note).toEqualTypeOf<string | undefined>();
    expectTypeOf(params.dry).toEqualTypeOf<boolean>();
    expectTypeOf(context).toEqualTypeOf<TaskContext>();
    // @ts-expect-error: no such parameter is declared
    void params.regsitry;
    // @ts-expect-error: it depends on nothing
    void deps.anything;
    return { success: true, message: 'built', output: { digest: 'sha256:1' } };
  })
  .build();
const lint = task('lint').command('npm run lint').build();
const maybe = task('maybe')
  .condition(() => true)
  .command(() => 42)
  .build();

describe('the types of the DSL', () => {
  test('a task object among the dependencies brings the type of its output', () => {
    expectTypeOf(image).toEqualTypeOf<Task<'image', { digest: string }, never>>();
    const deploy = task('deploy')
      .dependsOn(image, lint, maybe, 'elsewhere')
      .command((params, deps) => {
        expectTypeOf(params).toEqualTypeOf<{ [name: string]: ParamValue }>();
        expectTypeOf(deps.image).toEqualTypeOf<{ digest: string }>();
        expectTypeOf(deps.lint).toEqualTypeOf<string>();
        expectTypeOf(deps.maybe).toEqualTypeOf<number | undefined>();
        expectTypeOf(deps.elsewhere).toEqualTypeOf<unknown>();
        // @ts-expect-error: the name is wrong
        void deps.imgae;
        // @ts-expect-error: the output has no such member
        void deps.image.digets;
        return deps.image.digest;
      })
      .build();
    expectTypeOf(deploy).toEqualTypeOf<Task<'deploy', string, 'image' | 'lint' | 'maybe' | 'elsewhere'>>();
    expect(deploy.dependsOn).toEqual(['image', 'lint', 'maybe', 'elsewhere']);
  });

  test('lists of dependencies do the same', () => {
    const after = task('after')
      .dependsOn([image, 'other'])
      .command((_, deps) => {
        expectTypeOf(deps.image.digest).toEqualTypeOf<string>();
        return deps.image;
      })
      .build();
    expect(after.dependsOn).toEqual(['image', 'other']);
  });

  test('what runs after a failure sees outputs that may be missing', () => {
    task('clean')
      .dependsOn(image)
      .when('always')
      .command((_, deps) => {
        expectTypeOf(deps.image).toEqualTypeOf<{ digest: string } | undefined>();
      })
      .build();
  });

  test('conditions and hooks know what the task knows', () => {
    task('c')
      .dependsOn(image)
      .condition((_, deps) => deps.image.digest !== '')
      .command(() => 1)
      .onSuccess((result) => {
        expectTypeOf(result.output).toEqualTypeOf<number>();
        expectTypeOf(result).toExtend<TaskResult>();
      })
      .build();
  });

  test('a pipeline refuses names that none of its tasks has', () => {
    const deploy = task('ship').dependsOn(lint, 'image').build();
    workflow.define('all', {
      tasks: [image, lint, deploy],
      onTaskStart: (name) => expectTypeOf(name).toEqualTypeOf<'image' | 'lint' | 'ship'>(),
      onTaskComplete: (name) => expectTypeOf(name).toEqualTypeOf<'image' | 'lint' | 'ship'>(),
      onComplete: (_, results) => {
        // A run of some of the tasks has no result of the others.
        expectTypeOf(results.image).toEqualTypeOf<TaskResult | undefined>();
        // @ts-expect-error: no task has this name
        void results.imgae;
      },
    });
    // @ts-expect-error: "lint" is missing among the tasks
    workflow.define('lacking', { tasks: [image, deploy] });
    // @ts-expect-error: no option has this name
    expect(() => workflow.define('odd', { tasks: [image], maxParalel: 3 })).toThrow(/Did you mean|nobody knows/);
    // @ts-expect-error: a duration is a text
    expect(() => task('t').timeout(5)).toThrow('timeout is 5');
    // @ts-expect-error: no such backoff
    expect(() => task('r').retries(1, 'quadratic').build()).toThrow('exponential, linear, fixed');
  });

  test('a list whose names are not known to the compiler is taken as it is', () => {
    const many: Task[] = ['a', 'b'].map((name) =>
      task(name)
        .command(() => undefined)
        .build(),
    );
    workflow.define('many', { tasks: many });
    expect(workflow.define('more', { tasks: [...many, image] }).tasks).toHaveLength(3);
  });
});
