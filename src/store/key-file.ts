import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { EvenkeelError, type Random } from '../model/index.js';
import { translate } from './sqlite-errors.js';

const KEY_BYTES = 32;
const PREFIX = 'evenkeel-key-1:';

/**
 * Reads the key.
 * @returns undefined where there is no such file
 * @throws EvenkeelError STORE_KEY_EXPOSED, STORE_KEY_INVALID
 */
export function readKeyFile(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new EvenkeelError('STORE_KEY_INVALID', `the key file cannot be read (${code})`, {
      where: { file },
      hint: 'Check who owns the key file: the user that runs evenkeel has to be able to read it.',
      cause: thrown,
    });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw invalid(file, 'is not a file');
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
      throw new EvenkeelError('STORE_KEY_EXPOSED', `the key file has mode ${(stat.mode & 0o777).toString(8)}: others can get at the key`, {
        where: { file },
        hint: `Run: chmod 600 ${quote(file)}`,
      });
    const text = stat.size > 1000 ? '' : readFileSync(descriptor, 'utf8').trim();
    const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== encoded) throw invalid(file, 'does not hold a key of evenkeel');
    return key;
  } catch (thrown) {
    if (thrown instanceof EvenkeelError) throw thrown;
    throw invalid(file, `cannot be read (${(thrown as Error).message})`);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a key and its file, or returns the key of whoever made the file first. Readers never see half a file. */
export function createKeyFile(file: string, random: Random): Buffer {
  const key = Buffer.from(random(KEY_BYTES));
  const draft = `${file}.${process.pid}-${Buffer.from(random(6)).toString('hex')}.tmp`;
  try {
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeSync(descriptor, `${PREFIX}${key.toString('base64')}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    linkSync(draft, file);
    return key;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw translate(thrown, file);
    const theirs = readKeyFile(file);
    if (theirs) return theirs;
    throw translate(thrown, file);
  } finally {
    try {
      unlinkSync(draft);
    } catch {
      // It was never made.
    }
  }
}

function invalid(file: string, what: string): EvenkeelError {
  return new EvenkeelError('STORE_KEY_INVALID', `the key file ${what}`, {
    where: { file },
    hint: 'Put the key file of this store back from a backup.',
  });
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
