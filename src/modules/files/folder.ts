import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { EvenkeelError, printable } from '../../model/index.js';
import type { ModuleHost } from '../host.js';

const stateFolder = '.evenkeel';

export type FolderHost = Pick<ModuleHost, 'workingDirectory' | 'folders'>;

/**
 * The real path of a file that a script names, which exists or not, and never lies outside the working
 * directory and the further folders of the host, whatever links lead there.
 * @param follow whether a link in the last segment is followed; a link is removed or renamed itself
 * @throws EvenkeelError FILE_OUTSIDE, FILE_PATH_INVALID
 */
export function pathInside(host: FolderHost, path: string, { follow = true } = {}): string {
  if (path === '' || path.includes('\0') || path.length > 4096)
    throw new EvenkeelError('FILE_PATH_INVALID', path === '' ? 'the path is empty' : 'the path has a NUL in it or is too long', {
      where: { field: 'path' },
      hint: 'Name a file or folder relative to the working directory.',
    });
  const wanted = resolve(host.workingDirectory, path);
  const real = follow ? realPath(wanted) : join(realPath(dirname(wanted)), basename(wanted));
  if ((host.folders ?? []).some((folder) => isInside(realPath(folder), real))) return real;
  const root = realPath(host.workingDirectory);
  if (isInside(root, real)) {
    // Keys and state are in there: they are reached through the modules.
    if (!relative(root, real).split(sep).includes(stateFolder)) return real;
    throw new EvenkeelError('FILE_OUTSIDE', `"${printable(path).slice(0, 200)}" lies in the folder of Evenkeel's own state`, {
      where: { file: path },
      hint: 'Scripts keep their files elsewhere; what has to outlast a run goes into the module state.',
    });
  }
  throw new EvenkeelError('FILE_OUTSIDE', `"${printable(path).slice(0, 200)}" lies outside the working directory`, {
    where: { file: path },
    hint: 'Scripts reach the files of the folder that they run in; copy the file there, or run from a folder further up.',
  });
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

/** The real path of as much as exists, and the rest as it is written. */
function realPath(path: string): string {
  const rest: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(realpathSync(at), ...rest);
    } catch (error) {
      // A link that leads nowhere would lead somewhere once that is made.
      if (isLink(at))
        throw new EvenkeelError('FILE_OUTSIDE', 'a symbolic link on the way leads nowhere', {
          where: { file: path },
          hint: 'Remove the link, or make what it names.',
          cause: error,
        });
      if (dirname(at) === at) return path;
    }
    rest.unshift(basename(at));
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
