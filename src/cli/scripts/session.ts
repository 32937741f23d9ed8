import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { asEvenkeelError, EvenkeelError, type Json, nearest } from '../../model/index.js';
import {
  createMasker,
  currentScope,
  type LoadedScript,
  type LogEvent,
  loadScript,
  type Masker,
  type PipelineDefinition,
  pipelinesOf,
  type ScriptHost,
  secretsOf,
} from '../../tasks/index.js';
import { languages, openScriptHost, openWorkspace, type Workspace } from '../../workspace/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { captureOutput } from './capture.js';
import { leaveSoon } from './leave.js';
import type { GivenParams } from './params.js';

export interface SessionOptions {
  purpose: ScriptHost['purpose'];
  params: GivenParams;
  /** Lines of the script outside of its tasks. */
  onLine(level: LogEvent['level'], line: string): void;
  ask(question: string): Promise<string>;
  /** Whether auto-sync that the script started goes on until it is interrupted. */
  stay?: boolean;
  masker?: Masker;
}

/** A script whose top level has run. */
export interface Session {
  file: string;
  workdir: string;
  script: LoadedScript;
  pipelines: PipelineDefinition[];
  host: Awaited<ReturnType<typeof openScriptHost>>;
  workspace: Workspace;
  masker: Masker;
  /** What went wrong outside of everything that the script waits for. */
  strays: unknown[];
}

/**
 * Runs the top level of a script for one command, and ends all that belongs to it afterwards, however the command
 * ends. A script that is only looked at has a state of its own that is thrown away.
 */
export async function withScript<T>(
  context: CommandContext,
  { file, ...options }: GlobalOptions & { file: string },
  session: SessionOptions,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const path = resolve(context.directory, file);
  const masker = session.masker ?? createMasker([...secretsOf(context.env), ...secretsOf(textsOf(session.params.values))]);
  context.goesOnUnread = session.purpose === 'run';
  const ends: (() => unknown)[] = [];
  const strays: unknown[] = [];
  const abort = new AbortController();
  const follow = () => abort.abort(context.signal.reason);
  if (context.signal.aborted) follow();
  context.signal.addEventListener('abort', follow, { once: true });
  ends.push(() => context.signal.removeEventListener('abort', follow));
  // A script may wait for what never comes: that is waiting, not the end of the process.
  const alive = setInterval(() => undefined, 1 << 30);
  ends.push(() => clearInterval(alive));
  const onStray = (thrown: unknown) => void strays.push(thrown);
  const onFatal = (thrown: unknown) => {
    strays.push(thrown);
    abort.abort(new EvenkeelError('TASK_FAILED', 'the script threw an error where nobody could catch it', { cause: thrown }));
  };
  // A script that ends the process would leave a run without an end, and success as its status.
  const leave = process.exit;
  process.exit = ((status?: number) => {
    throw new EvenkeelError('TASK_FAILED', `the script called process.exit(${status ?? ''})`, { hint: 'Return, or throw an error.' });
  }) as typeof process.exit;
  ends.push(() => {
    process.exit = leave;
  });
  process.on('unhandledRejection', onStray);
  process.on('uncaughtException', onFatal);
  ends.push(() => {
    process.off('unhandledRejection', onStray);
    process.off('uncaughtException', onFatal);
  });
  ends.push(
    captureOutput((stream, line) => {
      const log = currentScope()?.log;
      if (log === undefined) session.onLine(stream, masker.text(line));
      else if (stream === 'stdout') log.info(line);
      else log.warn(line);
    }),
  );
  try {
    const workspace = await openFor(context, options, { purpose: session.purpose, workdir: dirname(path), ends });
    ends.push(() => workspace.close());
    const host = await openScriptHost({
      workspace,
      workdir: dirname(path),
      env: context.env,
      signal: abort.signal,
      purpose: session.purpose,
      masker,
      params: session.params.values as { [name: string]: Json },
      onLine: session.onLine,
      ask: session.ask,
    });
    const script = await loadScript(path, host, languages);
    ends.push(() => script.close());
    const pipelines = pipelinesOf(script, path);
    const result = await body({ file: path, workdir: dirname(path), script, pipelines, host, workspace, masker, strays });
    if (session.purpose === 'run') await endAutoSync(context, workspace, session.stay === true);
    return result;
  } catch (thrown) {
    throw masked(thrown, masker);
  } finally {
    context.goesOnUnread = false;
    // What was thrown last is still ours to catch.
    await new Promise((next) => setImmediate(next));
    try {
      for (const end of ends.reverse()) await end();
    } finally {
      leaveSoon();
    }
  }
}

/** Parameters whose names say that they are secret are, before the script has declared them. */
function textsOf(values: GivenParams['values']): { [name: string]: string } {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function masked(thrown: unknown, masker: Masker): EvenkeelError {
  const error = asEvenkeelError(thrown);
  return new EvenkeelError(error.code, masker.text(error.message), {
    where: error.where,
    details: masker.data(error.details) as { [key: string]: unknown },
    transient: error.transient,
    ...(error.hint === undefined ? {} : { hint: masker.text(error.hint) }),
    ...(error.code === 'INTERNAL' ? { cause: error.cause } : {}),
  });
}

/** Auto-sync ends with the command that runs the script, but not before it has seen to every workflow. */
async function endAutoSync({ terminal, signal }: CommandContext, { gitops }: Workspace, stay: boolean): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const runs = await Promise.race([gitops.autoSyncRound(), interrupted]);
  if (runs !== true) return;
  if (stay) {
    terminal.err('Auto-sync goes on until Ctrl-C.');
    await interrupted;
  } else terminal.err('Auto-sync has seen to every workflow and ends with the script. To leave it running: evenkeel run --stay');
}

async function openFor(
  context: CommandContext,
  options: GlobalOptions,
  { purpose, workdir, ends }: { purpose: ScriptHost['purpose']; workdir: string; ends: (() => unknown)[] },
): Promise<Workspace> {
  let state = options.state ?? context.env['EVENKEEL_STATE'];
  if (purpose === 'inspect') {
    const folder = await mkdtemp(join(tmpdir(), 'evenkeel-inspect-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    state = folder;
  }
  return openWorkspace({
    directory: context.directory,
    workingDirectory: workdir,
    state,
    config: options.config,
    env: context.env,
    interactive: context.terminal.interactive,
  });
}

/**
 * The pipeline that a command line means: the one that is named, the only one, or the only one that has the tasks.
 * @throws EvenkeelError TASK_UNKNOWN, USAGE
 */
export function choosePipeline(
  pipelines: readonly PipelineDefinition[],
  name: string | undefined,
  tasks: readonly string[],
): PipelineDefinition | undefined {
  if (name !== undefined) {
    const found = pipelines.find((pipeline) => pipeline.name === name);
    if (found !== undefined) return found;
    const names = pipelines.map((pipeline) => pipeline.name);
    const near = nearest(name, names);
    throw new EvenkeelError('TASK_UNKNOWN', `the script has no pipeline "${name}"`, {
      hint: near !== undefined ? `Did you mean "${near}"?` : names.length === 0 ? 'It declares none.' : `It has ${names.join(', ')}.`,
    });
  }
  if (pipelines.length <= 1) return pipelines[0];
  const having = pipelines.filter((pipeline) => tasks.length > 0 && tasks.every((task) => pipeline.tasks.some((one) => one.name === task)));
  if (having.length === 1) return having[0];
  throw new EvenkeelError('USAGE', `which pipeline? The script has ${pipelines.map((pipeline) => pipeline.name).join(', ')}`, {
    hint: `For example: --pipeline "${pipelines[0]?.name}"`,
  });
}
