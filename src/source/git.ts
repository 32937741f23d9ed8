import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, EvenkeelError, printable, redactor } from '../model/index.js';
import { runProcess } from '../process/index.js';
import type { LoginSetup } from './credentials.js';
import { checkFit, readLogin, setUpLogin } from './credentials.js';
import { fixedConfig, gitEnvironment } from './environment.js';
import { explainFailure } from './failures.js';
import { privateFolder } from './privateFolder.js';
import type { SourceOptions } from './types.js';
import type { RepositoryUrl } from './url.js';
import { normaliseUrl } from './url.js';

/** The oldest git that has what we call (credentials and fetch options; security fixes are the user's to have). */
const leastVersion: [number, number] = [2, 30];
const defaultTimeoutMs = 120_000;
const maxOutput = 256 * 1024 * 1024;

export interface GitCall {
  args: readonly string[];
  /** The mirror that the command works on; none where it only asks the remote. */
  mirror?: string;
  /** Whether it speaks to the remote, and so needs to log in. */
  remote?: boolean;
  input?: string;
  signal?: AbortSignal;
}

/** The git program, tied to one repository: its environment, its credentials, its time limit. */
export interface Git {
  readonly url: RepositoryUrl;
  readonly timeoutMs: number;
  /** @returns standard output @throws EvenkeelError where git fails, is missing, too old, too slow, or aborted */
  call(call: GitCall): Promise<Buffer>;
  /** Starts a command that stays and talks over its standard input and output. */
  start(mirror: string, args: readonly string[]): Promise<ChildProcessWithoutNullStreams>;
  /** Undefined until it is closed; then the error for everything that is still asked. */
  closedError(): EvenkeelError | undefined;
  /** Takes secrets out of a text. */
  redact(text: string): string;
  /** Aborts what runs and removes credentials from the disk. */
  close(): Promise<void>;
}

export function openGit(options: SourceOptions): Git {
  const url = normaliseUrl(options.url, options.baseDirectory);
  const login = readLogin(url, options.credentials, options.environment);
  if (options.environment === 'controller' || url.kind === 'local') checkFit(url, login.credentials);
  const redact = redactor(login.secrets);
  // What timers can hold; they take more for 1 ms.
  const timeoutMs = Math.min(options.timeoutMs ?? defaultTimeoutMs, 2 ** 31 - 1);
  const outer = options.env ?? process.env;
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  const folder = lazily(() => privateFolder(outer['TMPDIR'] || tmpdir()));
  const env = lazily(() => gitEnvironment(options.environment, outer, join(folder.get().path, 'home')));
  let checked: Promise<void> | undefined;
  let setup: Promise<LoginSetup> | undefined;

  async function exec(call: GitCall, login: LoginSetup): Promise<Buffer> {
    const cwd = folder.get().path;
    const task = runProcess({
      program: 'git',
      args: [`--git-dir=${call.mirror ?? join(cwd, 'none')}`, ...fixedConfig, ...login.config, ...call.args],
      cwd,
      env: { ...env.get(), ...login.env },
      timeoutMs,
      input: call.input,
      signal: call.signal === undefined ? closing.signal : AbortSignal.any([call.signal, closing.signal]),
      maxOutput,
    });
    running.add(task);
    const result = await task.finally(() => running.delete(task));
    if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout;
    const where = { url: url.url };
    switch (result.outcome) {
      case 'failed':
        throw missing(result.error);
      case 'aborted':
        throw closing.signal.aborted
          ? closed(url.url)
          : new EvenkeelError('CANCELLED', `git was stopped on ${url.url}.`, { where, cause: call.signal?.reason });
      case 'timeout':
        throw new EvenkeelError('SOURCE_TIMEOUT', `git took longer than ${count(timeoutMs, 'millisecond')} on ${url.url}.`, {
          where,
          hint: 'Try again, or give a longer timeoutMs where the repository is that large.',
        });
      case 'overflow':
        throw new EvenkeelError('SOURCE_OUTPUT_TOO_LARGE', `git printed more than ${maxOutput / 1024 / 1024} MiB about ${url.url}.`, {
          where,
          hint: 'The repository has too many files or refs for Evenkeel.',
        });
      default: {
        const stderr = printable(redact(result.stderr));
        if (call.remote && url.kind === 'local' && !existsSync(url.remote))
          throw new EvenkeelError('SOURCE_PATH_MISSING', `There is nothing at ${url.remote}.`, {
            where: { ...where, file: url.remote },
            hint: 'Check the path; a relative one is relative to the folder that Evenkeel runs in.',
          });
        throw explainFailure({
          url: url.url,
          stderr,
          exitCode: result.exitCode,
          exitSignal: result.exitSignal,
          remote: call.remote ?? false,
        });
      }
    }
  }

  const none: LoginSetup = { env: {}, config: [], files: [] };

  async function checkVersion(): Promise<void> {
    const text = (await exec({ args: ['version'] }, none)).toString('utf8');
    const found = /^git version ([0-9]+)\.([0-9]+)/.exec(text);
    const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
    if (!found || major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1]))
      throw new EvenkeelError('SOURCE_GIT_OLD', `The git in PATH is "${printable(text).trim().slice(0, 80)}".`, {
        hint: `Install git ${leastVersion.join('.')} or newer.`,
      });
  }

  async function prepareLogin(): Promise<LoginSetup> {
    let effective = url;
    if (options.environment === 'person' && login.credentials !== undefined) {
      const rewritten = (await exec({ args: ['ls-remote', '--get-url', '--end-of-options', url.remote] }, none)).toString('utf8').trim();
      if (rewritten !== url.remote) effective = normaliseUrl(rewritten);
      // A person's insteadOf that leads to a local copy leaves nothing to log in to.
      if (effective.kind === 'local') return none;
      checkFit(effective, login.credentials);
    }
    return setUpLogin({ login, url: effective, environment: options.environment, folder: folder.get() });
  }

  /** Does a thing once; what failed is tried anew the next time. */
  async function ready(remote: boolean): Promise<LoginSetup> {
    if (closing.signal.aborted) throw closed(url.url);
    // Systems clear their folder of temporary files of what is old, and a controller grows old.
    const made = folder.made();
    if (made !== undefined && ![made.path, ...((await setup)?.files ?? [])].every((path) => existsSync(path))) {
      made.remove();
      folder.forget();
      env.forget();
      setup = undefined;
    }
    checked ??= checkVersion().catch((error: unknown) => {
      checked = undefined;
      throw error;
    });
    await checked;
    if (!remote) return none;
    setup ??= prepareLogin().catch((error: unknown) => {
      setup = undefined;
      throw error;
    });
    return setup;
  }

  return {
    url,
    timeoutMs,
    redact,
    closedError: () => (closing.signal.aborted ? closed(url.url) : undefined),
    async call(call) {
      if (call.signal?.aborted) throw new EvenkeelError('CANCELLED', `git was stopped on ${url.url}.`, { cause: call.signal.reason });
      return exec(call, await ready(call.remote ?? false));
    },
    async start(mirror, args) {
      await ready(false);
      const child = spawn('git', [`--git-dir=${mirror}`, ...fixedConfig, ...args], {
        cwd: folder.get().path,
        env: env.get(),
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      // Whoever talks to it hears of a failed start when its pipes close.
      child.on('error', () => undefined);
      return child;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      folder.made()?.remove();
    },
  };
}

function lazily<T>(make: () => T): { get(): T; made(): T | undefined; forget(): void } {
  let value: T | undefined;
  return {
    get() {
      value ??= make();
      return value;
    },
    made: () => value,
    forget() {
      value = undefined;
    },
  };
}

function missing(cause: unknown): EvenkeelError {
  return new EvenkeelError('SOURCE_GIT_MISSING', 'The git program cannot be started.', {
    hint: `Install git ${leastVersion.join('.')} or newer and see that it is in PATH.`,
    cause,
  });
}

function closed(url: string): EvenkeelError {
  return new EvenkeelError('SOURCE_CLOSED', `The repository ${url} was closed.`, {
    where: { url },
    hint: 'Open it again with openSource.',
  });
}
