import type { FileTree } from '../model/index.js';
import { EvenkeelError } from '../model/index.js';
import { parseCommit } from './commit.js';
import type { FetchContext } from './fetch.js';
import { parseLsTree } from './lsTree.js';
import type { TreeIndex } from './treeIndex.js';
import { indexedTree, indexTree } from './treeIndex.js';
import type { CommitInfo } from './types.js';

/** Indexes of revisions that are held at the same time; the one used longest ago goes first. */
const mostIndexes = 8;

export interface GitTrees {
  tree(revision: string): FileTree;
  commit(revision: string): Promise<CommitInfo>;
}

export function openTrees({ git, mirror, objects }: FetchContext): GitTrees {
  const indexes = new Map<string, Promise<TreeIndex>>();

  async function readCommit(revision: string): Promise<CommitInfo & { tree: string }> {
    if (!mirror.has(revision)) throw notFetched(git.url.url, revision);
    mirror.touch(revision);
    const contents = (await objects.contents([revision]))[0];
    if (contents === undefined) throw damaged(revision);
    return parseCommit(revision, contents);
  }

  async function load(revision: string): Promise<TreeIndex> {
    const { tree } = await readCommit(revision);
    try {
      const output = await git.call({ args: ['ls-tree', '-r', '-t', '-z', '--full-tree', '--end-of-options', tree], mirror: mirror.path });
      return indexTree({ path: '', type: 'directory', id: tree }, parseLsTree(output));
    } catch (error) {
      // Reading a kept revision fails for no reason but the mirror's.
      if (error instanceof EvenkeelError && (error.code === 'SOURCE_GIT_FAILED' || error.code === 'SOURCE_CACHE_BROKEN'))
        throw damaged(revision, error);
      throw error;
    }
  }

  function index(revision: string): Promise<TreeIndex> {
    const known = indexes.get(revision);
    indexes.delete(revision);
    const found = known ?? load(revision);
    indexes.set(revision, found);
    found.catch(() => {
      if (indexes.get(revision) === found) indexes.delete(revision);
    });
    for (const oldest of indexes.keys()) {
      if (indexes.size <= mostIndexes) break;
      indexes.delete(oldest);
    }
    return found;
  }

  function damaged(revision: string, cause?: unknown): EvenkeelError {
    if (!mirror.has(revision)) return notFetched(git.url.url, revision);
    mirror.markBroken();
    return new EvenkeelError('SOURCE_CACHE_BROKEN', `The mirror of ${git.url.url} has lost parts of revision ${revision.slice(0, 12)}.`, {
      where: { url: git.url.url, revision },
      hint: 'Fetch it again: the mirror is then built anew.',
      cause,
    });
  }

  return {
    tree: (revision) =>
      indexedTree({
        revision,
        origin: git.url.url,
        index: () => index(revision),
        sizes: objects.sizes,
        contents: objects.contents,
        lost: () => damaged(revision),
      }),
    async commit(revision) {
      const { tree: _, ...info } = await readCommit(revision);
      return info;
    },
  };
}

function notFetched(url: string, revision: string): EvenkeelError {
  return new EvenkeelError('SOURCE_REVISION_MISSING', `Revision ${revision} of ${url} is not in the mirror.`, {
    where: { url, revision },
    hint: 'Fetch it first.',
  });
}
