import type { FileTree, TreeEntry } from '../model/index.js';
import { compareText, EvenkeelError } from '../model/index.js';
import { checkPath, parentOf } from './paths.js';

/** All entries of one revision, found by path and by folder. */
export interface TreeIndex {
  byPath: Map<string, TreeEntry>;
  /** What stands directly in a folder, by name. */
  children: Map<string, TreeEntry[]>;
  /** Everything but folders, by path. */
  leaves: TreeEntry[];
}

/** @param entries everything below the root, folders included, each path once; `root` has the path '' */
export function indexTree(root: TreeEntry, entries: readonly TreeEntry[]): TreeIndex {
  const byPath = new Map<string, TreeEntry>([['', root]]);
  const children = new Map<string, TreeEntry[]>([['', []]]);
  const leaves: TreeEntry[] = [];
  for (const entry of entries) {
    byPath.set(entry.path, entry);
    if (entry.type === 'directory') {
      if (!children.has(entry.path)) children.set(entry.path, []);
    } else leaves.push(entry);
    const parent = parentOf(entry.path);
    const siblings = children.get(parent);
    if (siblings) siblings.push(entry);
    else children.set(parent, [entry]);
  }
  const byText = (a: TreeEntry, b: TreeEntry) => compareText(a.path, b.path);
  leaves.sort(byText);
  for (const list of children.values()) list.sort(byText);
  return { byPath, children, leaves };
}

export interface IndexedTreeOptions {
  revision: string;
  origin: string;
  index: () => Promise<TreeIndex>;
  /** Contents by id, each id once; undefined where one is lost. `sizes` is asked first, for files that are too large. */
  sizes: (ids: readonly string[]) => Promise<(number | undefined)[]>;
  contents: (ids: readonly string[]) => Promise<(Uint8Array | undefined)[]>;
  /** The error for contents that are lost. */
  lost: (entry: TreeEntry) => EvenkeelError;
}

/** A FileTree over an index in memory. */
export function indexedTree(options: IndexedTreeOptions): FileTree {
  return {
    revision: options.revision,
    origin: options.origin,
    async entry(path) {
      checkPath(path);
      return (await options.index()).byPath.get(path);
    },
    async walk(directory) {
      checkPath(directory);
      const { leaves } = await options.index();
      if (directory === '') return leaves.slice();
      const from = firstAtOrAfter(leaves, `${directory}/`);
      return leaves.slice(from, firstAtOrAfter(leaves, `${directory}0`));
    },
    async list(directory) {
      checkPath(directory);
      return (await options.index()).children.get(directory)?.slice() ?? [];
    },
    async read(entries, maxBytes) {
      const ids = new Map<string, { entry: TreeEntry; at: number }>();
      for (const entry of entries) {
        checkReadable(entry, options.origin);
        if (!ids.has(entry.id)) ids.set(entry.id, { entry, at: ids.size });
      }
      const asked = [...ids.values()].map(({ entry }) => entry);
      const sizes = await options.sizes(asked.map((entry) => entry.id));
      checkSizes(
        asked.map((entry, i) => {
          const size = sizes[i];
          if (size === undefined) throw options.lost(entry);
          return { path: entry.path, size };
        }),
        maxBytes,
      );
      const contents = await options.contents(asked.map((entry) => entry.id));
      return entries.map((entry) => {
        const bytes = contents[ids.get(entry.id)?.at ?? -1];
        if (bytes === undefined) throw options.lost(entry);
        return bytes;
      });
    },
  };
}

/** '0' is the character after '/', so `dir0` is where what is below `dir/` ends. */
function firstAtOrAfter(leaves: readonly TreeEntry[], path: string): number {
  let low = 0;
  let high = leaves.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText((leaves[middle] as TreeEntry).path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @throws EvenkeelError SOURCE_NOT_A_FILE for what has no contents of its own */
export function checkReadable(entry: TreeEntry, origin: string): void {
  if (entry.type === 'file' || entry.type === 'symlink') return;
  throw new EvenkeelError(
    'SOURCE_NOT_A_FILE',
    `${entry.path === '' ? 'The root' : entry.path} of ${origin} is a ${entry.type}, not a file.`,
    {
      where: { file: entry.path },
      hint:
        entry.type === 'submodule'
          ? 'Submodules are not fetched: put the files into the repository, or name the other one as a repository of its own.'
          : 'Name a file in it.',
    },
  );
}

const defaultMaxBytes = 32 * 1024 * 1024;
/** Files that are asked for together are held in memory together. */
const maxTogether = 1024 * 1024 * 1024;

/** @throws EvenkeelError FILE_TOO_LARGE */
export function checkSizes(files: readonly { path: string; size: number }[], maxBytes = defaultMaxBytes): void {
  const large = files.filter((file) => file.size > maxBytes);
  const first = large[0];
  if (first !== undefined)
    throw new EvenkeelError(
      'FILE_TOO_LARGE',
      `${large
        .slice(0, 3)
        .map((file) => `${file.path} has ${mebibytes(file.size)}`)
        .join(', ')}: more than the ${mebibytes(maxBytes)} that are read.`,
      {
        where: { file: first.path },
        hint: 'Take it out of the path that is rendered; manifests are text.',
        details: { maxBytes, files: large.slice(0, 20).map(({ path, size }) => ({ path, size })) },
      },
    );
  const together = files.reduce((sum, file) => sum + file.size, 0);
  if (together > maxTogether)
    throw new EvenkeelError(
      'FILE_TOO_LARGE',
      `${files.length} files have ${mebibytes(together)} together: more than the ${mebibytes(maxTogether)} that are read at once.`,
      {
        where: { file: files[0]?.path ?? '' },
        hint: 'Name a smaller folder.',
        details: { maxBytes: maxTogether, bytes: together },
      },
    );
}

function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
