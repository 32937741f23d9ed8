import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { findPaths, readSandboxLink } from '../../workspace/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { exit } from '../report.js';

export interface SandboxCommandOptions extends GlobalOptions {
  port?: string;
  host?: string;
  tokenAuthFile?: string;
  controllers?: boolean;
  pace?: string;
  memory?: boolean;
  reset?: boolean;
}

/** Serves the sandbox of this workspace until it is stopped. Other commands talk to it meanwhile. */
export async function sandboxCommand(context: CommandContext, options: SandboxCommandOptions): Promise<number> {
  const { terminal, signal, directory, env } = context;
  const port = number(options.port ?? '0', '--port', 65_535);
  const pace = options.pace === undefined ? undefined : Number(options.pace);
  if (pace !== undefined && !(pace >= 0 && pace <= 1000))
    throw new EvenkeelError('USAGE', `--pace takes a number from 0 to 1000, not "${options.pace}"`);
  const paths = findPaths(directory, { state: options.state ?? env['EVENKEEL_STATE'], config: options.config });
  const tokens = options.tokenAuthFile === undefined ? undefined : readTokens(resolve(directory, options.tokenAuthFile));
  const served = readSandboxLink(paths);
  if (served !== undefined && options.memory !== true) {
    throw new EvenkeelError('SANDBOX_BUSY', `the sandbox is served already by pid ${served.pid} at ${served.url}`, {
      hint: `Use it: kubectl --kubeconfig ${served.kubeconfig} get all`,
    });
  }
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  if (options.reset === true) for (const suffix of ['', '-wal', '-shm']) rmSync(paths.sandbox + suffix, { force: true });
  const { createSandbox, serveSandbox } = await import('../../sandbox/index.js');
  const sandbox = await createSandbox({
    ...(options.memory === true ? {} : { file: paths.sandbox }),
    controllers: options.controllers !== false,
    pace,
  });
  try {
    const server = await serveSandbox(sandbox, { port, host: options.host, tokens });
    writeFileSync(paths.sandboxKubeconfig, server.kubeconfig, { mode: 0o600 });
    if (options.memory !== true)
      writeFileSync(paths.sandboxLink, JSON.stringify({ pid: process.pid, url: server.url, kubeconfig: paths.sandboxKubeconfig }), {
        mode: 0o600,
      });
    if (options.output === 'json')
      terminal.out(stringifyJson({ url: server.url, port: server.port, kubeconfig: paths.sandboxKubeconfig, pid: process.pid }));
    else {
      terminal.out(`Sandbox at ${server.url}`);
      terminal.out(`  export KUBECONFIG=${paths.sandboxKubeconfig}`);
      terminal.out('  kubectl get all -A');
      terminal.out(terminal.style('dim', 'Ctrl-C stops it; what is in it stays.'));
    }
    await new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done(), { once: true });
    });
    if (options.memory !== true) rmSync(paths.sandboxLink, { force: true });
    await server.close();
  } finally {
    await sandbox.close();
  }
  return exit.done;
}

function number(text: string, flag: string, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value > max)
    throw new EvenkeelError('USAGE', `${flag} takes a whole number from 0 to ${max}, not "${text}"`);
  return value;
}

function readTokens(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EvenkeelError('USAGE', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`, {
      where: { file: path },
      cause: error,
    });
  }
}
