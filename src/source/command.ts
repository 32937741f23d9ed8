import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvenkeelError, printable, redactor } from '../model/index.js';
import { runProcess } from '../process/index.js';
import { checkFit, type LoginSetup, readLogin, setUpLogin } from './credentials.js';
import { fixedConfig, gitEnvironment } from './environment.js';
import { explainFailure } from './failures.js';
import { privateFolder } from './privateFolder.js';
import type { Credentials } from './types.js';
import { normaliseUrl, type RepositoryUrl } from './url.js';

export interface GitCommand {
  /** The working tree, or the folder that a clone is made in. */
  directory: string;
  /** Checked by the caller: nothing of it may be taken for an option. */
  args: readonly string[];
  environment: 'person' | 'controller';
  /** The environment that either is made from. */
  env: { readonly [name: string]: string | undefined };
  /** Further variables, such as who commits. */
  variables?: { [name: string]: string };
  /** The remote that it speaks to, if it does. Credentials are given to that one only. */
  remote?: { url: string; credentials?: Credentials };
  input?: string;
  signal?: AbortSignal;
  /** Milliseconds. Default 120000. */
  timeoutMs?: number;
}

const maxOutput = 32 * 1024 * 1024;

/**
 * Runs one git command in a working tree, with hooks, submodules, transport helpers and symbolic links off,
 * and without prompts.
 * @returns standard output
 * @throws EvenkeelError SOURCE_*; SOURCE_PUSH_REJECTED where the remote has what we have not
 */
export async function runGit(command: GitCommand): Promise<string> {
  const { directory, args, environment, env, timeoutMs = 120_000 } = command;
  const url = command.remote === undefined ? undefined : normaliseUrl(command.remote.url, directory);
  const login = url === undefined ? undefined : readLogin(url, command.remote?.credentials, environment);
  const redact = redactor(login?.secrets ?? []);
  const needsLogin =
    url !== undefined && login !== undefined && url.kind !== 'local' && (login.credentials !== undefined || environment === 'controller');
  if (needsLogin) checkFit(url, login.credentials);
  const folder = environment === 'controller' || needsLogin ? privateFolder(env['TMPDIR'] || tmpdir()) : undefined;
  try {
    const none: LoginSetup = { env: {}, config: [], files: [] };
    const setup = needsLogin && folder !== undefined ? setUpLogin({ login, url, environment, folder }) : none;
    const result = await runProcess({
      program: 'git',
      args: [...fixedConfig, ...setup.config, ...args],
      cwd: directory,
      env: {
        ...gitEnvironment(environment, env, join(folder?.path ?? '/nonexistent', 'home')),
        GIT_LITERAL_PATHSPECS: '1',
        ...setup.env,
        ...command.variables,
      },
      timeoutMs: Math.min(timeoutMs, 2 ** 31 - 1),
      maxOutput,
      ...(command.input === undefined ? {} : { input: command.input }),
      ...(command.signal === undefined ? {} : { signal: command.signal }),
    });
    if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout.toString('utf8');
    throw failureOf({ command, url, result, stderr: printable(redact(result.stderr)) });
  } finally {
    folder?.remove();
  }
}

function failureOf(about: {
  command: GitCommand;
  url: RepositoryUrl | undefined;
  result: Awaited<ReturnType<typeof runProcess>>;
  stderr: string;
}): EvenkeelError {
  const { command, url, result, stderr } = about;
  const what = url?.url ?? command.directory;
  const where = url === undefined ? { file: command.directory } : { url: url.url };
  switch (result.outcome) {
    case 'failed':
      if (!existsSync(command.directory))
        return new EvenkeelError('SOURCE_PATH_MISSING', `There is no folder ${command.directory}.`, { where, hint: 'Check the path.' });
      return new EvenkeelError('SOURCE_GIT_MISSING', 'The git program cannot be started.', {
        hint: 'Install git and see that it is in PATH.',
        cause: result.error,
      });
    case 'aborted':
      return new EvenkeelError('CANCELLED', `git was stopped on ${what}.`, { where, cause: command.signal?.reason });
    case 'timeout':
      return new EvenkeelError('SOURCE_TIMEOUT', `git took too long on ${what}.`, { where, hint: 'Give it more time: timeout.' });
    case 'overflow':
      return new EvenkeelError('SOURCE_OUTPUT_TOO_LARGE', `git printed more than ${maxOutput / 1024 / 1024} MiB about ${what}.`, {
        where,
        hint: 'Ask for less at once.',
      });
    default:
      break;
  }
  if (command.args[0] === 'push' && /\[(?:remote )?rejected\]|non-fast-forward|fetch first/.test(stderr))
    return new EvenkeelError('SOURCE_PUSH_REJECTED', `${what} does not take the commits.`, {
      where,
      hint: /protected|hook declined/.test(stderr)
        ? 'The branch is protected: push another branch and ask for it to be merged.'
        : 'Somebody pushed meanwhile: clone it again, make the change again, and push.',
    });
  if (/not a git repository/.test(stderr))
    return new EvenkeelError('SOURCE_NOT_FOUND', `${command.directory} is not the working tree of a repository.`, {
      where,
      hint: 'Clone one first: git.clone.',
    });
  if (url?.kind === 'local' && !existsSync(url.remote))
    return new EvenkeelError('SOURCE_PATH_MISSING', `There is nothing at ${url.remote}.`, { where, hint: 'Check the path.' });
  return explainFailure({ url: what, stderr, exitCode: result.exitCode, exitSignal: result.exitSignal, remote: url !== undefined });
}
