import { type Clock, count, EvenkeelError, isAbort, systemClock } from '../../model/index.js';
import { buildGraph, type TaskGraph } from '../graph/graph.js';
import { type Selection, selectTasks } from '../graph/select.js';
import { type GivenParams, type ResolvedParams, resolveParams } from '../params/resolve.js';
import type {
  PipelineDefinition,
  ScriptHost,
  SourcePlace,
  TaskContext,
  TaskDefinition,
  TaskError,
  TaskResult,
  TaskState,
} from '../types.js';
import { type Aborts, followSignal, GRACE_MS } from './abort.js';
import { removeIfEmpty } from './artifacts.js';
import { callWithin } from './attempt.js';
import { createContext, type RunSetting } from './context.js';
import type { RunEvent, RunOutcome, RunReport } from './events.js';
import { createMasker, type Masker } from './mask.js';
import { describeThrown, errorData } from './outcome.js';
import { executeTask, type PipelineHooks, tellHookFailed } from './task.js';

export interface RunOptions {
  pipeline: PipelineDefinition;
  runId: string;
  host: ScriptHost;
  /** The folder of the script: commands run there. */
  workdir: string;
  /** A folder for the artifacts of this run; made when there is one. */
  artifacts: string;
  signal: AbortSignal;
  params?: GivenParams;
  /** Parameters whose values are text from a command line. */
  texts?: ReadonlySet<string>;
  select?: Selection;
  /** In place of the pipeline's own. */
  maxParallel?: number;
  /** Tasks that succeeded in the run that this one goes on from, with their outputs. */
  kept?: ReadonlyMap<string, unknown>;
  masker?: Masker;
  clock?: Clock;
  /** Milliseconds that what is told to stop may take. Default 5000. */
  graceMs?: number;
  /** Where in a script something was thrown. */
  placeOf?: (thrown: unknown) => SourcePlace | undefined;
  /** What the script has thrown where nothing waits for it, as it comes. */
  strays?: readonly unknown[];
  onEvent?: (event: RunEvent) => void;
}

/**
 * Runs a pipeline to its end. A task that fails is a report with `status: 'failed'`; what cannot begin throws.
 * @throws EvenkeelError TASK_UNKNOWN, TASK_CYCLE, TASK_DUPLICATE, PARAM_UNKNOWN, PARAM_INVALID
 */
export async function runPipeline(options: RunOptions): Promise<RunReport> {
  const { pipeline, runId, clock = systemClock, masker = createMasker(), onEvent } = options;
  const graph = buildGraph(pipeline.tasks);
  const selected = selectTasks(graph, options.select ?? {});
  const params = resolveParams(pipeline, options.params ?? {}, options.texts);
  for (const secret of params.secrets) masker.add(secret);
  const setting: RunSetting = {
    runId,
    pipelineName: pipeline.name,
    workdir: options.workdir,
    env: options.host.env,
    artifacts: options.artifacts,
    folders: new Set(),
    host: options.host,
    masker,
    clock,
    graceMs: options.graceMs ?? GRACE_MS,
    emit: (event) => onEvent?.(event),
  };
  const startedAt = clock.now();
  const order = graph.order.filter((name) => selected.has(name));
  setting.emit({ type: 'started', runId, pipeline: pipeline.name, tasks: order, at: startedAt });
  const aborts = followSignal(options.signal);
  try {
    const hooks = pipelineHooks(setting, options);
    const results = await schedule({ setting, options, graph, order, params, aborts, hooks });
    const tasks = order.map((name) => results.get(name) as TaskResult);
    if (setting.folders.size > 0) await removeIfEmpty(options.artifacts);
    const errors = [...(await complete(setting, options, { tasks, aborts })), ...(await straysOf(setting, options))];
    const finishedAt = clock.now();
    const status = outcomeOf(tasks, errors, options.signal);
    const report: RunReport = {
      runId,
      pipeline: pipeline.name,
      status,
      message: summary(tasks, errors),
      startedAt,
      finishedAt,
      durationMs: finishedAt - startedAt,
      tasks,
      errors,
    };
    setting.emit({ type: 'finished', report, at: finishedAt });
    return report;
  } finally {
    aborts.close();
  }
}

interface Schedule {
  setting: RunSetting;
  options: RunOptions;
  graph: TaskGraph;
  order: readonly string[];
  params: ResolvedParams;
  aborts: Aborts;
  hooks: PipelineHooks;
}

/** Every this many tasks the event loop gets a turn, for signals and timers. */
const TURN = 32;

/** Starts every task as soon as all that it depends on has come to an end. */
function schedule({ setting, options, graph, order, params, aborts, hooks }: Schedule): Promise<ReadonlyMap<string, TaskResult>> {
  const { pipeline, signal, kept } = options;
  const limit = options.maxParallel ?? pipeline.maxParallel ?? Number.POSITIVE_INFINITY;
  const selected = new Set(order);
  const results = new Map<string, TaskResult>();
  /** Tasks after which nothing may run that wants success: they, or something before them, have failed. */
  const tainted = new Set<string>();
  const waiting = new Map<string, number>();
  const ready: string[] = [];
  let at = 0;
  let active = 0;
  let started = 0;

  const before = (task: TaskDefinition) => task.dependsOn.filter((name) => selected.has(name));
  for (const name of order) {
    const open = new Set(before(graph.tasks.get(name) as TaskDefinition)).size;
    waiting.set(name, open);
    if (open === 0) ready.push(name);
  }

  return new Promise((resolve) => {
    const settle = (task: TaskDefinition, result: TaskResult) => {
      results.set(task.name, result);
      if (!result.success || before(task).some((name) => tainted.has(name))) tainted.add(task.name);
      setting.emit({ type: 'task-finished', task: task.name, result, at: setting.clock.now() });
      for (const name of graph.dependents.get(task.name) ?? []) {
        if (!selected.has(name)) continue;
        const left = (waiting.get(name) ?? 0) - 1;
        waiting.set(name, left);
        if (left === 0) ready.push(name);
      }
    };
    const start = async (task: TaskDefinition) => {
      active++;
      if (++started % TURN === 0) await new Promise((next) => setImmediate(next));
      const deps: { [name: string]: unknown } = {};
      for (const name of task.dependsOn) deps[name] = selected.has(name) ? results.get(name)?.output : kept?.get(name);
      const result = await executeTask(setting, { task, params: params.of(task), deps, aborts, hooks, placeOf: options.placeOf });
      active--;
      settle(task, result);
      pump();
    };
    const pump = () => {
      while (at < ready.length && active < limit) {
        const task = graph.tasks.get(ready[at++] as string) as TaskDefinition;
        const decided = decide(task, {
          failed: before(task).filter((name) => tainted.has(name)),
          cancelled: signal.aborted,
          kept,
          results,
        });
        if (decided === undefined) void start(task);
        else settle(task, decided);
      }
      if (results.size === order.length) resolve(results);
    };
    pump();
  });
}

/** What becomes of a task whose turn has come without its being run; undefined where it is to run. */
function decide(
  task: TaskDefinition,
  about: { failed: string[]; cancelled: boolean; kept: RunOptions['kept']; results: ReadonlyMap<string, TaskResult> },
): TaskResult | undefined {
  const without = (state: TaskState, message: string): TaskResult => ({
    name: task.name,
    state,
    success: state === 'skipped' || state === 'kept',
    message,
    attempts: 0,
    durationMs: 0,
    artifacts: [],
  });
  const runsAgain = (name: string) => about.results.has(name) && about.results.get(name)?.state !== 'kept';
  if (about.kept?.has(task.name) === true && !task.dependsOn.some(runsAgain))
    return { ...without('kept', 'it succeeded in the run before'), output: about.kept.get(task.name) };
  if (about.cancelled) return without('cancelled', 'the run was cancelled before its turn');
  const { when = 'success' } = task;
  if (when === 'success' && about.failed.length > 0) return without('blocked', `not run: ${about.failed.join(', ')} did not succeed`);
  if (when === 'failure' && about.failed.length === 0) return without('skipped', 'nothing before it failed');
  return undefined;
}

function pipelineHooks(setting: RunSetting, { pipeline, placeOf }: RunOptions): PipelineHooks {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async call(hook, context: TaskContext, body) {
      if (pipeline[hook] === undefined) return;
      const turn = last.then(() => callWithin(setting, context, () => body(pipeline)));
      last = turn.catch(() => undefined);
      try {
        await turn;
      } catch (thrown) {
        throw tellHookFailed(setting, { hook, task: context.taskName, thrown, placeOf });
      }
    },
  };
}

/** The pipeline's last hook. */
async function complete(
  setting: RunSetting,
  options: RunOptions,
  { tasks, aborts }: { tasks: TaskResult[]; aborts: Aborts },
): Promise<TaskError[]> {
  const { pipeline, signal, placeOf } = options;
  if (pipeline.onComplete === undefined) return [];
  const success = outcomeOf(tasks, [], signal) === 'succeeded';
  const { controller, release } = aborts.child();
  const context = createContext(setting, { name: '', dependsOn: [] }, controller.signal, 1);
  try {
    await callWithin(setting, context, () =>
      pipeline.onComplete?.(success, Object.fromEntries(tasks.map((task) => [task.name, { ...task }]))),
    );
    return [];
  } catch (thrown) {
    const error: EvenkeelError = tellHookFailed(setting, { hook: 'onComplete', task: '', thrown, placeOf });
    return isAbort(error) ? [] : [errorData(error, setting.masker.text)];
  } finally {
    release();
  }
}

/** Promises that nobody waits for are told of when the event loop comes round. */
async function straysOf(setting: RunSetting, { strays = [], placeOf }: RunOptions): Promise<TaskError[]> {
  await new Promise((next) => setImmediate(next));
  return strays.map((thrown) => {
    const { code, message, where, hint } = describeThrown(thrown);
    const place = where.file === undefined ? { ...placeOf?.(thrown), ...where } : where;
    const error = errorData(
      new EvenkeelError(code, `an error was thrown that nothing waits for: ${message}`, {
        where: place,
        hint: hint ?? 'Await every promise, and catch errors in timers and listeners.',
      }),
      setting.masker.text,
    );
    setting.emit({ type: 'stray', error, at: setting.clock.now() });
    return error;
  });
}

function outcomeOf(tasks: readonly TaskResult[], errors: readonly TaskError[], signal: AbortSignal): RunOutcome {
  // What ends a run for another reason than that somebody wanted it is a failure.
  const wanted = !(signal.reason instanceof EvenkeelError) || isAbort(signal.reason);
  if (signal.aborted && tasks.some((task) => task.state === 'cancelled')) return wanted ? 'cancelled' : 'failed';
  return errors.length === 0 && tasks.every((task) => task.success) ? 'succeeded' : 'failed';
}

function summary(tasks: readonly TaskResult[], errors: readonly TaskError[]): string {
  const states: TaskState[] = ['succeeded', 'kept', 'skipped', 'failed', 'blocked', 'cancelled'];
  const parts = states
    .map((state) => [state, tasks.filter((task) => task.state === state).length] as const)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${state}`);
  return [
    `${count(tasks.length, 'task')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`,
    ...errors.map((error) => error.message),
  ].join('; ');
}
