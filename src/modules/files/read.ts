import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { EvenkeelError } from '../../model/index.js';
import { explained } from './failure.js';
import { type FolderHost, pathInside } from './folder.js';

const MOST_BYTES = 64 * 1024 * 1024;

/** @throws EvenkeelError FILE_NOT_FOUND, FILE_TOO_BIG, FILE_FAILED, FILE_OUTSIDE */
export async function readInside(host: FolderHost, path: string, maxBytes = MOST_BYTES): Promise<Buffer> {
  const real = pathInside(host, path);
  return explained(path, async () => {
    // Without waiting for a writer where it is a pipe, which has no size that could be held against a bound.
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const about = await file.stat();
      if (about.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
      if (!about.isFile()) throw new EvenkeelError('FILE_FAILED', `"${path}" is no ordinary file`, { where: { file: path } });
      if (about.size > maxBytes) throw tooBig(path, about.size, maxBytes);
      // The size may grow meanwhile: only what was there is read.
      const bytes = Buffer.alloc(about.size);
      let at = 0;
      for (; at < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    } finally {
      await file.close();
    }
  });
}

export async function readTextInside(host: FolderHost, path: string, maxBytes?: number): Promise<string> {
  const raw = await readInside(host, path, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    throw new EvenkeelError('FILE_FAILED', `"${path}" is not UTF-8 text`, {
      where: { file: path },
      hint: 'Read it as bytes: fs.readBytes.',
    });
  }
}

function tooBig(path: string, size: number, maxBytes: number): EvenkeelError {
  return new EvenkeelError('FILE_TOO_BIG', `"${path}" has ${size} bytes, more than ${maxBytes}`, {
    where: { file: path },
    hint: 'Give a larger maxBytes if it is meant to be that large.',
  });
}
