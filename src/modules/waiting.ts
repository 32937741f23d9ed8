import { EvenkeelError } from '../model/index.js';
import type { ModuleHost } from './host.js';

/** Waits, and ends with the run. @throws EvenkeelError CANCELLED */
export async function sleep({ clock, signal }: Pick<ModuleHost, 'clock' | 'signal'>, ms: number): Promise<void> {
  await clock.sleep(ms, signal).catch((reason: unknown) => {
    throw new EvenkeelError('CANCELLED', 'the waiting was stopped: the run has ended', { cause: reason });
  });
}
