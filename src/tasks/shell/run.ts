import { constants } from 'node:os';
import { runProcess } from '../../process/index.js';
import { lineSplitter } from './lines.js';

export interface ShellOptions {
  command: string;
  cwd: string;
  env: { readonly [name: string]: string | undefined };
  /** For standard input, which is empty without. */
  input?: string;
  signal: AbortSignal;
  /** Milliseconds. Default: as long as it takes. */
  timeoutMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs: number;
  onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

export interface ShellResult {
  /** `failed`: the shell could not be started (`error` says why). */
  outcome: 'exited' | 'timeout' | 'aborted' | 'failed';
  /** 128 + n after signal n, as shells count. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Whether the beginning of a stream was dropped. */
  truncated: boolean;
  error?: Error;
}

/** Bytes of each stream that are returned: the last ones. */
const MAX_OUTPUT = 1024 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs a command with `sh -c` to its end, in a process group that ends as a whole. Never rejects. */
export async function runShell(options: ShellOptions): Promise<ShellResult> {
  const tails = { stdout: tail(MAX_OUTPUT), stderr: tail(MAX_OUTPUT) };
  const splitters = {
    stdout: lineSplitter((line) => options.onLine?.('stdout', line)),
    stderr: lineSplitter((line) => options.onLine?.('stderr', line)),
  };
  const { outcome, exitCode, exitSignal, error } = await runProcess({
    program: '/bin/sh',
    args: ['-c', options.command],
    cwd: options.cwd,
    env: options.env,
    ...(options.input === undefined ? {} : { input: options.input }),
    signal: options.signal,
    timeoutMs: Math.min(options.timeoutMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS),
    graceMs: options.graceMs,
    maxOutput: 0,
    overflow: 'drop',
    onOutput: (chunk, stream) => {
      tails[stream].add(chunk);
      splitters[stream].write(chunk);
    },
  });
  splitters.stdout.end();
  splitters.stderr.end();
  return {
    outcome: outcome === 'overflow' ? 'exited' : outcome,
    exitCode: exitCode ?? (exitSignal === null ? 127 : 128 + constants.signals[exitSignal]),
    stdout: tails.stdout.text(),
    stderr: tails.stderr.text(),
    truncated: tails.stdout.cut() || tails.stderr.cut(),
    ...(error === undefined ? {} : { error }),
  };
}

/** The last `max` bytes of a stream. */
function tail(max: number): { add(chunk: Buffer): void; text(): string; cut(): boolean } {
  let chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= 2 * max) return;
      chunks = [Buffer.concat(chunks).subarray(-max)];
      size = max;
      cut = true;
    },
    text() {
      const all = Buffer.concat(chunks);
      if (all.length > max) cut = true;
      return all.subarray(-max).toString('utf8');
    },
    cut: () => cut,
  };
}
