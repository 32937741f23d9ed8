import { spawn } from 'node:child_process';
import type { Clock } from '../../model/index.js';

export interface Program {
  command: string;
  args: readonly string[];
  env: { [name: string]: string | undefined };
  /** Give it our standard input and error, so that it can talk to a person. */
  attached: boolean;
  clock: Clock;
  timeoutMs: number;
}

export interface Ran {
  /** `ok`, or what became of it as words that follow its name. */
  outcome: string;
  stdout: string;
  stderr: string;
}

const MOST_OUTPUT = 4_000_000;
/** How long output may still come after the program has ended: a grandchild may hold the pipe open. */
const LINGER = 200;

/**
 * Runs a program without a shell, in a process group of its own that ends with it.
 * Rejects where it cannot be started (Node's error codes).
 */
export function runProgram(program: Program): Promise<Ran> {
  const { attached, clock } = program;
  return new Promise((resolve, reject) => {
    const child = spawn(program.command, program.args, {
      env: program.env,
      // A program that talks to the terminal has to stay in the foreground group.
      detached: !attached,
      stdio: [attached ? 'inherit' : 'ignore', 'pipe', attached ? 'inherit' : 'pipe'],
      windowsHide: true,
    });
    const done = new AbortController();
    let stdout = '';
    let stderr = '';
    let outcome: string | undefined;
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(attached ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const finish = () => {
      if (done.signal.aborted) return;
      done.abort();
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ outcome: outcome ?? 'ok', stdout, stderr });
    };
    const stop = (why: string) => {
      outcome ??= why;
      kill();
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MOST_OUTPUT) stop('wrote too much');
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    child.once('error', (error) => {
      done.abort();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      if (code !== 0) outcome ??= signal === null ? `failed with exit status ${code}` : `was ended by ${signal}`;
      clock.sleep(LINGER, done.signal).then(
        () => {
          kill();
          finish();
        },
        () => undefined,
      );
    });
    child.once('close', finish);
    clock.sleep(program.timeoutMs, done.signal).then(
      () => stop(`did not finish within ${Math.round(program.timeoutMs / 1000)} s`),
      () => undefined,
    );
  });
}
