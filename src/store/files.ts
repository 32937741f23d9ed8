import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EvenkeelError } from '../model/index.js';
import { translate } from './sqlite-errors.js';

/**
 * Makes the file (mode 600) and its folder (mode 700) where they are absent, and checks that both can be
 * written: SQLite would open a read-only file and fail at the first write instead.
 * @throws EvenkeelError STORE_PATH, STORE_READ_ONLY, STORE_FULL
 */
export function prepareFile(file: string): void {
  const folder = dirname(file);
  // better-sqlite3 would cut the space off and open another file.
  if (file !== file.trim()) throw new EvenkeelError('STORE_PATH', 'the name of the store ends with white space', fact(file));
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) throw new EvenkeelError('STORE_PATH', 'the store is to be a file, and this is a directory', fact(file));
    if (stat && !stat.isFile()) throw new EvenkeelError('STORE_PATH', 'the store is to be a file, and this is not one', fact(file));
    if (!stat) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      create(file);
    }
  } catch (thrown) {
    throw explain(thrown, file);
  }
  for (const [path, mode] of [
    [file, constants.R_OK | constants.W_OK],
    [folder, constants.W_OK | constants.X_OK],
  ] as const) {
    try {
      accessSync(path, mode);
    } catch (thrown) {
      throw explain(thrown, path);
    }
  }
}

function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (thrown) {
    // Another process was faster: its file is as good.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
}

function explain(thrown: unknown, file: string): EvenkeelError {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM')
    return new EvenkeelError('STORE_READ_ONLY', `the store cannot be written (${code})`, {
      where: { file },
      hint: 'Give the user that runs evenkeel the right to write the file and its folder.',
      cause: thrown,
    });
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new EvenkeelError('STORE_PATH', 'a part of the path of the store is a file', { ...fact(file), cause: thrown });
  if (thrown instanceof EvenkeelError || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS') return translate(thrown, file);
  return new EvenkeelError('STORE_PATH', `the path of the store cannot be used (${code ?? String(thrown)})`, {
    ...fact(file),
    cause: thrown,
  });
}

function fact(file: string) {
  return { where: { file }, hint: 'Name another file for the store.' };
}
