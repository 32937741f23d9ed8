import { readFile, stat } from 'node:fs/promises';
import { EvenkeelError } from '../model/index.js';

const MAX_SOURCE = 8 * 1024 * 1024;

/**
 * The text of a script. A first line for the shell (`#!`) becomes a comment.
 * @throws EvenkeelError LUA_SYNTAX where it is not UTF-8 or too large, SCRIPT_NOT_FOUND where it cannot be read
 */
export async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > MAX_SOURCE)
      throw new EvenkeelError('LUA_SYNTAX', `the script is larger than ${MAX_SOURCE / 1024 / 1024} MiB`, { where: { file } });
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new EvenkeelError('SCRIPT_NOT_FOUND', `the script cannot be read: ${code ?? message}`, { where: { file }, cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^#/, '--');
  } catch (error) {
    throw new EvenkeelError('LUA_SYNTAX', 'the script is not UTF-8 text', { where: { file }, cause: error });
  }
}
