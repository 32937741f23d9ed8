import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { EvenkeelError, printable } from '../model/index.js';
import { runProcess } from '../process/index.js';
import {
  anyOf,
  boolean,
  bytes,
  duration,
  integer,
  list,
  type ModuleDescription,
  number,
  object,
  optional,
  options,
  parameter,
  record,
  required,
  text,
} from './describe/types.js';
import { type Duration, milliseconds } from './durations.js';
import type { ModuleHost } from './host.js';

export interface RunOptions {
  cwd?: string;
  env?: { [name: string]: string };
  input?: string | Uint8Array;
  timeout?: Duration;
  maxOutput?: number;
  allowFailure?: boolean;
  stream?: boolean;
}

export interface RunResult {
  success: boolean;
  /** 128 + n after signal n, as shells count. */
  exitCode: number;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** Programs, each in a process group of its own that ends as a whole. */
export interface ExecModule {
  /** A text is a command for the shell; a list is a program and its arguments, and no shell sees them. */
  run(command: string | string[], options?: RunOptions): Promise<RunResult>;
  which(program: string): Promise<string | undefined>;
}

const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
const LONGEST_LINE = 16 * 1024;

export function openExec(host: Pick<ModuleHost, 'workingDirectory' | 'env' | 'signal' | 'clock' | 'log' | 'secrets'>): ExecModule {
  const { clock, secrets } = host;
  const shown = (text: string) => printable(secrets.mask(text));

  return {
    async run(command, given = {}) {
      const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
      const [program, ...args] = argv;
      if (program === undefined || program === '' || argv.some((arg) => arg.includes('\0')))
        throw new EvenkeelError('ARGUMENT_INVALID', 'exec.run: the command is empty or has a NUL in it', {
          where: { field: 'command' },
          hint: 'Give a text for the shell, or a list: a program and its arguments.',
        });
      const name = shown(typeof command === 'string' ? command : command.join(' ')).slice(0, 200);
      const cwd = await folder(resolve(host.workingDirectory, given.cwd ?? '.'));
      const timeoutMs = milliseconds(given.timeout, TIMEOUT_MS);
      const maxOutput = given.maxOutput ?? OUTPUT_BYTES;
      const streaming =
        given.stream === true ? streamLines((line) => host.log({ level: 'info', message: shown(line), at: clock.now() })) : undefined;
      const since = clock.now();
      const result = await runProcess({
        program,
        args,
        cwd,
        env: environment(host.env, given.env),
        timeoutMs,
        maxOutput,
        signal: host.signal,
        ...(given.input === undefined ? {} : { input: given.input }),
        ...(streaming === undefined ? {} : { onOutput: streaming.take }),
      });
      streaming?.end();
      const seconds = (clock.now() - since) / 1000;
      const stderr = result.stderr;
      switch (result.outcome) {
        case 'aborted':
          throw new EvenkeelError('CANCELLED', `the command was stopped: ${name}`, { cause: host.signal.reason });
        case 'timeout':
          throw new EvenkeelError('COMMAND_TIMEOUT', `the command took longer than ${timeoutMs / 1000} s: ${name}`, {
            hint: 'Give it more time: timeout.',
            details: { stderr: tail(shown(stderr)) },
          });
        case 'overflow':
          throw new EvenkeelError('COMMAND_OUTPUT', `the command wrote more than ${maxOutput} bytes: ${name}`, {
            hint: 'Write to a file, or give it more room: maxOutput.',
          });
        case 'failed': {
          const absent = (result.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
          throw new EvenkeelError('TASK_COMMAND_FAILED', `the command could not be started: ${name}`, {
            hint: absent ? `Install ${shown(program)} or write its whole path.` : 'Check that it is a program and may be run.',
            cause: result.error,
          });
        }
        case 'exited': {
          const exitCode = result.exitCode ?? 128 + signalNumber(result.exitSignal);
          if (exitCode !== 0 && given.allowFailure !== true)
            throw new EvenkeelError('TASK_COMMAND_FAILED', `the command ended with status ${exitCode}: ${name}${lastLine(shown(stderr))}`, {
              hint: 'Where that is no failure, set allowFailure and look at exitCode.',
              details: { exitCode, stderr: tail(shown(stderr)) },
            });
          return { success: exitCode === 0, exitCode, stdout: result.stdout.toString('utf8'), stderr, seconds };
        }
      }
    },
    async which(program) {
      const places = program.includes('/')
        ? [resolve(host.workingDirectory, program)]
        : (host.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
      for (const place of places) {
        const path = program.includes('/') ? place : join(place, program);
        if (program !== '' && (await isProgram(path))) return path;
      }
      return undefined;
    },
  };
}

function environment(outer: ModuleHost['env'], given: { [name: string]: string } = {}): NodeJS.ProcessEnv {
  for (const [name, value] of Object.entries(given))
    if (!/^[^=\0]+$/.test(name) || value.includes('\0'))
      throw new EvenkeelError('OPTION_INVALID', `exec.run: "${printable(name).slice(0, 100)}" cannot be an environment variable`, {
        where: { field: 'env' },
      });
  return { ...outer, ...given };
}

async function folder(path: string): Promise<string> {
  const about = await stat(path).catch(() => undefined);
  if (about?.isDirectory() === true) return path;
  throw new EvenkeelError('FILE_NOT_FOUND', `the folder "${path}" does not exist`, { where: { file: path, field: 'cwd' } });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 }[signal as string] ?? 0;
}

function tail(text: string): string {
  return text.length > 4000 ? `…${text.slice(-4000)}` : text;
}

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? '' : ` (${line.slice(0, 300)})`;
}

/** Cuts pieces of output into lines, each stream for itself. */
function streamLines(say: (line: string) => void) {
  const rest = { stdout: '', stderr: '' };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  return {
    take(chunk: Buffer, stream: 'stdout' | 'stderr') {
      const lines = (rest[stream] + decoders[stream].decode(chunk, { stream: true })).split('\n');
      rest[stream] = lines.pop() ?? '';
      for (const line of lines) say(line.replace(/\r$/, ''));
      if (rest[stream].length < LONGEST_LINE) return;
      say(rest[stream]);
      rest[stream] = '';
    },
    end() {
      for (const line of [rest.stdout, rest.stderr]) if (line !== '') say(line);
    },
  };
}

export const execDescription: ModuleDescription<ExecModule> = {
  summary: 'Programs. Each runs in a process group of its own, which ends as a whole with its time limit or with the run.',
  functions: {
    run: {
      summary: 'Runs a command to its end. Another exit status than 0 is an error unless `allowFailure`.',
      parameters: [
        parameter('command', anyOf(text, list(text)), 'A text for the shell, or a list of a program and its arguments, without a shell'),
        options({
          cwd: optional(text, 'Folder to run in. Default: the working directory'),
          env: optional(record(text), 'Variables over those of the run'),
          input: optional(bytes, 'Standard input. Default: empty'),
          timeout: optional(duration, 'Default 10m'),
          maxOutput: optional(integer, 'Bytes of standard output that may come; more ends it. Default 16 MiB'),
          allowFailure: optional(boolean, 'Another exit status than 0 is a result. Default false'),
          stream: optional(boolean, 'Write its lines to the log as they come. Default false'),
        }),
      ],
      returns: {
        type: object('RunResult', {
          success: required(boolean, 'Whether the exit status was 0'),
          exitCode: required(integer, 'The exit status; 128 + n after signal n'),
          stdout: required(text, 'Standard output'),
          stderr: required(text, 'The last 64 KiB of standard error'),
          seconds: required(number, 'How long it took'),
        }),
      },
      async: true,
      throws: ['TASK_COMMAND_FAILED', 'COMMAND_TIMEOUT', 'COMMAND_OUTPUT', 'FILE_NOT_FOUND', 'CANCELLED'],
    },
    which: {
      summary: 'Where a program is that can be run by its name.',
      parameters: [parameter('program', text, 'Its name')],
      returns: { type: text, optional: true, summary: 'Its path' },
      async: true,
    },
  },
};
