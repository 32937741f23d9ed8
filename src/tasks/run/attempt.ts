import { EvenkeelError, formatDuration, isAbort } from '../../model/index.js';
import type { Condition, Outputs, Params, TaskContext, TaskDefinition } from '../types.js';
import { type Aborts, isAbandoned, reasonOf, settleOrAbort } from './abort.js';
import { createContext, execute, type RunSetting, shellEnvironment } from './context.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { withScope } from './scope.js';

/** What a task gets. */
export interface TaskInput {
  task: TaskDefinition;
  params: Params;
  deps: Outputs;
  aborts: Aborts;
}

/** Calls a function of the script on behalf of a task, within the task's scope. */
export function callWithin(setting: RunSetting, context: TaskContext, body: () => unknown): Promise<unknown> {
  const { host } = setting;
  const enter = () => (host.enter === undefined ? body() : host.enter(context, body));
  // A function that is not asynchronous may throw at once.
  const work = (async () => await withScope({ task: context, log: context.log }, enter))();
  return settleOrAbort(work, context.signal, setting.graceMs);
}

/**
 * One attempt at a task, within its time limit.
 * @throws what the task throws; EvenkeelError TASK_TIMEOUT, TASK_COMMAND_FAILED, CANCELLED
 */
export function attemptTask(setting: RunSetting, input: TaskInput, attempt: number): Promise<Outcome> {
  const { task, params, deps } = input;
  return withTimeLimit(setting, input, attempt, async (context) => {
    const { command } = task;
    if (command === undefined) return { success: true };
    if (typeof command === 'function') return outcomeOf(await callWithin(setting, context, () => command(params, deps, context)));
    const env = shellEnvironment(setting, context, params, deps);
    const { stdout, truncated } = await execute(setting, { task, signal: context.signal, command, options: {}, env });
    if (truncated) context.log.warn('the output is longer than 1 MiB: only its end is kept');
    return { success: true, output: stdout.trimEnd() };
  });
}

/**
 * Whether all conditions of a task hold.
 * @throws EvenkeelError TASK_CONDITION_FAILED where one cannot be evaluated; CANCELLED
 */
export async function conditionsHold(setting: RunSetting, input: TaskInput): Promise<boolean> {
  for (const condition of input.task.conditions ?? []) {
    try {
      if (!(await withTimeLimit(setting, input, 0, (context) => holds(setting, input, context, condition)))) return false;
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new EvenkeelError(
        'TASK_CONDITION_FAILED',
        `a condition could not be evaluated: ${error instanceof Error ? error.message : String(error)}`,
        {
          where: error instanceof EvenkeelError ? error.where : {},
          cause: error,
        },
      );
    }
  }
  return true;
}

async function holds(setting: RunSetting, { task, params, deps }: TaskInput, context: TaskContext, condition: Condition): Promise<boolean> {
  if (typeof condition === 'function') {
    const returned = await callWithin(setting, context, () => condition(params, deps, context));
    return typeof returned === 'object' && returned !== null ? outcomeOf(returned).success : Boolean(returned);
  }
  const env = shellEnvironment(setting, context, params, deps);
  const options = { allowFailure: true, quiet: true };
  const { exitCode, stderr } = await execute(setting, { task, signal: context.signal, command: condition, options, env });
  // 126 and 127: the shell did not find or could not start it, which says nothing of what was asked.
  if (exitCode === 126 || exitCode === 127) throw new Error(stderr.trim().split('\n').at(-1) ?? 'the command was not found');
  return exitCode === 0;
}

async function withTimeLimit<T>(
  setting: RunSetting,
  input: TaskInput,
  attempt: number,
  body: (context: TaskContext) => Promise<T>,
): Promise<T> {
  const { task, aborts } = input;
  const { controller, release } = aborts.child();
  if (controller.signal.aborted) throw reasonOf(controller.signal);
  const { timeoutMs } = task;
  const over = timeoutMs === undefined ? undefined : new AbortController();
  if (over !== undefined && timeoutMs !== undefined) {
    setting.clock.sleep(timeoutMs, over.signal).then(
      () =>
        controller.abort(
          new EvenkeelError('TASK_TIMEOUT', `it did not end within ${formatDuration(timeoutMs)}`, {
            hint: "Give it more time with timeout('…'), or find out what it waits for.",
          }),
        ),
      () => undefined,
    );
  }
  try {
    const result = await body(createContext(setting, task, controller.signal, attempt));
    // What ends in peace although its time was up has been cut short nevertheless.
    if (controller.signal.aborted) throw reasonOf(controller.signal);
    return result;
  } catch (error) {
    // Functions often throw an AbortError of their own once their signal is aborted.
    if (
      controller.signal.aborted &&
      !(error instanceof EvenkeelError && isAbandoned(error)) &&
      (isAbort(error) || error === controller.signal.reason)
    )
      throw reasonOf(controller.signal);
    throw error;
  } finally {
    over?.abort();
    release();
  }
}
