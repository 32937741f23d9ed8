import { EvenkeelError } from '../../model/index.js';
import type { Backoff, PipelineDefinition, SourcePlace, TaskDefinition, Trigger } from '../types.js';
import { checkName, checkPipeline, checkTask, describe, durationOf, invalid, isRecord } from './check.js';
import type { NewTask, Workflow } from './typed.js';

/** `task` and `workflow` as a script sees them, and what it declared with them. */
export interface Dsl {
  task: NewTask;
  workflow: Workflow;
  /**
   * What was declared up to now.
   * @throws EvenkeelError TASK_INVALID for a task without build(), TASK_DUPLICATE
   */
  declared(): { pipelines: PipelineDefinition[]; tasks: TaskDefinition[] };
}

/** @param locate the place in the script that is being executed */
export function createDsl(locate: () => SourcePlace | undefined = () => undefined): Dsl {
  const open = new Map<object, { name: string; place: SourcePlace | undefined }>();
  const built: TaskDefinition[] = [];
  const pipelines: PipelineDefinition[] = [];

  const task = (name: unknown) => {
    const place = locate();
    const draft: TaskDefinition = { name: checkName('task', name, place), dependsOn: [] };
    if (place !== undefined) draft.source = place;
    const builder = createBuilder(draft, () => {
      open.delete(builder);
      built.push(draft);
    });
    open.set(builder, { name: draft.name, place });
    return builder;
  };

  const define = (name: unknown, options: unknown): PipelineDefinition => {
    const place = locate();
    const what = `pipeline "${checkName('pipeline', name, place)}"`;
    if (!isRecord(options))
      throw invalid(what, `its options are ${describe(options)}, not an object`, {
        place,
        hint: "workflow.define('name', { tasks: [build, deploy] })",
      });
    if ('name' in options || 'source' in options) throw invalid(what, 'its name is the first argument', { place, field: 'name' });
    const pipeline = checkPipeline({ ...options, name, ...(place === undefined ? {} : { source: place }) });
    if (pipelines.some((other) => other.name === name))
      throw new EvenkeelError('TASK_DUPLICATE', `two pipelines are called "${String(name)}"`, { where: { ...place } });
    pipelines.push({ ...pipeline, tasks: [...pipeline.tasks] });
    return pipeline;
  };

  return {
    task: task as unknown as NewTask,
    workflow: { define } as unknown as Workflow,
    declared() {
      for (const { name, place } of open.values()) throw notBuilt(name, place);
      const taken = new Set(pipelines.flatMap((pipeline) => pipeline.tasks));
      return { pipelines, tasks: built.filter((one) => !taken.has(one)) };
    },
  };
}

function notBuilt(name: string, place: SourcePlace | undefined): EvenkeelError {
  return invalid(`task "${name}"`, 'it is not built', { place, hint: 'End its declaration with .build()' });
}

function createBuilder(draft: TaskDefinition, done: () => void): { [step: string]: (...args: never[]) => unknown } {
  const what = `task "${draft.name}"`;
  const place = draft.source;
  let finished = false;
  const step =
    <A extends unknown[]>(body: (...args: A) => void) =>
    (...args: A) => {
      if (finished) throw invalid(what, 'it is built already and cannot be changed', { place });
      body(...args);
      return builder;
    };
  const text = (field: string, value: unknown) => {
    if (typeof value !== 'string') throw invalid(what, `${field} is ${describe(value)}, not a text`, { place, field });
    return value;
  };
  const condition = step((holds: unknown) => {
    if (typeof holds !== 'function' && typeof holds !== 'string')
      throw invalid(what, `a condition is ${describe(holds)}, not a function or a command for the shell`, { place, field: 'condition' });
    draft.conditions = [...(draft.conditions ?? []), holds as string];
  });
  const builder: { [step: string]: (...args: never[]) => unknown } = {
    description: step((value: unknown) => {
      draft.description = text('description', value);
    }),
    dependsOn: step((...tasks: unknown[]) => {
      for (const one of tasks.flat()) {
        if (one === undefined || one === null)
          throw invalid(what, `dependsOn is given ${describe(one)}`, {
            place,
            field: 'dependsOn',
            hint: 'Is the variable misspelt, or declared further down?',
          });
        if (isRecord(one) && typeof one['build'] === 'function')
          throw invalid(what, 'it depends on a task that is not built', {
            place,
            field: 'dependsOn',
            hint: 'End the declaration of that task with .build()',
          });
        const name = isRecord(one) ? one['name'] : one;
        if (typeof name !== 'string' || name === '')
          throw invalid(what, `dependsOn is given ${describe(one)}, not a task or its name`, { place, field: 'dependsOn' });
        if (!draft.dependsOn.includes(name)) draft.dependsOn.push(name);
      }
    }),
    params: step((params: unknown) => {
      if (!isRecord(params)) throw invalid(what, `params is ${describe(params)}, not an object`, { place, field: 'params' });
      draft.params = { ...draft.params, ...(params as TaskDefinition['params']) };
    }),
    command: step((command: unknown) => {
      if (draft.command !== undefined) throw invalid(what, 'it has a command already', { place, field: 'command' });
      draft.command = command as string;
    }),
    timeout: step((duration: unknown) => {
      draft.timeoutMs = durationOf(what, 'timeout', duration, place);
    }),
    retries: step((limit: unknown, backoff: unknown = 'exponential', delay?: unknown) => {
      draft.retries = {
        limit: limit as number,
        backoff: backoff as Backoff,
        ...(delay === undefined ? {} : { delayMs: durationOf(what, 'retries', delay, place) }),
      };
    }),
    condition,
    runIf: condition,
    when: step((trigger: unknown) => {
      if (typeof trigger === 'function') condition(trigger);
      else draft.when = trigger as Trigger;
    }),
    onSuccess: step((hook: unknown) => {
      draft.onSuccess = hook as TaskDefinition['onSuccess'];
    }),
    onFailure: step((hook: unknown) => {
      draft.onFailure = hook as TaskDefinition['onFailure'];
    }),
    artifacts: step((...paths: unknown[]) => {
      draft.artifacts = [...(draft.artifacts ?? []), ...(paths.flat() as string[])];
    }),
    build: () => {
      if (finished) throw invalid(what, 'it is built already', { place });
      checkTask(draft);
      finished = true;
      done();
      return Object.freeze(draft);
    },
  };
  return builder;
}
