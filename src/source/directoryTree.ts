import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { FileTree, TreeEntry } from '../model/index.js';
import { compareText, EvenkeelError, newId } from '../model/index.js';
import { blobId, treeId } from './gitHash.js';
import { checkPath, joinPath, parentOf } from './paths.js';
import { checkReadable, checkSizes } from './treeIndex.js';

/** Git's own folder, and ours at the root: neither is content. */
const isHidden = (path: string, name: string) => name === '.git' || (path === '' && name === '.evenkeel');

/** How many files are open at the same time. */
const mostOpen = 32;

/**
 * A folder of this machine as it stands, without git: nothing is copied, and what is not asked for is not
 * read. Files have the ids that git would give them. Symbolic links are reported and never followed, so
 * nothing outside the folder is read; sockets, devices and pipes do not exist here, nor do `.git` (anywhere)
 * and `.evenkeel` (at the root).
 *
 * A folder's id means nothing beyond this tree: it differs each time. `revision` is git's id of the whole
 * folder; it reads every file, when it is first asked for.
 *
 * A file that changes between `entry` (or `walk`, `list`) and `read` is SOURCE_FILE_CHANGED: the contents
 * always match the id.
 * @throws EvenkeelError SOURCE_PATH_MISSING where there is no such folder
 */
export function directoryTree(path: string): FileTree {
  const root = openRoot(path);
  const known = new Map<string, { stamp: string; id: string }>();
  let revision: string | undefined;
  let listings = 0;
  const nonce = newId('folder', Date.now());

  const full = (inside: string) => (inside === '' ? root : join(root, ...inside.split('/')));
  const folderId = (inside: string) => createHash('sha1').update(`${nonce}\0${++listings}\0${inside}`).digest('hex');

  /** No part of the path before its last is a symbolic link. */
  async function isInside(inside: string): Promise<boolean> {
    for (let parent = parentOf(inside); parent !== ''; parent = parentOf(parent))
      if (!(await lstat(full(parent)).catch(absent))?.isDirectory()) return false;
    return !inside.split('/').includes('.git') && inside.split('/')[0] !== '.evenkeel';
  }

  async function openFile(inside: string): Promise<FileHandle> {
    // O_NONBLOCK: a pipe that took the file's place must not hold us up.
    const handle = await open(full(inside), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause) =>
      Promise.reject(changed(inside, cause)),
    );
    const real = await realpath(full(parentOf(inside))).catch(() => '');
    if (real === full(parentOf(inside)) && (await handle.stat()).isFile()) return handle;
    await handle.close();
    throw changed(inside);
  }

  async function contentsOf(inside: string, type: TreeEntry['type']): Promise<Uint8Array> {
    if (type === 'symlink') return readlink(full(inside), { encoding: 'buffer' }).catch((cause) => Promise.reject(changed(inside, cause)));
    const handle = await openFile(inside);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  async function hashFile(inside: string): Promise<string> {
    const handle = await openFile(inside);
    try {
      const { size } = await handle.stat();
      const hash = createHash('sha1').update(`blob ${size}\0`);
      let bytes = 0;
      for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) {
        bytes += (chunk as Buffer).length;
        hash.update(chunk as Buffer);
      }
      if (bytes !== size) throw changed(inside);
      return hash.digest('hex');
    } finally {
      await handle.close();
    }
  }

  async function describe(inside: string): Promise<TreeEntry | undefined> {
    const stats = await lstat(full(inside), { bigint: true }).catch(absent);
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return { path: inside, type: 'directory', id: folderId(inside) };
    const type = stats.isSymbolicLink() ? 'symlink' : stats.isFile() ? 'file' : undefined;
    if (type === undefined) return undefined;
    const stamp = stampOf(stats);
    const before = known.get(inside);
    if (before?.stamp === stamp) return { path: inside, type, id: before.id };
    const id = type === 'symlink' ? blobId(await contentsOf(inside, type)) : await hashFile(inside);
    known.set(inside, { stamp, id });
    return { path: inside, type, id };
  }

  async function names(directory: string): Promise<string[]> {
    if (directory !== '' && !((await isInside(directory)) && (await lstat(full(directory)).catch(absent))?.isDirectory())) return [];
    const found = await readdir(full(directory)).catch(() => [] as string[]);
    return found.filter((name) => !isHidden(directory, name));
  }

  async function list(directory: string): Promise<TreeEntry[]> {
    const found = await inTurns(await names(directory), (name) => describe(joinPath(directory, name)));
    return found.filter((entry) => entry !== undefined).sort((a, b) => compareText(a.path, b.path));
  }

  async function walk(directory: string, into: TreeEntry[]): Promise<TreeEntry[]> {
    for (const entry of await list(directory)) {
      if (entry.type === 'directory') await walk(entry.path, into);
      else into.push(entry);
    }
    return into;
  }

  return {
    get revision() {
      revision ??= hashFolder(root, '');
      return revision;
    },
    origin: root,
    async entry(inside) {
      checkPath(inside);
      return inside === '' || (await isInside(inside)) ? describe(inside) : undefined;
    },
    async walk(directory) {
      return (await walk(checkPath(directory), [])).sort((a, b) => compareText(a.path, b.path));
    },
    list: async (directory) => list(checkPath(directory)),
    async read(entries, maxBytes) {
      const sizes = await inTurns(entries, async (entry) => {
        checkReadable(entry, root);
        const stats = (await isInside(checkPath(entry.path))) ? await lstat(full(entry.path)).catch(absent) : undefined;
        if (stats === undefined) throw changed(entry.path);
        return { path: entry.path, size: stats.size };
      });
      checkSizes(sizes, maxBytes);
      return inTurns(entries, async (entry) => {
        const bytes = await contentsOf(entry.path, entry.type);
        if (blobId(bytes) !== entry.id) throw changed(entry.path);
        return bytes;
      });
    },
  };
}

function openRoot(path: string): string {
  const absolute = resolve(path);
  try {
    const real = realpathSync(absolute);
    if (lstatSync(real).isDirectory()) return real === sep ? real : real.replace(/\/+$/, '');
  } catch (cause) {
    throw missingRoot(absolute, 'does not exist or cannot be read', cause);
  }
  throw missingRoot(absolute, 'is not a folder');
}

function missingRoot(path: string, why: string, cause?: unknown): EvenkeelError {
  return new EvenkeelError('SOURCE_PATH_MISSING', `${path} ${why}.`, { where: { file: path }, hint: 'Name a folder that exists.', cause });
}

/** Git's id of a folder with all that is below it. */
function hashFolder(root: string, inside: string): string {
  const rows: { name: string; type: TreeEntry['type']; id: string }[] = [];
  for (const name of readdirSync(join(root, inside))) {
    if (isHidden(inside, name)) continue;
    const path = join(root, inside, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      const id = hashFolder(root, joinPath(inside, name));
      if (id !== emptyTree) rows.push({ name, type: 'directory', id });
    } else if (stats?.isSymbolicLink()) rows.push({ name, type: 'symlink', id: blobId(readlinkSync(path, { encoding: 'buffer' })) });
    else if (stats?.isFile()) rows.push({ name, type: 'file', id: blobId(readFileSync(path)) });
  }
  return treeId(rows);
}

/** Git has no empty folders. */
const emptyTree = treeId([]);

function stampOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** Nothing there, or a file where a folder must be. Anything else is worth an error. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw new EvenkeelError('SOURCE_PATH_MISSING', `A file cannot be read: ${error.message}`, {
    where: error.path === undefined ? {} : { file: error.path },
    hint: 'Let this user read the folder.',
    cause: error,
  });
}

async function inTurns<A, B>(items: readonly A[], action: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = new Array<B>(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await action(items[i] as A);
  };
  await Promise.all(Array.from({ length: Math.min(mostOpen, items.length) }, worker));
  return results;
}

function changed(path: string, cause?: unknown): EvenkeelError {
  return new EvenkeelError('SOURCE_FILE_CHANGED', `${path} changed, or became unreadable, while it was being read.`, {
    where: { file: path },
    hint: 'Run it again once the file is left alone.',
    cause,
  });
}
