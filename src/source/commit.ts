import type { CommitInfo } from './types.js';

/** Reads a commit object as git stores it. */
export function parseCommit(revision: string, contents: Uint8Array): CommitInfo & { tree: string } {
  const raw = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
  const blank = raw.indexOf('\n\n');
  const headers = raw.toString('latin1', 0, blank < 0 ? raw.length : blank).split('\n');
  const header = (name: string) => headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const decode = decoder(header('encoding'));
  const author = /^(.*?) ?(-?[0-9]+) [+-][0-9]+$/.exec(header('author') ?? '');
  const message = blank < 0 ? '' : decode(raw.subarray(blank + 2));
  return {
    revision,
    tree: header('tree') ?? '',
    author: decode(Buffer.from(author?.[1] ?? header('author') ?? '', 'latin1')).trim(),
    time: Number(author?.[2] ?? 0) * 1000,
    subject: (message.replace(/^\n+/, '').split(/\n[ \t]*\n/)[0] ?? '').replace(/\s*\n\s*/g, ' ').trim(),
  };
}

function decoder(encoding = 'utf-8'): (bytes: Uint8Array) => string {
  try {
    const found = new TextDecoder(encoding);
    return (bytes) => found.decode(bytes);
  } catch {
    return (bytes) => new TextDecoder('latin1').decode(bytes);
  }
}
