import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asEvenkeelError, describeWhere, EvenkeelError, newId, systemClock } from '../../model/index.js';
import {
  buildGraph,
  graphAsText,
  type LogEvent,
  type PipelineDefinition,
  type Resumed,
  type RunEvent,
  type RunReport,
  recordRun,
  resolveParams,
  resumeRun,
  runPipeline,
  type Selection,
  selectTasks,
} from '../../tasks/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { oneLine } from '../output.js';
import { exit } from '../report.js';
import { liveView } from '../scripts/live-view.js';
import { keepMetrics } from '../scripts/metrics.js';
import { type GivenParams, readParams } from '../scripts/params.js';
import { questions } from '../scripts/questions.js';
import { reportAsJson, summaryLines } from '../scripts/report.js';
import { choosePipeline, type Session, withScript } from '../scripts/session.js';
import { plainView, type RunView } from '../scripts/view.js';

export interface RunCommandOptions extends GlobalOptions {
  pipeline?: string;
  param?: string[];
  values?: string[];
  from?: string;
  only?: string[];
  dryRun?: boolean;
  resume?: string | true;
  maxParallel?: string;
  answer?: string[];
  yes?: boolean;
  stay?: boolean;
  verbose?: boolean;
}

const MOST_EARLY = 20_000;

export async function runCommand(context: CommandContext, file: string, tasks: string[], options: RunCommandOptions): Promise<number> {
  const { terminal } = context;
  const params = readParams(context.directory, options);
  const select = selectionOf(tasks, options);
  const maxParallel = wholeNumber('--max-parallel', options.maxParallel);
  const json = options.output === 'json';
  const view =
    json || !terminal.live
      ? plainView({ terminal, print: json ? terminal.err : terminal.out, verbose: options.verbose === true })
      : liveView({ terminal, verbose: options.verbose === true });
  const early: LogEvent[] = [];
  const onLine = (level: LogEvent['level'], line: string) => {
    const event: LogEvent = { type: 'log', task: '', level, line, at: systemClock.now() };
    // The history keeps as many at most.
    if (early.length < MOST_EARLY) early.push(event);
    view.onEvent(event);
  };
  const ask = questions(terminal, {
    answers: options.answer ?? [],
    yes: options.yes === true,
    signal: context.signal,
    pause: () => view.pause(),
    onAnswered: (question, answer) => onLine('info', `${question === '' ? 'answered' : oneLine(question)} ${answer}`),
  });
  try {
    const purpose = options.dryRun === true ? 'inspect' : 'run';
    return await withScript(
      context,
      { ...options, file },
      { purpose, params, onLine, ask, stay: options.stay === true },
      async (session) => {
        const pipeline = choosePipeline(session.pipelines, options.pipeline, tasks);
        if (pipeline === undefined) return withoutTasks(context, session, { tasks, select, options, view });
        if (options.dryRun === true) return dryRun(context, { pipeline, select, params, json, view });
        return run(context, session, { pipeline, select, params, options, maxParallel, view, early });
      },
    );
  } finally {
    view.end();
  }
}

interface RunInput {
  pipeline: PipelineDefinition;
  select: Selection;
  params: GivenParams;
  options: RunCommandOptions;
  maxParallel: number | undefined;
  view: RunView;
  early: readonly RunEvent[];
}

async function run(context: CommandContext, session: Session, input: RunInput): Promise<number> {
  const { pipeline, select, options, view, early } = input;
  const { store, paths, requestedBy } = session.workspace;
  const { terminal } = context;
  const resumed: Resumed | undefined =
    options.resume === undefined
      ? undefined
      : await resumeRun(store, {
          file: session.file,
          pipeline: pipeline.name,
          ...(options.resume === true ? {} : { runId: options.resume }),
        });
  const params = { ...resumed?.params, ...input.params.values };
  // What cannot begin is no run: all of it is held against the pipeline before anything is written.
  selectTasks(buildGraph(pipeline.tasks), select);
  const resolved = resolveParams(pipeline, params, input.params.texts);
  for (const secret of resolved.secrets) session.masker.add(secret);
  const startedAt = systemClock.now();
  const runId = newId('run', startedAt);
  const artifacts = join(paths.state, 'artifacts', runId);
  const { recorder, forgotten } = await recordRun({
    store,
    masker: session.masker,
    runId,
    file: session.file,
    pipeline,
    params: resolved.given,
    requestedBy,
    startedAt,
    ...(resumed === undefined ? {} : { resumedFrom: resumed.run.id }),
  });
  for (const id of forgotten) await rm(join(paths.state, 'artifacts', id), { recursive: true, force: true });
  let report: RunReport;
  try {
    for (const event of early) recorder.onEvent(event);
    report = await runPipeline({
      pipeline,
      runId,
      host: session.host,
      workdir: session.workdir,
      artifacts,
      signal: session.host.signal,
      params: resolved.given,
      select,
      masker: session.masker,
      placeOf: session.script.placeOf,
      strays: session.strays,
      ...(input.maxParallel === undefined ? {} : { maxParallel: input.maxParallel }),
      ...(resumed === undefined ? {} : { kept: resumed.kept }),
      onEvent: (event) => {
        view.onEvent(event);
        recorder.onEvent(event);
      },
    });
  } catch (error) {
    await recorder.close();
    throw error;
  }
  const counted = session.host.metrics.snapshot();
  await keepMetrics(store, { runId, forgotten, counted });
  const unwritten: unknown = await recorder.close().then(
    () => undefined,
    (error: unknown) => error,
  );
  view.end();
  if (options.output === 'json') terminal.out(reportAsJson(report, { file: session.file, artifacts, mask: session.masker.data, counted }));
  else for (const line of summaryLines(report, { terminal, file: session.file, artifacts })) terminal.out(line);
  if (unwritten !== undefined) throw unwritten;
  if (context.signal.aborted && report.status === 'cancelled') return exit.interrupted;
  return report.status === 'succeeded' ? exit.done : exit.failed;
}

/** A script that declares nothing has done its work at its top level. */
async function withoutTasks(
  { terminal }: CommandContext,
  session: Session,
  { tasks, select, options, view }: { tasks: string[]; select: Selection; options: RunCommandOptions; view: RunView },
): Promise<number> {
  view.end();
  // Promises that nobody waits for are told of when the event loop comes round.
  await new Promise((next) => setImmediate(next));
  const named = tasks[0] ?? select.from ?? select.only?.[0];
  if (named !== undefined)
    throw new EvenkeelError('TASK_UNKNOWN', `there is no task "${named}": the script declares none`, { where: { file: session.file } });
  const strays = session.strays.map((thrown) => describeStray(thrown, session));
  for (const stray of strays) terminal.err(`${terminal.style('red', '!')} ${oneLine(stray)}`);
  const status = strays.length === 0 ? 'succeeded' : 'failed';
  if (options.output === 'json')
    terminal.out(
      JSON.stringify({ pipeline: null, file: session.file, status, message: 'the script declares no tasks', tasks: [] }, undefined, 2),
    );
  else
    terminal.out(
      terminal.style('dim', options.dryRun === true ? 'The script declares no tasks.' : 'The script ran to its end; it declares no tasks.'),
    );
  return strays.length === 0 ? exit.done : exit.failed;
}

function dryRun(
  { terminal }: CommandContext,
  {
    pipeline,
    select,
    params,
    json,
    view,
  }: { pipeline: PipelineDefinition; select: Selection; params: GivenParams; json: boolean; view: RunView },
): number {
  view.end();
  const graph = buildGraph(pipeline.tasks);
  const selected = selectTasks(graph, select);
  resolveParams(pipeline, params.values, params.texts);
  const order = graph.order.filter((name) => selected.has(name));
  if (json) {
    const tasks = order.map((name) => ({ name, after: graph.tasks.get(name)?.dependsOn ?? [] }));
    terminal.out(JSON.stringify({ pipeline: pipeline.name, order, tasks }, undefined, 2));
    return exit.done;
  }
  terminal.out(`${terminal.style('bold', oneLine(pipeline.name))} would run ${order.length} of ${graph.order.length} tasks`);
  const part = buildGraph(
    order.map((name) => ({
      ...(graph.tasks.get(name) as PipelineDefinition['tasks'][number]),
      dependsOn: (graph.tasks.get(name)?.dependsOn ?? []).filter((one) => selected.has(one)),
    })),
  );
  for (const line of graphAsText(part)) terminal.out(line);
  terminal.out(`Order: ${order.map(oneLine).join(', ')}`);
  return exit.done;
}

function selectionOf(targets: string[], { from, only }: RunCommandOptions): Selection {
  const given = [targets.length > 0 ? 'a TASK' : '', from === undefined ? '' : '--from', only === undefined ? '' : '--only'].filter(
    (one) => one !== '',
  );
  if (given.length > 1)
    throw new EvenkeelError('USAGE', `give one of ${given.join(' and ')}`, {
      hint: 'A TASK runs what it depends on too, --from what depends on it, --only nothing else.',
    });
  return { targets, ...(from === undefined ? {} : { from }), ...(only === undefined ? {} : { only }) };
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new EvenkeelError('USAGE', `${flag} takes a whole number from 1, not "${text}"`);
  return number;
}

function describeStray(thrown: unknown, session: Session): string {
  const error = asEvenkeelError(thrown);
  const place = session.script.placeOf?.(thrown);
  const where = describeWhere(error.where.file === undefined && place !== undefined ? place : error.where);
  return session.masker.text(`an error was thrown that nothing waits for: ${error.message}${where === '' ? '' : ` (${where})`}`);
}
