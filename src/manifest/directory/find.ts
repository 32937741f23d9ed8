import { compareText, EvenkeelError, type FileTree, nearest, printable, type TreeEntry } from '../../model/index.js';

/** A file by the path under which it was found, which differs from its own where symlinks lead to it. */
export interface FoundFile {
  path: string;
  entry: TreeEntry;
}

export interface Found {
  files: FoundFile[];
  submodules: string[];
  /** Symlinks that lead to nothing, which no name makes a manifest. */
  dangling: string[];
}

export interface FindOptions {
  recurse: boolean;
  maxFiles: number;
  /** Whether a file or link is wanted; `path` is relative to the directory. Folders are not asked about. */
  wants(path: string, kind: 'file' | 'symlink'): boolean;
  /** Whether a file name alone makes a file a manifest. */
  isManifestName(path: string): boolean;
}

const maxHops = 40;

/**
 * The wanted files below a path, symlinks inside the tree followed.
 * @throws EvenkeelError MANIFEST_PATH_NOT_FOUND, MANIFEST_LINK_OUTSIDE, MANIFEST_LINK_BROKEN, MANIFEST_TOO_LARGE
 */
export async function findFiles(tree: FileTree, path: string, options: FindOptions): Promise<Found> {
  const found: Found = { files: [], submodules: [], dangling: [] };
  const start = await resolvePath(tree, path, path);
  if (start === undefined) throw await notFound(tree, path);
  if (start.type === 'file') return { ...found, files: [{ path, entry: start }] };
  if (start.type === 'submodule')
    throw new EvenkeelError('MANIFEST_PATH_NOT_FOUND', `"${printable(path)}" is a Git submodule, which is not fetched`, {
      where: { file: path },
      hint: 'Register the submodule as a repository of its own.',
    });
  await visit({ tree, options, found, base: path, visits: 0 }, start.path, path, [start.path]);
  found.files.sort((a, b) => compareText(a.path, b.path));
  return found;
}

interface Walk {
  tree: FileTree;
  options: FindOptions;
  found: Found;
  base: string;
  visits: number;
}

/** `real` is the folder itself, `shown` the path under which it was reached, `chain` the folders entered through links. */
async function visit(walk: Walk, real: string, shown: string, chain: readonly string[]): Promise<void> {
  const { tree, options, found } = walk;
  if (++walk.visits > options.maxFiles) throw tooMany(walk.base, options.maxFiles);
  const entries = options.recurse ? await tree.walk(real) : await tree.list(real);
  for (const entry of entries) {
    const path = join(shown, real === '' ? entry.path : entry.path.slice(real.length + 1));
    const relative = walk.base === '' ? path : path.slice(walk.base.length + 1);
    if (entry.type === 'submodule') found.submodules.push(path);
    else if (entry.type === 'file') {
      if (options.wants(relative, 'file')) add(walk, { path, entry });
    } else if (entry.type === 'symlink' && options.wants(relative, 'symlink')) await followLink(walk, { entry, path, relative, chain });
  }
}

interface Link {
  entry: TreeEntry;
  path: string;
  relative: string;
  chain: readonly string[];
}

async function followLink(walk: Walk, { entry, path, relative, chain }: Link): Promise<void> {
  const { tree, options, found } = walk;
  const target = await resolvePath(tree, entry.path, path);
  if (target === undefined) {
    if (options.isManifestName(relative)) throw broken(path, 'leads to nothing');
    found.dangling.push(path);
  } else if (target.type === 'file') {
    if (options.wants(relative, 'file')) add(walk, { path, entry: target });
  } else if (target.type === 'submodule') found.submodules.push(path);
  else if (options.recurse) {
    const here = entry.path;
    if ([...chain, parent(here)].some((folder) => folder === target.path || isBelow(folder, target.path)) || chain.length >= maxHops)
      throw broken(path, 'leads in a circle');
    await visit(walk, target.path, path, [...chain, target.path]);
  }
}

function add(walk: Walk, file: FoundFile): void {
  if (walk.found.files.length >= walk.options.maxFiles) throw tooMany(walk.base, walk.options.maxFiles);
  walk.found.files.push(file);
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The entry that a path leads to once every symlink in it is followed. Its `path` is the real one. */
async function resolvePath(tree: FileTree, path: string, shown: string): Promise<TreeEntry | undefined> {
  let waiting = path.split('/').filter((name) => name !== '');
  let at = '';
  let entry: TreeEntry = { path: '', type: 'directory', id: '' };
  for (let hops = 0; waiting.length > 0; ) {
    const [name, ...rest] = waiting as [string, ...string[]];
    waiting = rest;
    if (name === '.') continue;
    if (name === '..') {
      if (at === '') throw outside(shown);
      at = parent(at);
      entry = { path: at, type: 'directory', id: '' };
      continue;
    }
    if (entry.type !== 'directory') return undefined;
    const next = await tree.entry(join(at, name));
    if (next === undefined) return undefined;
    if (next.type !== 'symlink') {
      at = join(at, name);
      entry = { ...next, path: at };
      continue;
    }
    if (++hops > maxHops) throw broken(shown, 'leads in a circle');
    const target = new TextDecoder().decode((await tree.read([next]))[0]);
    if (target.startsWith('/')) throw outside(shown);
    waiting = [...target.split('/').filter((step) => step !== ''), ...waiting];
    entry = { path: at, type: 'directory', id: '' };
  }
  return entry;
}

function outside(path: string): EvenkeelError {
  return new EvenkeelError('MANIFEST_LINK_OUTSIDE', `the symbolic link "${printable(path)}" leads out of the repository`, {
    where: { file: path },
    hint: 'Copy what it points to into the repository, or exclude the link.',
  });
}

function broken(path: string, how: string): EvenkeelError {
  return new EvenkeelError('MANIFEST_LINK_BROKEN', `the symbolic link "${printable(path)}" ${how}`, {
    where: { file: path },
    hint: 'Correct the link, or exclude it.',
  });
}

function tooMany(path: string, maxFiles: number): EvenkeelError {
  return new EvenkeelError('MANIFEST_TOO_LARGE', `"${printable(path) || '.'}" holds more than ${maxFiles} manifest files`, {
    where: { file: path },
    hint: 'Choose a narrower path, or exclude what holds no manifests.',
  });
}

/** Names the nearest folder that exists, and what in it may have been meant. */
async function notFound(tree: FileTree, path: string): Promise<EvenkeelError> {
  let existing = path;
  let missing = '';
  while (existing !== '') {
    missing = existing.slice(existing.lastIndexOf('/') + 1);
    existing = parent(existing);
    if (existing === '' || (await tree.entry(existing))?.type === 'directory') break;
  }
  const names = (await tree.list(existing)).map((entry) => entry.path.slice(entry.path.lastIndexOf('/') + 1));
  const near = nearest(missing, names);
  const place = existing === '' ? 'The repository' : `"${printable(existing)}"`;
  const known =
    near === undefined
      ? `${place} has: ${names.slice(0, 10).join(', ') || 'nothing'}${names.length > 10 ? ', …' : ''}.`
      : `Is "${join(existing, near)}" meant?`;
  return new EvenkeelError(
    'MANIFEST_PATH_NOT_FOUND',
    `there is no "${printable(path)}" in ${tree.origin} at revision ${tree.revision.slice(0, 12)}`,
    {
      where: { file: path },
      hint: printable(known),
      details: { nearestExisting: existing },
    },
  );
}
