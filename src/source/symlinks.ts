import type { FileTree, TreeEntry } from '../model/index.js';
import { EvenkeelError, printable } from '../model/index.js';
import { checkPath, joinPath, parentOf } from './paths.js';

/** As many as Linux follows. */
const mostLinks = 40;
const longestTarget = 4096;

/**
 * The entry at a path, following symbolic links in every part of it, the last one included; undefined where
 * there is none.
 * @throws EvenkeelError SOURCE_SYMLINK_ESCAPES, SOURCE_SYMLINK_LOOP, SOURCE_SYMLINK_DANGLING, SOURCE_PATH_INVALID
 */
export async function resolvePath(tree: FileTree, path: string): Promise<TreeEntry | undefined> {
  const direct = await tree.entry(checkPath(path));
  if (direct !== undefined && direct.type !== 'symlink') return direct;
  return follow(tree, path);
}

/**
 * What a symbolic link leads to, through as many links as there are; any other entry is returned as it is.
 * Links never lead out of the tree: an absolute target, and one that climbs above the root, are errors.
 * @throws EvenkeelError SOURCE_SYMLINK_ESCAPES, SOURCE_SYMLINK_LOOP, SOURCE_SYMLINK_DANGLING
 */
export async function resolveSymlink(tree: FileTree, entry: TreeEntry): Promise<TreeEntry> {
  if (entry.type !== 'symlink') return entry;
  const found = await follow(tree, entry.path);
  if (found !== undefined) return found;
  throw problem('SOURCE_SYMLINK_DANGLING', tree, entry.path, 'leads to nothing');
}

async function follow(tree: FileTree, start: string): Promise<TreeEntry | undefined> {
  let at = '';
  let links = 0;
  let lastLink: string | undefined;
  const segments = start.split('/').reverse();
  let entry = (await tree.entry('')) as TreeEntry;
  while (segments.length > 0) {
    const segment = segments.pop() as string;
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      if (at === '') throw problem('SOURCE_SYMLINK_ESCAPES', tree, lastLink ?? start, 'leads out of the repository');
      at = parentOf(at);
      entry = (await tree.entry(at)) as TreeEntry;
      continue;
    }
    const path = joinPath(at, segment);
    const next = entry.type === 'directory' ? await tree.entry(path) : undefined;
    if (next === undefined) {
      if (lastLink === undefined) return undefined;
      throw problem('SOURCE_SYMLINK_DANGLING', tree, lastLink, `leads to ${printable(path).slice(0, 200)}, which does not exist`);
    }
    if (next.type !== 'symlink') {
      at = path;
      entry = next;
      continue;
    }
    if (++links > mostLinks)
      throw problem('SOURCE_SYMLINK_LOOP', tree, start, `leads through more than ${mostLinks} others, or in a circle`);
    lastLink = path;
    const target = Buffer.from((await tree.read([next], longestTarget))[0] as Uint8Array).toString('utf8');
    if (target === '' || target.includes('\0')) throw problem('SOURCE_SYMLINK_DANGLING', tree, path, 'has no usable target');
    if (target.startsWith('/'))
      throw problem('SOURCE_SYMLINK_ESCAPES', tree, path, `leads to ${printable(target).slice(0, 200)}, out of the repository`);
    segments.push(...target.split('/').reverse());
  }
  return entry;
}

function problem(
  code: 'SOURCE_SYMLINK_ESCAPES' | 'SOURCE_SYMLINK_LOOP' | 'SOURCE_SYMLINK_DANGLING',
  tree: FileTree,
  path: string,
  why: string,
): EvenkeelError {
  return new EvenkeelError(code, `The symbolic link ${path} of ${tree.origin} ${why}.`, {
    where: { file: path },
    hint: 'Let the link lead to a file or folder of the same repository, or put a copy in its place.',
  });
}
