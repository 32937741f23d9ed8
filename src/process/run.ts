import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { groupRuns } from './group.js';
import { onExit } from './on-exit.js';

export interface RunOptions {
  program: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Milliseconds of wall clock. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** For standard input, which is empty without. */
  input?: string | Uint8Array;
  /** Bytes of standard output that are held; more ends the program, unless `overflow` says otherwise. */
  maxOutput: number;
  /** `drop`: what is beyond `maxOutput` is not held, and the program goes on. Default `end`. */
  overflow?: 'end' | 'drop';
  /** Called with every piece of output as it comes. */
  onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2000. */
  graceMs?: number;
}

export interface RunResult {
  /** `failed`: it could not be started (`error` says why). */
  outcome: 'exited' | 'timeout' | 'aborted' | 'overflow' | 'failed';
  exitCode: number | null;
  exitSignal: NodeJS.Signals | null;
  stdout: Buffer;
  /** The last 64 KiB, as text. */
  stderr: string;
  error?: Error;
}

const maxStderr = 64 * 1024;
/** How long output may still trickle in after the program itself has ended but a child of it holds the pipe. */
const lingerMs = 200;

/**
 * Runs a program to its end, without a shell and in a process group of its own. Never rejects. A time
 * limit, an abort or too much output ends the whole group: SIGTERM, then SIGKILL. Settles soon after the
 * program has ended even where a process that it left behind holds its output open.
 */
export function runProcess(options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const result: RunResult = { outcome: 'exited', exitCode: null, exitSignal: null, stdout: Buffer.alloc(0), stderr: '' };
    if (options.signal?.aborted) return resolve({ ...result, outcome: 'aborted' });
    let child: ChildProcess;
    try {
      child = spawn(options.program, options.args, {
        cwd: options.cwd,
        env: options.env,
        detached: true,
        shell: false,
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
    } catch (error) {
      return resolve({ ...result, outcome: 'failed', error: error as Error });
    }

    const out: Buffer[] = [];
    let outBytes = 0;
    let err: Buffer = Buffer.alloc(0);
    let settled = false;
    const timers = new Set<NodeJS.Timeout>();
    const later = (ms: number, action: () => void) => void timers.add(setTimeout(action, ms));
    const forget = onExit(() => killGroup(child, 'SIGKILL'));

    const settle = () => {
      if (settled) return;
      settled = true;
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      forget();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ ...result, stdout: Buffer.concat(out), stderr: err.toString('utf8') });
    };
    const end = (outcome: RunResult['outcome']) => {
      if (settled || result.outcome !== 'exited') return;
      result.outcome = outcome;
      const grace = options.graceMs ?? 2000;
      killGroup(child, 'SIGTERM');
      later(grace, () => killGroup(child, 'SIGKILL'));
      later(grace + 1000, settle);
    };
    const onAbort = () => end('aborted');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    later(options.timeoutMs, () => end('timeout'));

    // A program that ends without reading all its input is judged by its exit status.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    child.stdout?.on('data', (chunk: Buffer) => {
      options.onOutput?.(chunk, 'stdout');
      outBytes += chunk.length;
      if (outBytes <= options.maxOutput) out.push(chunk);
      else if (options.overflow !== 'drop') end('overflow');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      options.onOutput?.(chunk, 'stderr');
      err = Buffer.concat([err, chunk]);
      if (err.length > maxStderr) err = err.subarray(err.length - maxStderr);
    });
    child.on('error', (error) => {
      result.outcome = 'failed';
      result.error = error;
      settle();
    });
    child.on('exit', (code, signal) => {
      result.exitCode = code;
      result.exitSignal = signal;
      // The rest of a group that was told to end has its grace, too.
      if (result.outcome !== 'exited') {
        waitForGroup();
        return;
      }
      let seen = -1;
      const linger = () => {
        if (outBytes === seen) {
          killGroup(child, 'SIGTERM');
          settle();
          return;
        }
        seen = outBytes;
        later(lingerMs, linger);
      };
      linger();
    });
    const waitForGroup = () => {
      if (child.pid === undefined || !groupRuns(child.pid)) settle();
      else later(50, waitForGroup);
    };
    child.on('close', () => {
      if (result.outcome === 'exited') settle();
    });
  });
}

/** Signals the whole process group of a child that was started detached. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
