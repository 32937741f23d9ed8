/**
 * The read-only files of one revision. Paths are relative to the root, with `/`, without a leading
 * or trailing one; the root is ''.
 */
export interface FileTree {
  /** Full commit hash, or a hash of the contents where there is no commit. */
  readonly revision: string;
  /** For messages: which repository this is, without credentials. */
  readonly origin: string;
  /** The entry at a path, not following symlinks in its last segment; undefined where there is none. */
  entry(path: string): Promise<TreeEntry | undefined>;
  /** All files, symlinks and submodules below a directory, at any depth, by path in code-unit order. */
  walk(directory: string): Promise<TreeEntry[]>;
  /** What stands directly in a directory, subdirectories included, by name in code-unit order. */
  list(directory: string): Promise<TreeEntry[]>;
  /**
   * Contents of files by their ids, in the order asked.
   * @throws EvenkeelError FILE_TOO_LARGE where a file is larger than `maxBytes` (it is not read)
   */
  read(entries: readonly TreeEntry[], maxBytes?: number): Promise<Uint8Array[]>;
}

export interface TreeEntry {
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'submodule';
  /** Identifies the contents: equal ids mean equal bytes, in any revision. */
  id: string;
}
