import { EvenkeelError, isAbort } from '../../model/index.js';
import type { Backoff, PipelineDefinition, Retries, SourcePlace, TaskContext, TaskResult, TaskState } from '../types.js';
import { isAbandoned, reasonOf } from './abort.js';
import { collectArtifacts, listArtifacts } from './artifacts.js';
import { attemptTask, callWithin, conditionsHold, type TaskInput } from './attempt.js';
import { createContext, type RunSetting, sayLine } from './context.js';
import { taskFolder } from './folder.js';
import { describeThrown, errorData, type Outcome } from './outcome.js';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** The pipeline's hooks, one at a time over all tasks. */
export interface PipelineHooks {
  call(hook: 'onTaskStart' | 'onTaskComplete', context: TaskContext, body: (pipeline: PipelineDefinition) => unknown): Promise<void>;
}

export interface ExecuteTask extends TaskInput {
  hooks: PipelineHooks;
  placeOf: ((thrown: unknown) => SourcePlace | undefined) | undefined;
}

/** Runs one task whose turn has come: conditions, hooks, attempts, artifacts. Never rejects. */
export async function executeTask(setting: RunSetting, input: ExecuteTask): Promise<TaskResult> {
  const { task } = input;
  const { clock, masker } = setting;
  const began = clock.now();
  const result: TaskResult = { name: task.name, state: 'running', success: false, attempts: 0, durationMs: 0, artifacts: [] };
  const finish = (state: TaskState): TaskResult => {
    result.state = state;
    result.success = state === 'succeeded' || state === 'skipped';
    result.finishedAt = clock.now();
    result.durationMs = result.finishedAt - began;
    return result;
  };
  const fail = (thrown: unknown): TaskResult => {
    const error = withPlace(describeThrown(thrown), thrown, input);
    result.error = errorData(error, masker.text);
    result.message = result.error.message;
    return finish(isAbort(error) ? 'cancelled' : 'failed');
  };
  const { controller, release } = input.aborts.child();
  try {
    if (!(await conditionsHold(setting, input))) {
      result.message = 'its condition does not hold';
      return finish('skipped');
    }
    result.startedAt = began;
    const context = createContext(setting, task, controller.signal, 1);
    await input.hooks.call('onTaskStart', context, (pipeline) => pipeline.onTaskStart?.(task.name));
    await runAttempts(setting, input, result, fail);
    await keepArtifacts(setting, input, result, fail);
    const failed = result.error !== undefined;
    if (!failed) finish('succeeded');
    await taskHook(setting, input, context, result, failed ? 'onFailure' : 'onSuccess');
    await input.hooks.call('onTaskComplete', context, (pipeline) =>
      pipeline.onTaskComplete?.(task.name, result.success, result.success ? result.output : (result.output ?? result.message)),
    );
    return finish(result.state);
  } catch (thrown) {
    return result.error === undefined ? fail(thrown) : finish(result.state);
  } finally {
    release();
  }
}

async function runAttempts(
  setting: RunSetting,
  input: ExecuteTask,
  result: TaskResult,
  fail: (thrown: unknown) => TaskResult,
): Promise<void> {
  const { task } = input;
  const { clock, emit, masker } = setting;
  const retries: Retries = task.retries ?? { limit: 0, backoff: 'fixed' };
  for (let attempt = 1; ; attempt++) {
    result.attempts = attempt;
    emit({ type: 'task-started', task: task.name, attempt, at: clock.now() });
    let thrown: unknown;
    try {
      const outcome = await attemptTask(setting, input, attempt);
      take(result, outcome, masker.text);
      if (outcome.success) return;
      thrown =
        outcome.error ?? new EvenkeelError('TASK_FAILED', outcome.message ?? 'the task reported failure', { where: { ...task.source } });
    } catch (error) {
      thrown = error;
      result.output = undefined;
      result.message = undefined;
    }
    const error = withPlace(describeThrown(thrown), thrown, input);
    // A second attempt beside a first one that goes on could do harm.
    if (isAbort(error) || isAbandoned(error) || attempt > retries.limit) {
      fail(error);
      return;
    }
    const inMs = delayBefore(attempt, retries);
    emit({ type: 'task-retrying', task: task.name, attempt: attempt + 1, inMs, reason: masker.text(error.message), at: clock.now() });
    const { controller, release } = input.aborts.child();
    try {
      await clock.sleep(inMs, controller.signal);
    } catch {
      fail(reasonOf(controller.signal));
      return;
    } finally {
      release();
    }
  }
}

function take(result: TaskResult, outcome: Outcome, mask: (text: string) => string): void {
  result.output = outcome.output;
  result.message = outcome.message === undefined ? undefined : mask(outcome.message);
}

/** Milliseconds between a failed attempt and the next. */
export function delayBefore(failed: number, { backoff, delayMs = FIRST_DELAY_MS }: { backoff: Backoff; delayMs?: number }): number {
  const factor = backoff === 'fixed' ? 1 : backoff === 'linear' ? failed : 2 ** Math.min(failed - 1, 30);
  return Math.max(delayMs, Math.min(delayMs * factor, LONGEST_DELAY_MS));
}

async function keepArtifacts(
  setting: RunSetting,
  { task }: ExecuteTask,
  result: TaskResult,
  fail: (thrown: unknown) => TaskResult,
): Promise<void> {
  if (task.artifacts === undefined && !setting.folders.has(task.name)) return;
  const folder = taskFolder(setting.artifacts, task.name);
  const succeeded = result.error === undefined;
  try {
    if (task.artifacts !== undefined && result.state !== 'cancelled')
      await collectArtifacts({ patterns: task.artifacts, workdir: setting.workdir, target: folder, strict: succeeded });
    const prefix = folder.slice(setting.artifacts.length + 1);
    result.artifacts = (await listArtifacts(folder)).map((path) => `${prefix}/${path}`);
  } catch (error) {
    if (succeeded) fail(error);
    else sayLine(setting, task.name, 'warn', `artifacts: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A hook that throws fails its task, whatever the task has come to. */
async function taskHook(
  setting: RunSetting,
  { task, placeOf }: ExecuteTask,
  context: TaskContext,
  result: TaskResult,
  name: 'onSuccess' | 'onFailure',
): Promise<void> {
  const hook = task[name];
  if (hook === undefined || result.state === 'cancelled') return;
  try {
    await callWithin(setting, context, () => hook({ ...result }, context));
  } catch (thrown) {
    const error = tellHookFailed(setting, { hook: name, task: task.name, thrown, placeOf });
    if (result.error !== undefined) return;
    result.error = errorData(error, setting.masker.text);
    result.message = result.error.message;
    result.state = isAbort(error) ? 'cancelled' : 'failed';
    result.success = false;
  }
}

/** Tells of a hook that threw. @returns the error that it means */
export function tellHookFailed(
  setting: RunSetting,
  { hook, task, thrown, placeOf }: { hook: string; task: string; thrown: unknown; placeOf: ExecuteTask['placeOf'] },
): EvenkeelError {
  const error = withPlace(describeThrown(thrown), thrown, { placeOf, task: {} });
  if (isAbort(error)) return error;
  const failed = new EvenkeelError('TASK_HOOK_FAILED', `the hook ${hook} failed: ${error.message}`, {
    where: error.where,
    hint: error.hint,
    cause: thrown,
  });
  setting.emit({ type: 'hook-failed', hook, task, error: errorData(failed, setting.masker.text), at: setting.clock.now() });
  return failed;
}

/** An error with its place in the script, where it has none of its own; at least that of its task. */
function withPlace(
  error: EvenkeelError,
  thrown: unknown,
  { task, placeOf }: Pick<ExecuteTask, 'placeOf'> & { task: { source?: SourcePlace } },
): EvenkeelError {
  if (error.where.file !== undefined || isAbort(error)) return error;
  const place = placeOf?.(error.cause ?? thrown) ?? placeOf?.(thrown) ?? task.source;
  if (place === undefined) return error;
  return new EvenkeelError(error.code, error.message, {
    where: { ...place, ...error.where },
    hint: error.hint,
    details: error.details,
    transient: error.transient,
    cause: error.cause ?? thrown,
  });
}
