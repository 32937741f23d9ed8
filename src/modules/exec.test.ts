import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../test/support/modules.js';
import { invokeSnake } from './index.js';

let lab: ModuleLab;
beforeAll(async () => {
  lab = await moduleLab();
});
afterAll(() => lab.close());

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const eventually = async (check: () => boolean) => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('exec.run', () => {
  test('gives a text to the shell and a list to the program as it is', async () => {
    const { exec } = lab.modules;
    expect(await exec.run('echo $((1+1)); echo no >&2')).toMatchObject({ success: true, exitCode: 0, stdout: '2\n', stderr: 'no\n' });
    expect((await exec.run(['printf', '%s|', '$HOME', 'a b', ';ls'])).stdout).toBe('$HOME|a b|;ls|');
    expect(await invokeSnake(lab.modules, 'exec', 'run', [['cat'], { input: 'hi', max_output: 10 }])).toMatchObject({
      exit_code: 0,
      stdout: 'hi',
    });
  });

  test('knows the environment that it is given and nothing more', async () => {
    process.env['EVENKEEL_TEST_OUTER'] = 'leaked';
    const { stdout } = await lab.modules.exec.run('env', { env: { A_VALUE: 'x=y' } });
    expect(stdout).toContain('A_VALUE=x=y');
    expect(stdout).toContain(`HOME=${lab.folder}`);
    expect(stdout).not.toContain('leaked');
  });

  test('runs in a folder below the working directory', async () => {
    mkdirSync(join(lab.folder, 'sub'));
    expect((await lab.modules.exec.run('pwd', { cwd: 'sub' })).stdout.trim()).toBe(join(lab.folder, 'sub'));
    await expect(lab.modules.exec.run('pwd', { cwd: 'none' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test('another status than 0 is an error with the end of what it said, unless that is allowed', async () => {
    await expect(lab.modules.exec.run('echo why >&2; exit 3')).rejects.toMatchObject({
      code: 'TASK_COMMAND_FAILED',
      message: expect.stringContaining('status 3'),
      details: { exitCode: 3, stderr: 'why\n' },
    });
    expect(await lab.modules.exec.run('exit 3', { allowFailure: true })).toMatchObject({ success: false, exitCode: 3 });
    expect(await lab.modules.exec.run('kill -9 $$', { allowFailure: true })).toMatchObject({ exitCode: 137 });
    await expect(lab.modules.exec.run(['no-such-program'])).rejects.toMatchObject({
      code: 'TASK_COMMAND_FAILED',
      hint: /Install no-such-program/ as never,
    });
  });

  test('ends the whole group at the time limit and with the run', async () => {
    await expect(lab.modules.exec.run('sleep 600 & echo $! > pid; wait', { timeout: 2 })).rejects.toMatchObject({
      code: 'COMMAND_TIMEOUT',
    });
    const pid = Number(readFileSync(join(lab.folder, 'pid'), 'utf8'));
    await eventually(() => !isAlive(pid));
    const controller = new AbortController();
    const running = lab.with({ signal: controller.signal }).exec.run('touch begun; sleep 600');
    await eventually(() => existsSync(join(lab.folder, 'begun')));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('ends what writes without end', async () => {
    await expect(lab.modules.exec.run('yes', { maxOutput: 1000 })).rejects.toMatchObject({ code: 'COMMAND_OUTPUT' });
  });

  test('writes lines to the log as they come, masked and safe to print', async () => {
    lab.host.secrets.add('s3cr3t-value');
    lab.lines.length = 0;
    await lab.modules.exec.run("printf 'one\\ntwo s3cr3t-value\\n\\033[2Jthree'", { stream: true });
    expect(lab.lines.map((line) => line.message)).toEqual(['one', 'two •••', '\\u001b[2Jthree']);
    await expect(lab.modules.exec.run('echo s3cr3t-value >&2; exit 1')).rejects.toMatchObject({
      message: expect.not.stringContaining('s3cr3t'),
    });
  });

  test.each<[string, unknown[]]>([
    ['nothing', [[]]],
    ['a NUL', ['echo \0']],
    ['a variable with =', ['env', { env: { 'A=B': 'x' } }]],
  ])('refuses %s', async (_, args) => {
    await expect((lab.modules.exec.run as (...args: unknown[]) => Promise<unknown>)(...args)).rejects.toMatchObject({
      code: /^(ARGUMENT|OPTION)_INVALID$/ as never,
    });
  });
});

test('exec.which finds programs by the PATH of the run', async () => {
  expect(await lab.modules.exec.which('sh')).toMatch(/^\/.*\/sh$/);
  expect(await lab.modules.exec.which('no-such-program')).toBeUndefined();
  expect(await lab.with({ env: {} }).exec.which('sh')).toBeUndefined();
});
