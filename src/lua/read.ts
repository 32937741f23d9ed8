import { readFile, stat } from 'node:fs/promises';
import { EvenkeelError } from '../model/index.js';

const MAX_SOURCE = 8 * 1024 * 1024;

/**
 * The text of a script.
 * @throws EvenkeelError LUA_SYNTAX where it is not UTF-8 or too large
 */
export async function readText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_SOURCE)
    throw new EvenkeelError('LUA_SYNTAX', `the script is larger than ${MAX_SOURCE / 1024 / 1024} MiB`, { where: { file } });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof TypeError) throw new EvenkeelError('LUA_SYNTAX', 'the script is not UTF-8 text', { where: { file } });
    throw error;
  }
}
