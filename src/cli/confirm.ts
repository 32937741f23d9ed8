import { createInterface } from 'node:readline/promises';
import { EvenkeelError } from '../model/index.js';
import type { Terminal } from './output.js';

/**
 * Asks a person for a yes.
 * @param flag what answers the question where nobody can be asked
 * @throws EvenkeelError USAGE where there is no terminal
 */
export async function confirm(terminal: Terminal, question: string, flag: string): Promise<boolean> {
  if (!terminal.interactive)
    throw new EvenkeelError('USAGE', `"${question}" cannot be asked without a terminal`, { hint: `Answer it with ${flag}.` });
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} (y/N) `)).trim());
  } finally {
    lines.close();
  }
}
