import type { Stats } from 'node:fs';
import { lstatSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { compareText, EvenkeelError, formatTime } from '../model/index.js';
import {
  boolean,
  bytes,
  choice,
  integer,
  list,
  type ModuleDescription,
  nothing,
  object,
  optional,
  options,
  parameter,
  required,
  text,
  time,
} from './describe/types.js';
import { explained } from './files/failure.js';
import { pathInside } from './files/folder.js';
import { matcher } from './files/glob.js';
import { readInside, readTextInside } from './files/read.js';
import type { ModuleHost } from './host.js';

export interface FileInfo {
  /** As it was asked for; in lists relative to the folder that was listed. */
  path: string;
  type: 'file' | 'folder' | 'link' | 'other';
  /** Bytes. */
  size: number;
  modifiedAt: string;
  /** Like `644`. */
  mode: string;
}

/** Files of the working directory, and nowhere else. */
export interface FsModule {
  readText(path: string, options?: { maxBytes?: number }): Promise<string>;
  readBytes(path: string, options?: { maxBytes?: number }): Promise<Uint8Array>;
  /** Wholly or not at all: nobody sees half of it. */
  write(path: string, content: string | Uint8Array, options?: { mode?: string; exclusive?: boolean }): Promise<void>;
  append(path: string, content: string | Uint8Array): Promise<void>;
  exists(path: string): Promise<boolean>;
  stat(path: string): Promise<FileInfo | undefined>;
  /** By path. */
  list(path?: string, options?: { recursive?: boolean; match?: string }): Promise<FileInfo[]>;
  makeFolder(path: string): Promise<void>;
  remove(path: string, options?: { recursive?: boolean }): Promise<boolean>;
  copy(from: string, to: string, options?: { overwrite?: boolean }): Promise<void>;
  move(from: string, to: string, options?: { overwrite?: boolean }): Promise<void>;
}

const MOST_ENTRIES = 100_000;
const MOST_WRITTEN = 512 * 1024 * 1024;

export function openFs(host: Pick<ModuleHost, 'workingDirectory' | 'folders' | 'signal' | 'random'>): FsModule {
  /** Folders on the way are made; the working directory itself is nobody's to remove or replace. */
  const target = async (path: string, follow = true) => {
    const real = pathInside(host, path, { follow });
    await explained(path, () => mkdir(dirname(real), { recursive: true }));
    return real;
  };
  const own = (path: string) => {
    const real = pathInside(host, path, { follow: false });
    if ([host.workingDirectory, ...(host.folders ?? [])].some((root) => pathInside(host, root) === real || root === real))
      throw new EvenkeelError('FILE_OUTSIDE', `"${path}" is the folder that the script works in`, { where: { file: path } });
    return real;
  };
  const free = (path: string, real: string, overwrite: boolean) => {
    if (!overwrite && lstatSync(real, { throwIfNoEntry: false }) !== undefined)
      throw new EvenkeelError('FILE_EXISTS', `"${path}" exists already`, {
        where: { file: path },
        hint: 'Give overwrite to put it in its place.',
      });
  };

  return {
    readText: (path, { maxBytes } = {}) => readTextInside(host, path, maxBytes),
    readBytes: (path, { maxBytes } = {}) => readInside(host, path, maxBytes),
    async write(path, content, { mode, exclusive = false } = {}) {
      checkSize(path, content);
      const real = await target(path);
      if (exclusive) free(path, real, false);
      await explained(path, () => replace(real, content, { mode: modeOf(mode), random: host.random, exclusive }));
    },
    async append(path, content) {
      checkSize(path, content);
      const real = await target(path);
      await explained(path, async () => {
        const file = await open(real, 'a');
        try {
          await file.appendFile(content);
        } finally {
          await file.close();
        }
      });
    },
    async exists(path) {
      return (await info(pathInside(host, path), path)) !== undefined;
    },
    stat: (path) => info(pathInside(host, path), path),
    list: (path = '.', how = {}) => listFolder({ host, path, ...how }),
    async makeFolder(path) {
      const real = pathInside(host, path);
      await explained(path, () => mkdir(real, { recursive: true }));
    },
    async remove(path, { recursive = false } = {}) {
      const real = own(path);
      const about = lstatSync(real, { throwIfNoEntry: false });
      if (about === undefined) return false;
      if (about.isDirectory() && !recursive && (await readdir(real)).length > 0)
        throw new EvenkeelError('FILE_EXISTS', `"${path}" is not empty`, {
          where: { file: path },
          hint: 'Remove what is in it, too: recursive.',
        });
      await explained(path, () => rm(real, { recursive: about.isDirectory() }));
      return true;
    },
    async copy(from, to, { overwrite = false } = {}) {
      const source = pathInside(host, from);
      const real = await target(to);
      free(to, real, overwrite);
      await explained(from, () =>
        cp(source, real, { recursive: true, force: overwrite, errorOnExist: !overwrite, verbatimSymlinks: true }),
      );
    },
    async move(from, to, { overwrite = false } = {}) {
      const source = own(from);
      const real = await target(to, false);
      free(to, real, overwrite);
      await explained(from, () => rename(source, real));
    },
  };
}

function checkSize(path: string, content: string | Uint8Array): void {
  if (Buffer.byteLength(content) > MOST_WRITTEN)
    throw new EvenkeelError('FILE_TOO_BIG', `more than ${MOST_WRITTEN} bytes for "${path}"`, { where: { file: path } });
}

function modeOf(mode: string | undefined): number | undefined {
  if (mode === undefined) return undefined;
  if (!/^0?[0-7]{3}$/.test(mode))
    throw new EvenkeelError(
      'OPTION_INVALID',
      `fs.write: option "mode" must be three octal digits like 644, and is "${mode.slice(0, 20)}"`,
      {
        where: { field: 'mode' },
      },
    );
  return Number.parseInt(mode, 8);
}

/** Beside the file first, then in its place: who reads it meanwhile reads the old one. */
async function replace(
  real: string,
  content: string | Uint8Array,
  how: { mode: number | undefined; random: ModuleHost['random']; exclusive: boolean },
): Promise<void> {
  const before = await stat(real).catch(() => undefined);
  if (before !== undefined && !before.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
  const beside = join(dirname(real), `.${basename(real)}.${Buffer.from(how.random(6)).toString('hex')}`);
  try {
    const file = await open(beside, 'wx', how.mode ?? 0o666);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    const mode = how.mode ?? (before === undefined ? undefined : before.mode & 0o777);
    if (mode !== undefined) await chmod(beside, mode);
    await rename(beside, real);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function info(real: string, path: string): Promise<FileInfo | undefined> {
  return explained(path, async () => {
    try {
      return describe(await lstat(real), path);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  });
}

function describe(about: Stats, path: string): FileInfo {
  const type = about.isFile() ? 'file' : about.isDirectory() ? 'folder' : about.isSymbolicLink() ? 'link' : 'other';
  return { path, type, size: about.size, modifiedAt: formatTime(about.mtimeMs), mode: (about.mode & 0o777).toString(8).padStart(3, '0') };
}

/** Links are listed and not followed. */
async function listFolder(options: {
  host: Pick<ModuleHost, 'workingDirectory' | 'folders' | 'signal'>;
  path: string;
  recursive?: boolean;
  match?: string;
}): Promise<FileInfo[]> {
  const { host, path, match } = options;
  const root = pathInside(host, path);
  const fits = match === undefined ? () => true : matcher(match);
  const recursive = options.recursive ?? match?.includes('/') ?? false;
  const found: FileInfo[] = [];
  let seen = 0;
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await explained(path, () => readdir(folder, { withFileTypes: true }))) {
      if (host.signal.aborted) throw new EvenkeelError('CANCELLED', 'the listing was stopped', { cause: host.signal.reason });
      if (++seen > MOST_ENTRIES)
        throw new EvenkeelError('FILE_TOO_BIG', `"${path}" holds more than ${MOST_ENTRIES} files`, { where: { file: path } });
      const real = join(folder, entry.name);
      const name = relative(root, real);
      if (fits(name)) {
        const about = await info(real, name);
        if (about !== undefined) found.push(about);
      }
      if (recursive && entry.isDirectory()) await walk(real);
    }
  };
  await walk(root);
  return found.sort((a, b) => compareText(a.path, b.path));
}

const path = parameter('path', text, 'Relative to the working directory');
const fileInfo = object('FileInfo', {
  path: required(text, 'As it was asked for; in lists relative to the folder'),
  type: required(choice('file', 'folder', 'link', 'other'), 'What it is'),
  size: required(integer, 'Bytes'),
  modifiedAt: required(time, 'When it was written last'),
  mode: required(text, 'Like `644`'),
});
const maxBytes = options({ maxBytes: optional(integer, 'A larger file is refused. Default 64 MiB') });
const overwrite = options({ overwrite: optional(boolean, 'In place of what is there. Default false') });
const from = parameter('from', text, 'What');
const to = parameter('to', text, 'Where to');
const outside = ['FILE_OUTSIDE', 'FILE_PATH_INVALID', 'FILE_FAILED'];

export const fsDescription: ModuleDescription<FsModule> = {
  summary: 'Files of the working directory and nowhere else, whatever links lead out of it.',
  functions: {
    readText: {
      summary: 'Reads a file of UTF-8 text.',
      parameters: [path, maxBytes],
      returns: { type: text },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_TOO_BIG', ...outside],
    },
    readBytes: {
      summary: 'Reads a file of bytes.',
      parameters: [path, maxBytes],
      returns: { type: bytes },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_TOO_BIG', ...outside],
    },
    write: {
      summary: 'Writes a file, wholly or not at all. Folders on the way are made.',
      parameters: [
        path,
        parameter('content', bytes, 'A text or bytes'),
        options({
          mode: optional(text, 'Like `600`. Default: as it was, or 644 less the umask'),
          exclusive: optional(boolean, 'Refuse where it exists. Default false'),
        }),
      ],
      returns: { type: nothing },
      async: true,
      throws: ['FILE_EXISTS', ...outside],
    },
    append: {
      summary: 'Writes at the end of a file, and makes it where it is not there.',
      parameters: [path, parameter('content', bytes, 'A text or bytes')],
      returns: { type: nothing },
      async: true,
      throws: outside,
    },
    exists: { summary: 'Whether a file or folder is there.', parameters: [path], returns: { type: boolean }, async: true, throws: outside },
    stat: {
      summary: 'What is known of a file or folder.',
      parameters: [path],
      returns: { type: fileInfo, optional: true },
      async: true,
      throws: outside,
    },
    list: {
      summary: 'What is in a folder, by path. Links are listed and not followed.',
      parameters: [
        { ...path, optional: true },
        options({
          recursive: optional(boolean, 'In folders below, too. Default false, and true where the pattern has a `/`'),
          match: optional(text, 'A pattern for the path from that folder: `*`, `?`, `**`, `[a-c]`, `{a,b}`'),
        }),
      ],
      returns: { type: list(fileInfo) },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_TOO_BIG', ...outside],
    },
    makeFolder: {
      summary: 'Makes a folder and those on the way to it.',
      parameters: [path],
      returns: { type: nothing },
      async: true,
      throws: ['FILE_EXISTS', ...outside],
    },
    remove: {
      summary: 'Removes a file, a link or a folder.',
      parameters: [path, options({ recursive: optional(boolean, 'Also what is in the folder. Default false') })],
      returns: { type: boolean, summary: 'Whether it was there' },
      async: true,
      throws: ['FILE_EXISTS', ...outside],
    },
    copy: {
      summary: 'Copies a file, or a folder with all that is in it.',
      parameters: [from, to, overwrite],
      returns: { type: nothing },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_EXISTS', ...outside],
    },
    move: {
      summary: 'Moves or renames a file or folder.',
      parameters: [from, to, overwrite],
      returns: { type: nothing },
      async: true,
      throws: ['FILE_NOT_FOUND', 'FILE_EXISTS', ...outside],
    },
  },
};
