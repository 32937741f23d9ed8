import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOptions } from './run.js';
import { runProcess } from './run.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shell = (script: string, more: Partial<RunOptions> = {}) =>
  runProcess({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    timeoutMs: 20_000,
    maxOutput: 1000,
    ...more,
  });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
}

async function eventually(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((done) => setTimeout(done, 10));
}

describe('runProcess', () => {
  it('gives output, errors and status', async () => {
    const result = await shell('cat; echo oh >&2; exit 3', { input: 'hello' });
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 3, stderr: 'oh\n' });
    expect(result.stdout.toString()).toBe('hello');
  });

  it('settles when a grandchild keeps the output open, and ends the grandchild', async () => {
    const result = await shell('sleep 600 & echo $! > left.pid; echo done');
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0 });
    expect(result.stdout.toString()).toBe('done\n');
    const pid = Number(readFileSync(join(folder, 'left.pid'), 'utf8'));
    await eventually(() => !isAlive(pid));
  });

  it('ends the whole group at the time limit, even one that ignores SIGTERM', async () => {
    const result = await shell(`trap '' TERM; (trap '' TERM; sleep 600 & echo $! > stubborn.pid; wait) & sleep 600; wait`, {
      timeoutMs: 300,
      graceMs: 50,
    });
    expect(result.outcome).toBe('timeout');
    const pid = Number(readFileSync(join(folder, 'stubborn.pid'), 'utf8'));
    await eventually(() => !isAlive(pid));
  });

  it('ends on abort, and does not start when aborted before', async () => {
    const controller = new AbortController();
    const started = shell('echo $$ > abort.pid; sleep 600 | sleep 600', { signal: controller.signal });
    await eventually(() => existsSync(join(folder, 'abort.pid')));
    controller.abort();
    expect((await started).outcome).toBe('aborted');
    expect((await shell('echo no > never', { signal: controller.signal })).outcome).toBe('aborted');
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('ends a program that prints without end, and says when there is none', async () => {
    expect((await shell('yes')).outcome).toBe('overflow');
    const none = await runProcess({ program: 'no-such-program', args: [], cwd: folder, env: {}, timeoutMs: 1000, maxOutput: 10 });
    expect(none).toMatchObject({ outcome: 'failed', error: { code: 'ENOENT' } });
  });
});
