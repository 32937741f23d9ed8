import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FileTree, TreeEntry } from '../model/index.js';
import { compareText, EvenkeelError, newId } from '../model/index.js';
import { blobId, treeId } from './gitHash.js';
import { checkPath, joinPath, parentOf } from './paths.js';
import { checkReadable, checkSizes } from './treeIndex.js';

/** Git's own folder, and ours at the root: neither is content. */
const isHidden = (directory: string, name: string) => name === '.git' || (directory === '' && name === '.evenkeel');

const chunkBytes = 1024 * 1024;
/** Others get their turn after this many files. Calls that wait for the thread pool would take ten times as long. */
const filesPerTurn = 100;

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
  const nonce = newId('folder', Date.now());
  let revision: string | undefined;
  let listings = 0;
  let files = 0;

  const full = (inside: string) => (inside === '' ? root : join(root, ...inside.split('/')));
  const folderId = (inside: string) => createHash('sha1').update(`${nonce}\0${++listings}\0${inside}`).digest('hex');
  const breathe = () => (++files % filesPerTurn === 0 ? new Promise((done) => setImmediate(done)) : undefined);

  /** No part of the path before its last is a symbolic link, and none is hidden. */
  function isInside(inside: string): boolean {
    const segments = inside.split('/');
    if (segments.some((name, i) => isHidden(segments.slice(0, i).join('/'), name))) return false;
    for (let parent = parentOf(inside); parent !== ''; parent = parentOf(parent)) if (!statsOf(full(parent))?.isDirectory()) return false;
    return true;
  }

  function readBytes(inside: string, type: TreeEntry['type']): Uint8Array {
    if (type === 'symlink') return reading(inside, () => readlinkSync(full(inside), { encoding: 'buffer' }));
    const chunks: Buffer[] = [];
    eachChunk(inside, (chunk) => void chunks.push(Buffer.from(chunk)));
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }

  function hashFile(inside: string): string {
    let hash: ReturnType<typeof createHash> | undefined;
    let bytes = 0;
    const size = eachChunk(inside, (chunk, whole) => {
      hash ??= createHash('sha1').update(`blob ${whole}\0`);
      hash.update(chunk);
      bytes += chunk.length;
    });
    if (bytes !== size) throw changed(inside);
    return hash?.digest('hex') ?? blobId(new Uint8Array(0));
  }

  /** @returns the size that the file had when it was opened */
  function eachChunk(inside: string, use: (chunk: Buffer, size: number) => void): number {
    return reading(inside, () => {
      // O_NONBLOCK: a pipe that took the file's place must not hold us up.
      const file = openSync(full(inside), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const stats = fstatSync(file);
        if (!stats.isFile() || realpathSync.native(full(parentOf(inside))) !== full(parentOf(inside))) throw changed(inside);
        const buffer = Buffer.allocUnsafe(Math.min(stats.size + 1, chunkBytes));
        let bytes = 0;
        for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
          bytes += count;
          if (bytes > stats.size) throw changed(inside);
          use(buffer.subarray(0, count), stats.size);
        }
        return stats.size;
      } finally {
        closeSync(file);
      }
    });
  }

  function describe(inside: string): TreeEntry | undefined {
    const stats = statsOf(full(inside));
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return { path: inside, type: 'directory', id: folderId(inside) };
    const type = stats.isSymbolicLink() ? 'symlink' : stats.isFile() ? 'file' : undefined;
    if (type === undefined) return undefined;
    const stamp = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
    const before = known.get(inside);
    if (before?.stamp === stamp) return { path: inside, type, id: before.id };
    const id = type === 'symlink' ? blobId(readBytes(inside, type)) : hashFile(inside);
    known.set(inside, { stamp, id });
    return { path: inside, type, id };
  }

  function names(directory: string): string[] {
    if (directory !== '' && !(isInside(directory) && statsOf(full(directory))?.isDirectory())) return [];
    return guarded(() => readdirSync(full(directory)))?.filter((name) => !isHidden(directory, name)) ?? [];
  }

  async function list(directory: string): Promise<TreeEntry[]> {
    const found: TreeEntry[] = [];
    for (const name of names(directory)) {
      const entry = describe(joinPath(directory, name));
      if (entry !== undefined) found.push(entry);
      await breathe();
    }
    return found.sort(byPath);
  }

  async function walk(directory: string, into: TreeEntry[]): Promise<TreeEntry[]> {
    for (const entry of await list(directory)) {
      if (entry.type === 'directory') await walk(entry.path, into);
      else into.push(entry);
    }
    return into;
  }

  function hashFolder(directory: string): string {
    const rows: { name: string; type: TreeEntry['type']; id: string }[] = [];
    for (const name of names(directory)) {
      const entry = describe(joinPath(directory, name));
      if (entry === undefined) continue;
      const id = entry.type === 'directory' ? hashFolder(entry.path) : entry.id;
      if (entry.type !== 'directory' || id !== emptyTree) rows.push({ name, type: entry.type, id });
    }
    return treeId(rows);
  }

  return {
    get revision() {
      revision ??= hashFolder('');
      return revision;
    },
    origin: root,
    async entry(inside) {
      checkPath(inside);
      return inside === '' || isInside(inside) ? describe(inside) : undefined;
    },
    walk: async (directory) => (await walk(checkPath(directory), [])).sort(byPath),
    list: async (directory) => list(checkPath(directory)),
    async read(entries, maxBytes) {
      const sizes = entries.map((entry) => {
        checkReadable(entry, root);
        const stats = isInside(checkPath(entry.path)) ? statsOf(full(entry.path)) : undefined;
        if (stats === undefined) throw changed(entry.path);
        return { path: entry.path, size: Number(stats.size) };
      });
      checkSizes(sizes, maxBytes);
      const contents: Uint8Array[] = [];
      for (const entry of entries) {
        const bytes = readBytes(entry.path, entry.type);
        if (blobId(bytes) !== entry.id) throw changed(entry.path);
        contents.push(bytes);
        await breathe();
      }
      return contents;
    },
  };
}

const byPath = (a: TreeEntry, b: TreeEntry) => compareText(a.path, b.path);

/** Git has no empty folders. */
const emptyTree = treeId([]);

function openRoot(path: string): string {
  const absolute = resolve(path);
  let real: string;
  try {
    real = realpathSync.native(absolute);
  } catch (cause) {
    throw missingRoot(absolute, 'does not exist or cannot be read', cause);
  }
  if (statsOf(real)?.isDirectory()) return real;
  throw missingRoot(absolute, 'is not a folder');
}

function missingRoot(path: string, why: string, cause?: unknown): EvenkeelError {
  return new EvenkeelError('SOURCE_PATH_MISSING', `${path} ${why}.`, { where: { file: path }, hint: 'Name a folder that exists.', cause });
}

function statsOf(path: string): BigIntStats | undefined {
  return guarded(() => lstatSync(path, { bigint: true }));
}

/** Undefined where there is nothing, or a file where a folder must be. Anything else is worth an error. */
function guarded<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new EvenkeelError('SOURCE_PATH_MISSING', `${error.path ?? 'A file'} cannot be read: ${error.message}`, {
      where: error.path === undefined ? {} : { file: error.path },
      hint: 'Let this user read the folder.',
      cause: error,
    });
  }
}

function reading<T>(inside: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof EvenkeelError ? error : changed(inside, error);
  }
}

function changed(path: string, cause?: unknown): EvenkeelError {
  const isDenied = (cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES';
  if (isDenied)
    return new EvenkeelError('SOURCE_PATH_MISSING', `${path} may not be read by this user.`, {
      where: { file: path },
      hint: 'Let this user read it.',
      cause,
    });
  return new EvenkeelError('SOURCE_FILE_CHANGED', `${path} changed while it was being read.`, {
    where: { file: path },
    hint: 'Run it again once the file is left alone.',
    cause,
  });
}
