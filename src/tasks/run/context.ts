import { resolve } from 'node:path';
import { type Clock, EvenkeelError, formatDuration } from '../../model/index.js';
import { runShell, type ShellResult } from '../shell/run.js';
import type { ExecOptions, ExecResult, Params, ScriptHost, TaskContext, TaskDefinition } from '../types.js';
import { reasonOf } from './abort.js';
import type { LogEvent, RunEvent } from './events.js';
import { makeFolder, taskFolder } from './folder.js';
import { createLog, textOf } from './log.js';
import type { Masker } from './mask.js';

/** What all tasks of a run have in common. */
export interface RunSetting {
  runId: string;
  pipelineName: string;
  workdir: string;
  env: { readonly [name: string]: string | undefined };
  /** The folder of the run's artifacts. */
  artifacts: string;
  /** Tasks that have a folder there. */
  folders: Set<string>;
  host: ScriptHost;
  masker: Masker;
  clock: Clock;
  graceMs: number;
  emit(event: RunEvent): void;
}

/** A single variable of a process may not be longer; a shorter limit leaves room for the others. */
const MAX_VARIABLE = 100_000;
/** How often it is tried again where the system has no room for another process, and for how long. */
const ROOM_MS = 100;
const MOST_WAITED_MS = 5 * 60_000;

export function createContext(setting: RunSetting, task: TaskDefinition, signal: AbortSignal, attempt: number): TaskContext {
  const { runId, pipelineName, workdir, host, masker } = setting;
  const say = (level: LogEvent['level'], line: string) => sayLine(setting, task.name, level, line);
  return {
    signal,
    log: createLog(say),
    progress: (line) => {
      for (const one of String(line).split(/\r?\n/)) say('progress', one);
    },
    runId,
    pipelineName,
    taskName: task.name,
    attempt,
    workdir,
    get artifactsDirectory() {
      setting.folders.add(task.name);
      return makeFolder(taskFolder(setting.artifacts, task.name));
    },
    env: setting.env,
    mask: (secret) => masker.add(secret),
    exec: (command, options = {}) => execute(setting, { task, signal, command, options, env: setting.env }),
    ask: (question) => host.ask(question),
  };
}

export function sayLine(setting: RunSetting, task: string, level: LogEvent['level'], line: string): void {
  setting.emit({ type: 'log', task, level, line: setting.masker.text(line), at: setting.clock.now() });
}

/** The environment of a task that is a shell command: parameters and the outputs of dependencies as variables. */
export function shellEnvironment(setting: RunSetting, context: TaskContext, params: Params, deps: { readonly [task: string]: unknown }) {
  const env: { [name: string]: string | undefined } = {
    ...setting.env,
    EVENKEEL_RUN: setting.runId,
    EVENKEEL_PIPELINE: setting.pipelineName,
    EVENKEEL_TASK: context.taskName,
    EVENKEEL_ATTEMPT: String(context.attempt),
    EVENKEEL_ARTIFACTS: context.artifactsDirectory,
  };
  const put = (prefix: string, values: { readonly [name: string]: unknown }) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const variable = `${prefix}${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
      const text = textOf(value);
      if (text.includes('\0')) context.log.warn(`${variable} is left out: it holds a zero byte`);
      else if (Buffer.byteLength(text) > MAX_VARIABLE) context.log.warn(`${variable} is left out: it is larger than ${MAX_VARIABLE} bytes`);
      else env[variable] = text;
    }
  };
  put('EVENKEEL_PARAM_', params);
  put('EVENKEEL_OUTPUT_', deps);
  return env;
}

interface ExecuteInput {
  task: TaskDefinition;
  signal: AbortSignal;
  command: string;
  options: ExecOptions;
  env: { readonly [name: string]: string | undefined };
}

/**
 * Runs a command on behalf of a task; its lines go to the task's log.
 * @throws EvenkeelError TASK_COMMAND_FAILED, TASK_TIMEOUT, CANCELLED
 */
export async function execute(setting: RunSetting, input: ExecuteInput): Promise<ExecResult> {
  const { task, signal, command, options } = input;
  if (typeof command !== 'string') throw new EvenkeelError('TASK_INVALID', 'exec takes a command for the shell as a text');
  const result = await whenThereIsRoom(setting, signal, () =>
    runShell({
      command,
      cwd: options.cwd === undefined ? setting.workdir : resolve(setting.workdir, options.cwd),
      env: { ...input.env, ...options.env },
      signal,
      graceMs: setting.graceMs,
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.quiet === true ? {} : { onLine: (stream, line) => sayLine(setting, task.name, stream, line) }),
    }),
  );
  if (result.outcome === 'aborted') throw reasonOf(signal);
  if (result.outcome === 'timeout')
    throw new EvenkeelError('TASK_TIMEOUT', `the command did not end within ${formatDuration(options.timeoutMs ?? 0)}: ${short(command)}`);
  if (result.outcome === 'failed') {
    const { code, message } = result.error as NodeJS.ErrnoException;
    throw new EvenkeelError(
      'TASK_COMMAND_FAILED',
      `the command could not be started: ${code === 'ENOENT' ? `the folder ${options.cwd ?? setting.workdir} or /bin/sh is missing` : message}`,
      {
        hint: code === 'E2BIG' ? 'Its environment and arguments are larger than the system takes.' : undefined,
        cause: result.error,
      },
    );
  }
  if (result.exitCode !== 0 && options.allowFailure !== true) throw commandFailed(result, command);
  const { exitCode, stdout, stderr, truncated } = result;
  return { exitCode, stdout, stderr, truncated };
}

/** Where a system runs out of processes or files, it is a matter of waiting until others have ended. */
async function whenThereIsRoom(setting: RunSetting, signal: AbortSignal, run: () => Promise<ShellResult>): Promise<ShellResult> {
  for (let waited = 0; ; waited += ROOM_MS) {
    const result = await run();
    const code = (result.error as NodeJS.ErrnoException | undefined)?.code ?? '';
    if (!['EMFILE', 'ENFILE', 'EAGAIN'].includes(code) || waited >= MOST_WAITED_MS) return result;
    await setting.clock.sleep(ROOM_MS, signal);
  }
}

function commandFailed(result: ShellResult, command: string): EvenkeelError {
  const last = (text: string) => text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const why = last(result.stderr) || last(result.stdout);
  const status = result.exitCode > 128 && result.exitCode < 160 ? `by signal ${result.exitCode - 128}` : `with status ${result.exitCode}`;
  return new EvenkeelError('TASK_COMMAND_FAILED', `the command ended ${status}${why === '' ? '' : `: ${short(why)}`}`, {
    hint: result.exitCode === 127 ? `Is the program installed, and in PATH? The command was: ${short(command)}` : undefined,
    details: { exitCode: result.exitCode },
  });
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
