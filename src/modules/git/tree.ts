import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import type { CredentialsOptions } from '../../gitops/index.js';
import { EvenkeelError } from '../../model/index.js';
import { type GitCommand, normaliseUrl, readRef, runGit } from '../../source/index.js';
import { type Duration, milliseconds } from '../durations.js';
import { explained } from '../files/failure.js';
import { pathInside } from '../files/folder.js';
import { credentialsOf, type GitHost, remoteOf } from './remote.js';

export interface TreeStatus {
  /** Undefined where no branch is checked out. */
  branch?: string;
  /** Undefined before the first commit. */
  revision?: string;
  /** Whether nothing differs from the last commit. */
  clean: boolean;
  /** Commits that the upstream does not have, and the other way round. */
  ahead: number;
  behind: number;
  files: { path: string; status: 'added' | 'modified' | 'deleted' | 'conflicted' | 'untracked' }[];
}

interface InTree {
  /** The working tree. Default: the working directory. */
  directory?: string;
}

interface Speaking {
  credentials?: CredentialsOptions;
  timeout?: Duration;
}

export interface TreeFunctions {
  clone(
    url: string,
    directory: string,
    options?: Speaking & { branch?: string; tag?: string; depth?: number },
  ): Promise<{ path: string; revision: string }>;
  status(options?: InTree): Promise<TreeStatus>;
  log(options?: InTree & { limit?: number; path?: string }): Promise<{ revision: string; author: string; at: string; subject: string }[]>;
  changedFiles(from: string, to: string, options?: InTree): Promise<string[]>;
  switchBranch(branch: string, options?: InTree & { create?: boolean }): Promise<void>;
  /** @returns the new commit; undefined where nothing differs */
  commit(message: string, options?: InTree & { paths?: string[]; author?: { name: string; email: string } }): Promise<string | undefined>;
  tag(name: string, options?: InTree & { message?: string }): Promise<void>;
  /** @returns what was pushed: a commit */
  push(options?: InTree & Speaking & { branch?: string; remote?: string; tags?: boolean }): Promise<string>;
}

const fallback = { name: 'Evenkeel', email: 'evenkeel@localhost' };
const MOST_LOG = 1_000;

export function openTree(host: GitHost): TreeFunctions {
  const run = (directory: string, args: readonly string[], more: Partial<GitCommand> = {}) =>
    runGit({ directory, args, environment: host.git.environment, env: host.env, signal: host.signal, ...more });
  const folderOf = ({ directory = '.' }: InTree) => pathInside(host, directory);
  const trimmed = async (directory: string, args: readonly string[]) => (await run(directory, args)).trim();
  const head = (directory: string) => trimmed(directory, ['rev-parse', '--verify', '--end-of-options', 'HEAD']);

  /** Who commits: the person, as git knows them, or else the program. */
  async function identity(directory: string, author: { name: string; email: string } | undefined): Promise<{ [name: string]: string }> {
    const known = await run(directory, ['config', '--get', 'user.email']).then(
      (email) => email.trim() !== '',
      () => false,
    );
    const committer = known ? undefined : fallback;
    const by = author ?? committer;
    return {
      ...(by === undefined ? {} : { GIT_AUTHOR_NAME: by.name, GIT_AUTHOR_EMAIL: by.email }),
      ...(committer === undefined ? {} : { GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email }),
    };
  }

  return {
    async clone(url, directory, { branch, tag, depth, credentials, timeout } = {}) {
      if (branch !== undefined && tag !== undefined)
        throw new EvenkeelError('OPTION_INVALID', 'git.clone: give a branch or a tag', { where: { field: 'branch' } });
      const ref = branch !== undefined ? readRef({ branch }) : tag !== undefined ? readRef({ tag }) : undefined;
      const name = ref !== undefined && 'name' in ref ? ref.name : undefined;
      const path = pathInside(host, directory);
      if (existsSync(path) && (await explained(directory, async () => readdirSync(path).length > 0)))
        throw new EvenkeelError('FILE_EXISTS', `"${directory}" exists already and is not empty`, { where: { file: directory } });
      await explained(directory, () => mkdir(dirname(path), { recursive: true }));
      const { remote } = normaliseUrl(remoteOf(host, url), host.workingDirectory);
      const args = [
        ...['clone', '--quiet', '--no-local', '--no-recurse-submodules', '--template='],
        ...(name === undefined ? [] : ['--branch', name]),
        ...(depth === undefined ? [] : ['--depth', String(depth), '--no-single-branch']),
      ];
      await run(dirname(path), [...args, '--', remote, path], {
        remote: { url, credentials: credentialsOf(host, credentials) },
        timeoutMs: milliseconds(timeout, 600_000),
      });
      return { path: directory, revision: await head(path) };
    },
    status: async (options = {}) =>
      readStatus(await run(folderOf(options), ['status', '--porcelain=v2', '--branch', '--untracked-files=all', '--no-renames', '-z'])),
    async log({ limit = 20, path, ...options } = {}) {
      const directory = folderOf(options);
      const count = String(Math.max(0, Math.min(limit, MOST_LOG)));
      const text = await run(directory, [
        ...['log', '-z', '--format=%H%x1f%an <%ae>%x1f%aI%x1f%s', `--max-count=${count}`, '--end-of-options', 'HEAD', '--'],
        ...(path === undefined ? [] : [path]),
      ]);
      return text
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => {
          const [revision = '', author = '', at = '', subject = ''] = line.split('\x1f');
          return { revision, author, at: new Date(at).toISOString(), subject };
        });
    },
    async changedFiles(from, to, options = {}) {
      for (const [field, ref] of Object.entries({ from, to })) checkRevision(ref, field);
      const text = await run(folderOf(options), ['diff', '--name-only', '--no-renames', '-z', '--end-of-options', from, to, '--']);
      return text.split('\0').filter((path) => path !== '');
    },
    async switchBranch(branch, { create = false, ...options } = {}) {
      const { name } = readRef({ branch }) as { name: string };
      await run(folderOf(options), ['switch', '--quiet', ...(create ? ['--create', name] : [name]), '--']);
    },
    async commit(message, { paths, author, ...options } = {}) {
      if (message.trim() === '' || message.includes('\0'))
        throw new EvenkeelError('ARGUMENT_INVALID', 'git.commit: the message is empty or has a NUL in it', { where: { field: 'message' } });
      checkAuthor(author);
      const directory = folderOf(options);
      const named = (paths ?? ['.']).map(
        (path) => relative(directory, pathInside({ ...host, workingDirectory: directory }, path, { follow: false })) || '.',
      );
      await run(directory, ['add', '--all', '--', ...named]);
      const limited = paths === undefined ? [] : ['--only', '--', ...named];
      const staged = await run(directory, ['diff', '--cached', '--name-only', '-z', '--', ...(paths === undefined ? [] : named)]);
      if (staged === '') return undefined;
      await run(directory, ['commit', '--quiet', '--no-verify', '--file=-', '--cleanup=strip', ...limited], {
        input: message,
        variables: await identity(directory, author),
      });
      return head(directory);
    },
    async tag(name, { message, ...options } = {}) {
      const { name: checked } = readRef({ tag: name }) as { name: string };
      const directory = folderOf(options);
      const annotated = message === undefined ? {} : { input: message, variables: await identity(directory, undefined) };
      await run(directory, ['tag', ...(message === undefined ? [] : ['--annotate', '--file=-']), '--', checked, 'HEAD'], annotated);
    },
    async push({ branch, remote = 'origin', tags = false, credentials, timeout, ...options } = {}) {
      const directory = folderOf(options);
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(remote))
        throw new EvenkeelError('OPTION_INVALID', 'git.push: option "remote" is not the name of a remote', { where: { field: 'remote' } });
      const current = branch ?? (await trimmed(directory, ['symbolic-ref', '--short', '--quiet', 'HEAD']));
      const { ref } = readRef({ branch: current }) as { ref: string };
      const url = await trimmed(directory, ['remote', 'get-url', '--push', '--', remote]);
      await run(directory, ['push', '--quiet', ...(tags ? ['--tags'] : []), '--', remote, `HEAD:${ref}`], {
        remote: { url: remoteOf(host, url), credentials: credentialsOf(host, credentials) },
        timeoutMs: milliseconds(timeout, 600_000),
      });
      return head(directory);
    },
  };
}

function checkAuthor(author: { name: string; email: string } | undefined): void {
  for (const text of Object.values(author ?? {}))
    if (/[<>\p{Cc}]/u.test(text) || text.trim() === '')
      throw new EvenkeelError('OPTION_INVALID', 'git.commit: option "author" has an empty name or email, or "<", ">" or a line break', {
        where: { field: 'author' },
      });
}

function checkRevision(ref: string, field: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_./~^@{}-]{0,250}$/.test(ref)) return;
  throw new EvenkeelError('ARGUMENT_INVALID', `git.changedFiles: "${field}" is not a revision`, {
    where: { field },
    hint: 'Write a commit, a branch, a tag or HEAD~1.',
  });
}

/** https://git-scm.com/docs/git-status, porcelain format 2. */
function readStatus(text: string): TreeStatus {
  const status: TreeStatus = { clean: true, ahead: 0, behind: 0, files: [] };
  for (const line of text.split('\0')) {
    const [kind, ...rest] = line.split(' ');
    if (kind === '#') {
      const [name, value = '', other = ''] = rest;
      if (name === 'branch.oid' && value !== '(initial)') status.revision = value;
      if (name === 'branch.head' && value !== '(detached)') status.branch = value;
      if (name === 'branch.ab') [status.ahead, status.behind] = [Number(value), -Number(other)];
    } else if (kind === '?') status.files.push({ path: rest.join(' '), status: 'untracked' });
    else if (kind === 'u') status.files.push({ path: rest.slice(9).join(' '), status: 'conflicted' });
    else if (kind === '1') status.files.push({ path: rest.slice(7).join(' '), status: stateOf(rest[0] ?? '') });
  }
  status.clean = status.files.length === 0;
  return status;
}

function stateOf(letters: string): TreeStatus['files'][number]['status'] {
  if (letters.includes('D')) return 'deleted';
  return letters.includes('A') ? 'added' : 'modified';
}
