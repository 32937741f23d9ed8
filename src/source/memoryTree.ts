import type { FileTree, TreeEntry } from '../model/index.js';
import { EvenkeelError } from '../model/index.js';
import { blobId, treeId } from './gitHash.js';
import { checkPath, joinPath } from './paths.js';
import { indexedTree, indexTree } from './treeIndex.js';

/** Text, bytes, or a symbolic link's target. */
export type MemoryFile = string | Uint8Array | { symlink: string };

interface Folder {
  folders: Map<string, Folder>;
  files: Map<string, TreeEntry>;
}

/**
 * A file tree of values: for what is generated, and for tests. Ids are those that git would give, and the
 * revision is the id of the root.
 * @throws EvenkeelError SOURCE_PATH_INVALID, also where a file stands where a folder must
 */
export function memoryTree(files: { [path: string]: MemoryFile }, origin = 'memory'): FileTree {
  const blobs = new Map<string, Uint8Array>();
  const root: Folder = { folders: new Map(), files: new Map() };
  for (const [path, file] of Object.entries(files)) {
    const segments = checkPath(path).split('/');
    const name = segments.pop() as string;
    let folder = root;
    for (const segment of segments) {
      if (folder.files.has(segment)) throw clash(path);
      let next = folder.folders.get(segment);
      if (next === undefined) {
        next = { folders: new Map(), files: new Map() };
        folder.folders.set(segment, next);
      }
      folder = next;
    }
    if (name === '' || folder.folders.has(name)) throw clash(path);
    const isLink = typeof file === 'object' && 'symlink' in file;
    const bytes = typeof file === 'string' ? Buffer.from(file) : isLink ? Buffer.from(file.symlink) : file;
    const id = blobId(bytes);
    blobs.set(id, bytes);
    folder.files.set(name, { path, type: isLink ? 'symlink' : 'file', id });
  }

  const entries: TreeEntry[] = [];
  const close = (folder: Folder, path: string): string => {
    const rows: { name: string; type: TreeEntry['type']; id: string }[] = [];
    for (const [name, entry] of folder.files) {
      entries.push(entry);
      rows.push({ name, type: entry.type, id: entry.id });
    }
    for (const [name, inner] of folder.folders) {
      const innerPath = joinPath(path, name);
      const id = close(inner, innerPath);
      entries.push({ path: innerPath, type: 'directory', id });
      rows.push({ name, type: 'directory', id });
    }
    return treeId(rows);
  };
  const id = close(root, '');
  const index = Promise.resolve(indexTree({ path: '', type: 'directory', id }, entries));
  return indexedTree({
    revision: id,
    origin,
    index: () => index,
    sizes: async (ids) => ids.map((each) => blobs.get(each)?.byteLength),
    contents: async (ids) => ids.map((each) => blobs.get(each)),
    lost: (entry) =>
      new EvenkeelError('SOURCE_REVISION_MISSING', `${entry.path} is not of this file tree.`, {
        where: { file: entry.path },
        hint: 'Read entries from the tree that they came from.',
        transient: false,
      }),
  });
}

function clash(path: string): EvenkeelError {
  return new EvenkeelError('SOURCE_PATH_INVALID', `"${path}" is a file and a folder at the same time.`, {
    where: { file: path },
    hint: 'Give one of them another name.',
  });
}
