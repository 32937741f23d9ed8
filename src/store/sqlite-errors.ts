import { EvenkeelError } from '../model/index.js';

/** Whatever better-sqlite3 or the file system threw, as one of ours. */
export function translate(thrown: unknown, file: string): EvenkeelError {
  if (thrown instanceof EvenkeelError) return thrown;
  const code = String((thrown as { code?: unknown } | null)?.code ?? '');
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const where = { file };
  const make = (...[as, text, hint]: [EvenkeelError['code'], string, string?]) =>
    new EvenkeelError(as, text, { where, hint, cause: thrown, details: code === '' ? {} : { reason: code } });

  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return make('STORE_BUSY', 'the store is kept busy by another process', 'Try again; see which evenkeel processes use this store.');
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC' || code === 'EDQUOT')
    return make(
      'STORE_FULL',
      'there is no room left for the store',
      'Free some space on the disk and try again; nothing was half written.',
    );
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB') || code === 'SQLITE_FORMAT')
    return make(
      'STORE_CORRUPT',
      `the store is damaged or is not a database (${message})`,
      'Put a backup in its place, or move the file away: a new store is made, and inventories can be rebuilt from the marks in the cluster.',
    );
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return make(
      'STORE_READ_ONLY',
      'the store is read-only',
      'Give the user that runs evenkeel the right to write the file and its folder.',
    );
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM' || code === 'SQLITE_AUTH')
    return make('STORE_PATH', `the store cannot be opened (${message})`, 'Check the rights of the file and its folder.');
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return make('STORE_REFERENCE', 'a record names another that does not exist');
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE')
    return make('STORE_EXISTS', 'a record with this id exists already');
  if (code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file'))
    return make('STORE_FAILED', `the SQLite library cannot be loaded (${message.split('\n')[0]})`, 'Run: npm rebuild better-sqlite3');
  return make('STORE_FAILED', `the store failed (${code === '' ? message : `${code}: ${message}`})`, 'Check the disk and its file system.');
}
