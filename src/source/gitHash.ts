import { createHash } from 'node:crypto';
import type { TreeEntry } from '../model/index.js';

/** The id that git gives to contents: SHA-1 over `blob <size>`, a NUL and the bytes. */
export function blobId(contents: Uint8Array): string {
  return createHash('sha1').update(`blob ${contents.byteLength}\0`).update(contents).digest('hex');
}

const modes = { file: '100644', directory: '40000', symlink: '120000', submodule: '160000' };

/** The id that git gives to a folder with these entries, whose names are given without the folder's path. */
export function treeId(entries: readonly { name: string; type: TreeEntry['type']; id: string }[]): string {
  const rows = entries.map((entry) => ({ ...entry, bytes: Buffer.from(entry.name) }));
  const sortKey = (row: (typeof rows)[number]) => (row.type === 'directory' ? Buffer.concat([row.bytes, Buffer.from('/')]) : row.bytes);
  rows.sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  const body = Buffer.concat(
    rows.flatMap((row) => [Buffer.from(`${modes[row.type]} `), row.bytes, Buffer.from([0]), Buffer.from(row.id, 'hex')]),
  );
  return createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex');
}
