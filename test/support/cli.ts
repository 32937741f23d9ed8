import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRepository, type TestRepository } from './repository.js';

const command = join(import.meta.dirname, '../../dist/evenkeel.js');

export interface CliResult {
  status: number | null;
  stdout: string;
  stderr: string;
  json<T = Record<string, unknown>>(): T;
}

export interface CliLab {
  folder: string;
  repository: TestRepository;
  /** Runs the real command in the folder, without a terminal. */
  run(args: readonly string[], options?: { input?: string; env?: { [name: string]: string } }): Promise<CliResult>;
  /** Starts it and leaves it running. */
  start(args: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

export function makeCliLab(): CliLab {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-cli-'));
  const repository = makeRepository(join(folder, 'repository'));
  const started: ChildProcess[] = [];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  return {
    folder,
    repository,
    run: (args, options = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: { ...env, ...options.env }, stdio: 'pipe' });
        let stdout = '';
        let stderr = '';
        child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
        child.on('error', reject);
        child.on('close', (status) => resolve({ status, stdout, stderr, json: <T>() => JSON.parse(stdout) as T }));
        child.stdin.end(options.input ?? '');
      }),
    start(args) {
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      started.push(child);
      return child;
    },
    async close() {
      await Promise.all(
        started.map(async (child) =>
          child.exitCode !== null || child.signalCode !== null
            ? undefined
            : new Promise<void>((done) => {
                child.once('exit', () => done());
                child.kill('SIGKILL');
              }),
        ),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The first line that a process writes to standard output. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it wrote a line`)));
  });
}
