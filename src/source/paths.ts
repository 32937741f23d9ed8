import { EvenkeelError, printable } from '../model/index.js';

/**
 * Checks a path inside a file tree and returns it. '' is the root.
 * @throws EvenkeelError SOURCE_PATH_INVALID
 */
export function checkPath(path: string): string {
  if (path === '') return path;
  const why = path.includes('\0')
    ? 'has a NUL in it'
    : path.startsWith('/')
      ? 'is absolute'
      : path.split('/').some((segment) => segment === '')
        ? 'has an empty segment'
        : path.split('/').some((segment) => segment === '..' || segment === '.')
          ? 'has "." or ".." in it'
          : undefined;
  if (why === undefined) return path;
  throw new EvenkeelError('SOURCE_PATH_INVALID', `The path "${printable(path).slice(0, 300)}" ${why}.`, {
    where: { file: printable(path).slice(0, 300) },
    hint: 'Write it relative to the root of the repository, with "/" between names, like apps/web.',
  });
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
