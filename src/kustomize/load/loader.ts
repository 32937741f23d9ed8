import { EvenkeelError, type FileTree, printable, type TreeEntry } from '../../model/index.js';
import { failure } from '../errors.js';
import { githubFile, isHttpUrl, parseRemote, type RemoteBase } from './remote-url.js';

export interface ReadFile {
  path: string;
  /** Of its contents. */
  id: string;
}

/** A base in another repository that a build took in. */
export interface ReadRemote {
  url: string;
  ref: string;
  /** The commit that it was pinned to. */
  revision: string;
}

/** What was found at a path of the tree: a file's or link's id, or that a folder or nothing was there. */
export interface Lookup {
  path: string;
  found: string | 'directory' | 'missing';
}

export function lookupOf(path: string, entry: TreeEntry | undefined): Lookup {
  return { path, found: entry === undefined ? 'missing' : entry.type === 'directory' ? 'directory' : entry.id };
}

/**
 * Brings another repository's files. It says no by throwing.
 * @returns the files of the one commit that `ref` names now ('' is the default branch)
 */
export type FetchRemote = (remote: { url: string; ref: string }) => Promise<FileTree>;

/** What a whole build shares. */
export interface Reading {
  read: Map<string, ReadFile>;
  lookups: Map<string, Lookup>;
  remotes: Map<string, ReadRemote>;
  /** Remote repositories by URL and ref, so that each is fetched once. */
  fetched: Map<string, Promise<FileTree>>;
  fetchRemote: FetchRemote | undefined;
  /** Whether files must lie in or below the folder of the kustomization that names them. */
  restrict: 'root' | 'none';
  /** How many kustomizations were opened, bases that stand in several places each time. */
  opened: number;
}

/** Where a kustomization stands: what its paths are relative to, and what led to it. */
export interface Loader {
  readonly tree: FileTree;
  /** Folder in the tree; '' is its root. */
  readonly root: string;
  readonly referrer: Loader | undefined;
  /** Set where the tree is another repository's. */
  readonly remote: RemoteBase | undefined;
  readonly reading: Reading;
}

const mostOpened = 5000;
const maxDepth = 100;
const maxFileBytes = 32 * 1024 * 1024;
const maxLinks = 40;

export function rootLoader(tree: FileTree, root: string, reading: Reading): Loader {
  return { tree, root, referrer: undefined, remote: undefined, reading };
}

/** A path for messages, with the repository where it is another one. */
export function shownPath(loader: Loader, path: string): string {
  const shown = path === '' ? '.' : path;
  return loader.remote === undefined ? shown : `${loader.remote.repository}//${shown}`;
}

/** What a path of a kustomization leads to. */
export type Found =
  | { type: 'file'; entry: TreeEntry; loader: Loader }
  | { type: 'directory'; path: string }
  | { type: 'missing'; reason: 'absolute' | 'outside' | 'none' };

export async function find(loader: Loader, path: string): Promise<Found> {
  if (path.startsWith('/')) return { type: 'missing', reason: 'absolute' };
  const joined = join(loader.root, path);
  if (joined === undefined) return { type: 'missing', reason: 'outside' };
  const entry = await follow(loader, joined, 0);
  if (entry === 'outside') return { type: 'missing', reason: 'outside' };
  if (entry === undefined) return { type: 'missing', reason: 'none' };
  return entry.type === 'directory' ? { type: 'directory', path: entry.path } : { type: 'file', entry, loader };
}

/** The entry at a path, through symbolic links; `outside` where one leaves the tree. */
async function follow(loader: Loader, path: string, links: number): Promise<TreeEntry | 'outside' | undefined> {
  if (path === '') return { path: '', type: 'directory', id: '' };
  const { tree } = loader;
  const direct = await look(loader, path);
  if (direct !== undefined && direct.type !== 'symlink') return direct.type === 'submodule' ? undefined : direct;
  const segments = path.split('/');
  for (let i = 1; i <= segments.length; i++) {
    const at = segments.slice(0, i).join('/');
    const entry = i === segments.length ? direct : await look(loader, at);
    if (entry === undefined) return undefined;
    if (entry.type !== 'symlink') continue;
    if (links >= maxLinks) return undefined;
    const [bytes] = await tree.read([entry], 4096);
    const target = new TextDecoder().decode(bytes);
    const joined = target.startsWith('/') ? undefined : join(segments.slice(0, i - 1).join('/'), [target, ...segments.slice(i)].join('/'));
    return joined === undefined ? 'outside' : follow(loader, joined, links + 1);
  }
  return undefined;
}

async function look({ tree, reading, remote }: Loader, path: string): Promise<TreeEntry | undefined> {
  const entry = await tree.entry(path);
  if (remote === undefined) reading.lookups.set(path, lookupOf(path, entry));
  return entry;
}

/**
 * Reads a file that a kustomization names.
 * @throws EvenkeelError KUSTOMIZE_NOT_FOUND, KUSTOMIZE_FORBIDDEN where it lies above the kustomization's folder
 */
export async function load(loader: Loader, path: string): Promise<{ bytes: Uint8Array; file: string }> {
  if (isHttpUrl(path)) return loadUrl(loader, path);
  const found = await find(loader, path);
  if (found.type === 'file') return readEntry(loader, found.entry);
  throw found.type === 'directory'
    ? failure('KUSTOMIZE_NOT_FOUND', `'${path}' must resolve to a file, and is a folder`)
    : notFound(loader, path, found.reason);
}

export function notFound(loader: Loader, path: string, reason: 'absolute' | 'outside' | 'none'): EvenkeelError {
  if (reason === 'absolute')
    return failure('KUSTOMIZE_FORBIDDEN', `'${path}' is an absolute path`, {
      hint: 'Paths are relative to the folder of the kustomization.',
    });
  if (reason === 'outside')
    return new EvenkeelError('KUSTOMIZE_NOT_FOUND', printable(`'${path}' leads out of the repository`), {
      hint: 'Paths end at the root of the repository.',
      details: { outside: true },
    });
  const looked = join(loader.root, path) ?? path;
  return failure('KUSTOMIZE_NOT_FOUND', `there is no ${path} (looked for ${shownPath(loader, looked)})`, {
    hint: 'Paths are relative to the folder of the kustomization.',
  });
}

export async function readEntry(loader: Loader, entry: TreeEntry): Promise<{ bytes: Uint8Array; file: string }> {
  const { reading, root } = loader;
  const folder = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
  if ((reading.restrict === 'root' || isRemote(loader)) && !isWithin(folder, root))
    throw failure(
      'KUSTOMIZE_FORBIDDEN',
      `security; file '${shownPath(loader, entry.path)}' is not in or below '${shownPath(loader, root)}'`,
      {
        hint: 'Move the file below the folder of the kustomization, or allow it with --load-restrictor none.',
      },
    );
  const [bytes] = await loader.tree.read([entry], maxFileBytes);
  if (!isRemote(loader)) reading.read.set(entry.path, { path: entry.path, id: entry.id });
  return { bytes: bytes as Uint8Array, file: shownPath(loader, entry.path) };
}

function isRemote(loader: Loader): boolean {
  return loader.remote !== undefined;
}

async function loadUrl(loader: Loader, url: string): Promise<{ bytes: Uint8Array; file: string }> {
  const remote = githubFile(url);
  if (remote === undefined)
    throw failure('KUSTOMIZE_UNSUPPORTED', `the file ${url} is on a web server: nothing pins what is there`, {
      hint: 'Copy the file into the repository, or name the folder of the Git repository that it comes from (https://host/org/repo//path?ref=v1).',
    });
  const tree = await fetchTree(loader, remote);
  const slash = remote.path.lastIndexOf('/');
  const there: Loader = { ...loader, tree, root: remote.path.slice(0, Math.max(0, slash)), remote };
  const found = await find(there, remote.path.slice(slash + 1));
  if (found.type !== 'file') throw notFound(there, url, 'none');
  return readEntry(there, found.entry);
}

/**
 * The loader of a base: a folder, or another repository.
 * @throws EvenkeelError KUSTOMIZE_CYCLE, KUSTOMIZE_FORBIDDEN, KUSTOMIZE_NOT_FOUND, KUSTOMIZE_REMOTE
 */
export async function openBase(loader: Loader, path: string, directory?: string): Promise<Loader> {
  if (directory === undefined) {
    const remote = parseRemote(path);
    if (remote !== undefined) return openRemote(loader, remote, path);
  }
  let at = directory;
  if (at === undefined) {
    const found = await find(loader, path);
    if (found.type === 'missing') throw notFound(loader, path, found.reason);
    if (found.type === 'file') throw failure('KUSTOMIZE_NOT_FOUND', `must build at directory: '${path}' is a file`);
    at = found.path;
  }
  for (let up: Loader | undefined = loader; up !== undefined && up.tree === loader.tree; up = up.referrer)
    if (isWithin(up.root, at))
      throw failure(
        'KUSTOMIZE_CYCLE',
        `cycle detected: candidate root '${shownPath(loader, at)}' contains visited root '${shownPath(up, up.root)}'`,
        { hint: 'A base lies beside or below what uses it, never above it, and never uses it in turn.' },
      );
  return opened({ ...loader, root: at, referrer: loader });
}

function opened(loader: Loader): Loader {
  if (++loader.reading.opened > mostOpened)
    throw failure('KUSTOMIZE_INVALID', `the build opens more than ${mostOpened} kustomizations`, {
      hint: 'Bases are opened once for each time they are named, so layers that each name several multiply.',
    });
  let depth = 0;
  for (let up = loader.referrer; up !== undefined; up = up.referrer) if (++depth > maxDepth) break;
  if (depth > maxDepth) throw failure('KUSTOMIZE_CYCLE', `kustomizations stand in each other more than ${maxDepth} deep`);
  return loader;
}

async function openRemote(loader: Loader, remote: RemoteBase, path: string): Promise<Loader> {
  for (let up: Loader | undefined = loader; up !== undefined; up = up.referrer)
    if (up.remote !== undefined && sameRepository(up.remote, remote) && isWithin(up.root, remote.path))
      throw failure('KUSTOMIZE_CYCLE', `cycle detected: URI '${path}' referenced by a kustomization of the same repository`);
  const tree = await fetchTree(loader, remote);
  const there: Loader = { tree, root: '', referrer: loader, remote, reading: loader.reading };
  const found = await find(there, remote.path);
  if (found.type !== 'directory')
    throw failure('KUSTOMIZE_NOT_FOUND', `'${path}' refers to no folder of ${remote.repository}`, {
      hint: 'Behind the repository stands the folder with the kustomization: https://host/org/repo//path?ref=v1.',
    });
  return opened({ ...there, root: found.path });
}

function sameRepository(a: RemoteBase, b: RemoteBase): boolean {
  return a.repository === b.repository && a.ref === b.ref;
}

async function fetchTree(loader: Loader, { repository, ref }: RemoteBase): Promise<FileTree> {
  const { reading } = loader;
  if (reading.fetchRemote === undefined)
    throw failure('KUSTOMIZE_REMOTE', `remote bases are not fetched here: ${withoutCredentials(repository)}`, {
      hint: 'Copy the base into the repository, or allow remote bases.',
    });
  const key = `${repository}#${ref}`;
  let fetching = reading.fetched.get(key);
  if (fetching === undefined) {
    fetching = reading.fetchRemote({ url: repository, ref });
    reading.fetched.set(key, fetching);
  }
  const tree = await fetching;
  reading.remotes.set(key, { url: withoutCredentials(repository), ref, revision: tree.revision });
  return tree;
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
}

/** Whether a folder is another one or lies below it. */
function isWithin(folder: string, ancestor: string): boolean {
  return ancestor === '' || folder === ancestor || folder.startsWith(`${ancestor}/`);
}

/** A path relative to a folder of the tree; undefined where it leaves the tree. */
function join(folder: string, relative: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
