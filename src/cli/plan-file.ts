import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Plan, readPlan } from '../compare/index.js';
import { EvenkeelError, parseJson } from '../model/index.js';

/** Bytes: a plan of ten thousand objects has a few million. */
const largest = 256 * 1024 * 1024;

/**
 * Reads a plan that `evenkeel plan` has written.
 * @throws EvenkeelError USAGE where there is no such file; PLAN_INVALID
 */
export async function readPlanFile(directory: string, name: string): Promise<Plan> {
  const file = resolve(directory, name);
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > largest)
      throw new EvenkeelError('PLAN_INVALID', `${name} is too large for a plan: ${size} bytes`, { where: { file: name } });
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    throw new EvenkeelError('USAGE', `the plan cannot be read: ${(error as Error).message}`, {
      where: { file: name },
      hint: 'Make one with: evenkeel plan -o FILE',
    });
  }
  try {
    return readPlan(parseJson(text), name);
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    throw new EvenkeelError('PLAN_INVALID', `${name} is not a plan: ${(error as Error).message}`, { where: { file: name } });
  }
}
