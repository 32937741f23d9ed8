import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compileGlob } from '../../manifest/index.js';
import { EvenkeelError } from '../../model/index.js';

const MAX_FILES = 1_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** Entries that are looked at for one task's patterns. */
const MAX_SEEN = 200_000;
const leftOut = new Set(['.git', 'node_modules', '.evenkeel']);

/**
 * Copies what a task declares into its artifacts folder.
 * @param patterns paths or globs relative to `workdir`; a path that leads to nothing is an error where `strict`
 * @throws EvenkeelError TASK_ARTIFACT
 */
export async function collectArtifacts(options: {
  patterns: readonly string[];
  workdir: string;
  target: string;
  strict: boolean;
}): Promise<void> {
  const { patterns, workdir, target, strict } = options;
  const root = await realpath(workdir);
  const found = new Map<string, number>();
  for (const pattern of patterns) {
    const files = /[*?[{]/.test(pattern) ? await matching(root, pattern) : await below(root, pattern);
    if (files.length === 0 && strict)
      throw artifact(
        pattern,
        'matches no file',
        'The task succeeded without leaving it behind: is the path relative to the folder of the script?',
      );
    for (const { path, size } of files) found.set(path, size);
  }
  if (found.size > MAX_FILES)
    throw artifact(patterns.join(', '), `means ${found.size} files; ${MAX_FILES} are the limit`, 'Pack them into an archive.');
  const bytes = [...found.values()].reduce((sum, size) => sum + size, 0);
  if (bytes > MAX_BYTES)
    throw artifact(patterns.join(', '), `means ${Math.round(bytes / 1024 / 1024)} MiB; ${MAX_BYTES / 1024 / 1024} are the limit`);
  for (const path of found.keys()) {
    const to = join(target, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(join(root, path), to, constants.COPYFILE_FICLONE);
  }
}

/** Paths of the files below a folder, with `/`; an empty folder is removed. */
export async function listArtifacts(folder: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (at: string) => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      if (files.length >= MAX_FILES) return;
      const path = join(at, entry.name);
      if (entry.isDirectory()) await walk(path);
      else files.push(relative(folder, path).split(sep).join('/'));
    }
  };
  try {
    await walk(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (files.length === 0) await removeIfEmpty(folder);
  return files.sort();
}

export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
  }
}

type Found = { path: string; size: number }[];

async function below(root: string, path: string): Promise<Found> {
  const at = await inside(root, path);
  if (at === undefined) return [];
  const stat = await lstat(at);
  if (stat.isFile()) return [{ path: relative(root, at), size: stat.size }];
  return stat.isDirectory() ? walk(root, at, () => true) : [];
}

function matching(root: string, pattern: string): Promise<Found> {
  if (isAbsolute(pattern) || pattern.split('/').includes('..')) throw outside(pattern);
  const matches = compileGlob(pattern);
  return walk(root, root, matches);
}

/** Symbolic links are left: they could lead anywhere. */
async function walk(root: string, start: string, matches: (path: string) => boolean): Promise<Found> {
  const found: Found = [];
  let seen = 0;
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (++seen > MAX_SEEN)
        throw artifact(relative(root, start) || '.', `has more than ${MAX_SEEN} entries`, 'Name the folder that the artifacts are in.');
      const at = join(folder, entry.name);
      if (entry.isDirectory() && !leftOut.has(entry.name)) folders.push(at);
      else if (entry.isFile() && matches(relative(root, at).split(sep).join('/')))
        found.push({ path: relative(root, at), size: (await lstat(at)).size });
    }
  }
  return found;
}

async function inside(root: string, path: string): Promise<string | undefined> {
  let at: string;
  try {
    at = await realpath(resolve(root, path));
  } catch {
    return undefined;
  }
  if (at !== root && !at.startsWith(root + sep)) throw outside(path);
  return at;
}

function outside(path: string): EvenkeelError {
  return artifact(path, 'leads out of the folder of the script', 'Copy it into the folder, or write it to context.artifactsDirectory.');
}

function artifact(path: string, what: string, hint?: string): EvenkeelError {
  return new EvenkeelError('TASK_ARTIFACT', `the artifact ${path} ${what}`, { where: { field: 'artifacts' }, hint });
}
