import { EvenkeelError } from '../../model/index.js';

const reasons: { [code: string]: readonly [code: 'FILE_NOT_FOUND' | 'FILE_EXISTS' | 'FILE_FAILED', what: string, hint?: string] } = {
  ENOENT: ['FILE_NOT_FOUND', 'does not exist', 'Check the path; it is relative to the working directory.'],
  ENOTDIR: ['FILE_NOT_FOUND', 'leads through something that is no folder'],
  EEXIST: ['FILE_EXISTS', 'exists already'],
  ENOTEMPTY: ['FILE_EXISTS', 'is not empty', 'Remove what is in it, too: recursive.'],
  EISDIR: ['FILE_FAILED', 'is a folder'],
  EACCES: ['FILE_FAILED', 'may not be used: permission denied'],
  EPERM: ['FILE_FAILED', 'may not be used: not permitted'],
  EROFS: ['FILE_FAILED', 'is on a read-only file system'],
  ENOSPC: ['FILE_FAILED', 'cannot be written: the disk is full'],
  ELOOP: ['FILE_FAILED', 'is a symbolic link in a circle'],
};

/** Does something with a file and explains what the system says. */
export async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const [ours, what, hint] = reasons[code ?? ''] ?? (['FILE_FAILED', `cannot be used (${code ?? 'unknown error'})`] as const);
    throw new EvenkeelError(ours, `"${path}" ${what}`, { where: { file: path }, cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}
