import type { CredentialsOptions } from '../../gitops/index.js';
import { compareText, EvenkeelError, type FileTree, formatTime } from '../../model/index.js';
import { openSource, type Ref, type Source } from '../../source/index.js';
import { matcher } from '../files/glob.js';
import { credentialsOf, type GitHost } from './remote.js';
import { openTree, type TreeFunctions } from './tree.js';

/** What is meant in a repository: one of branch, tag and commit; the default branch where none is named. */
export interface RefOptions {
  branch?: string;
  tag?: string;
  commit?: string;
}

export interface RemoteOptions extends RefOptions {
  credentials?: CredentialsOptions;
}

/** Repositories: remote ones without a checkout, and working trees inside the working directory. */
export interface GitModule extends TreeFunctions {
  /** Asks the remote which commit it is. */
  resolve(url: string, options?: RemoteOptions): Promise<{ revision: string; ref: string }>;
  /** What is known of a commit. */
  commitInfo(url: string, options?: RemoteOptions): Promise<{ revision: string; author: string; at: string; subject: string }>;
  readFile(url: string, path: string, options?: RemoteOptions & { maxBytes?: number }): Promise<string>;
  listFiles(url: string, options?: RemoteOptions & { path?: string; match?: string }): Promise<string[]>;
}

const FILE_BYTES = 16 * 1024 * 1024;

export function openGitModule(host: GitHost): GitModule {
  const { signal } = host;

  /** Opens a repository for one call; its mirror stays for the next. */
  async function within<T>(url: string, options: RemoteOptions, action: (source: Source, ref: Ref) => Promise<T>): Promise<T> {
    const ref = refOf(options);
    const source = openSource({
      url,
      baseDirectory: host.workingDirectory,
      credentials: credentialsOf(host, options.credentials),
      cacheDirectory: host.git.cacheDirectory,
      environment: host.git.environment,
      env: host.env,
    });
    try {
      return await action(source, ref);
    } finally {
      await source.close();
    }
  }
  const inTree = <T>(url: string, options: RemoteOptions, action: (tree: FileTree) => Promise<T>) =>
    within(url, options, async (source, ref) => action(source.tree((await source.fetch(ref, signal)).revision)));

  return {
    resolve: (url, options = {}) => within(url, options, (source, ref) => source.resolve(ref, signal)),
    commitInfo: (url, options = {}) =>
      within(url, options, async (source, ref) => {
        const { revision } = await source.fetch(ref, signal);
        const { author, time, subject } = await source.commit(revision);
        return { revision, author, at: formatTime(time), subject };
      }),
    readFile: (url, path, { maxBytes = FILE_BYTES, ...options } = {}) =>
      inTree(url, options, async (tree) => {
        const entry = await tree.entry(cleanPath(path));
        if (entry?.type !== 'file')
          throw new EvenkeelError('FILE_NOT_FOUND', `"${path}" is ${entry === undefined ? 'not in the repository' : `a ${entry.type}`}`, {
            where: { file: path, url: tree.origin, revision: tree.revision },
          });
        const [contents] = await tree.read([entry], maxBytes);
        return Buffer.from(contents ?? []).toString('utf8');
      }),
    listFiles: (url, { path = '', match, ...options } = {}) =>
      inTree(url, options, async (tree) => {
        const folder = cleanPath(path);
        const fits = match === undefined ? () => true : matcher(match);
        const below = (name: string) => (folder === '' ? name : name.slice(folder.length + 1));
        return (await tree.walk(folder))
          .filter(({ type }) => type === 'file')
          .map((entry) => below(entry.path))
          .filter(fits)
          .sort(compareText);
      }),
    ...openTree(host),
  };
}

/** @throws EvenkeelError OPTION_INVALID */
function refOf({ branch, tag, commit }: RefOptions): Ref {
  if ([branch, tag, commit].filter((one) => one !== undefined).length > 1)
    throw new EvenkeelError('OPTION_INVALID', 'git: give one of branch, tag and commit', { where: { field: 'branch' } });
  if (commit !== undefined) return { commit };
  if (tag !== undefined) return { tag };
  return branch === undefined ? { head: true } : { branch };
}

function cleanPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
