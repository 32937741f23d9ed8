import { join } from 'node:path';
import { EvenkeelError, formatDuration, formatTime, nearest, printable, stringifyJson } from '../../model/index.js';
import { prometheusText } from '../../modules/index.js';
import type { Store, TaskResultRecord, TaskRunRecord } from '../../store/index.js';
import { isRunning } from '../../tasks/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine, table } from '../output.js';
import { exit } from '../report.js';
import { metricsOf } from '../scripts/metrics.js';
import { logLine } from '../scripts/view.js';

export interface RunsCommandOptions extends GlobalOptions {
  limit?: string;
  task?: string;
  logs?: boolean;
  metrics?: boolean;
}

export function runsCommand(context: CommandContext, runId: string | undefined, options: RunsCommandOptions): Promise<number> {
  const limit = options.limit === undefined ? 20 : Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new EvenkeelError('USAGE', `--limit takes a whole number from 1, not "${options.limit}"`);
  const ofRun =
    options.task !== undefined ? '--task' : options.logs === true ? '--logs' : options.metrics === true ? '--metrics' : undefined;
  if (runId === undefined && ofRun !== undefined)
    throw new EvenkeelError('USAGE', `${ofRun} goes with a run`, {
      hint: 'List them: evenkeel runs',
    });
  return withWorkspace(context, options, async ({ store, paths }) => {
    await (runId === undefined
      ? listRuns(context, store, { limit, json: options.output === 'json' })
      : showRun(context, store, { runId, folder: join(paths.state, 'artifacts', runId), options }));
    return exit.done;
  });
}

async function listRuns({ terminal }: CommandContext, store: Store, { limit, json }: { limit: number; json: boolean }): Promise<void> {
  const runs = await Promise.all(
    (await store.taskRuns.list({ limit })).map(async (run) => ({ ...run, status: await statusOf(store, run) })),
  );
  if (json) {
    terminal.out(stringifyJson(runs.map(runAsJson), 2));
    return;
  }
  if (runs.length === 0) terminal.out('No pipeline has run yet.');
  else
    for (const line of table([
      ['RUN', 'PIPELINE', 'STATUS', 'STARTED', 'TOOK', 'BY', 'MESSAGE'],
      ...runs.map((run) => [
        run.id,
        oneLine(run.pipeline),
        run.status,
        formatTime(run.startedAt).slice(0, 19).replace('T', ' '),
        tookOf(run),
        oneLine(run.requestedBy),
        oneLine(run.message),
      ]),
    ]))
      terminal.out(line);
}

async function showRun(
  { terminal }: CommandContext,
  store: Store,
  { runId, folder, options: { task, logs, metrics, output } }: { runId: string; folder: string; options: RunsCommandOptions },
): Promise<void> {
  const run = await store.taskRuns.get(runId);
  if (run === undefined)
    throw new EvenkeelError('RUN_NOT_FOUND', `there is no run "${printable(runId)}"`, { hint: 'List them: evenkeel runs' });
  const counted = await metricsOf(store, runId);
  if (metrics === true && output !== 'json') {
    const text = prometheusText(counted);
    if (text !== '') terminal.out(text.trimEnd());
    return;
  }
  const all = await store.taskRuns.results(runId);
  const results = task === undefined ? all : all.filter((result) => result.task === task);
  if (task !== undefined && results.length === 0) {
    const near = nearest(
      task,
      all.map((result) => result.task),
    );
    throw new EvenkeelError('TASK_UNKNOWN', `the run has no task "${printable(task)}"`, {
      hint: near === undefined ? undefined : `Did you mean "${near}"?`,
    });
  }
  const status = await statusOf(store, run);
  const lines = logs === true || task !== undefined ? await store.taskRuns.logs(runId, task === undefined ? {} : { task }) : [];
  if (output === 'json') {
    terminal.out(
      stringifyJson(
        {
          ...runAsJson({ ...run, status }),
          tasks: results.map(resultAsJson),
          ...(counted.length > 0 ? { metrics: counted } : {}),
          ...(lines.length > 0 ? { logs: lines.map((line) => ({ ...line, at: formatTime(line.at) })) } : {}),
        },
        2,
      ),
    );
    return;
  }
  for (const line of table([
    ['Run', run.id],
    ['Pipeline', oneLine(run.pipeline)],
    ['Script', oneLine(run.file)],
    ['Status', status],
    ['Started', `${formatTime(run.startedAt)}, took ${tookOf(run)}`],
    ['By', oneLine(run.requestedBy)],
    ...(run.resumedFrom === undefined ? [] : [['Goes on from', run.resumedFrom]]),
    ['Message', oneLine(run.message)],
  ]))
    terminal.out(line);
  terminal.out('');
  for (const line of table(
    results.map((result) => [`  ${result.state}`, oneLine(result.task), tookOf(result), oneLine(result.message ?? '')]),
  ))
    terminal.out(line);
  const kept = results.flatMap((result) => result.artifacts);
  if (kept.length > 0) terminal.out('');
  for (const path of kept) terminal.out(`  ${oneLine(join(folder, path))}`);
  if (lines.length > 0) terminal.out('');
  for (const { task: name, at, level, line } of lines)
    terminal.out(logLine({ type: 'log', task: task === undefined ? name : '', at, level: level as 'info', line }, terminal));
}

/** A run whose process is gone without having written its end was interrupted. */
async function statusOf(store: Store, run: TaskRunRecord): Promise<string> {
  return run.status === 'running' && !(await isRunning(store, run.id)) ? 'interrupted' : run.status;
}

function tookOf({ startedAt, finishedAt }: { startedAt?: number; finishedAt?: number }): string {
  return startedAt === undefined || finishedAt === undefined ? '-' : formatDuration(finishedAt - startedAt);
}

function runAsJson(run: Omit<TaskRunRecord, 'status'> & { status: string }): { [name: string]: unknown } {
  return {
    run_id: run.id,
    pipeline: run.pipeline,
    file: run.file,
    status: run.status,
    started_at: formatTime(run.startedAt),
    ...(run.finishedAt === undefined ? {} : { finished_at: formatTime(run.finishedAt) }),
    requested_by: run.requestedBy,
    ...(run.resumedFrom === undefined ? {} : { resumed_from: run.resumedFrom }),
    message: run.message,
  };
}

function resultAsJson(result: TaskResultRecord): { [name: string]: unknown } {
  return {
    name: result.task,
    state: result.state,
    attempts: result.attempts,
    ...(result.startedAt === undefined ? {} : { started_at: formatTime(result.startedAt) }),
    ...(result.finishedAt === undefined ? {} : { finished_at: formatTime(result.finishedAt) }),
    ...(result.message === undefined ? {} : { message: result.message }),
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.artifacts.length === 0 ? {} : { artifacts: result.artifacts }),
  };
}
