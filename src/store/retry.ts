import { setTimeout as sleep } from 'node:timers/promises';
import { EvenkeelError } from '../model/index.js';

/** How long a caller waits for other processes before STORE_BUSY reaches it. */
const PATIENCE_MS = 30_000;

/**
 * Repeats an atomic operation while another process holds the database. What is waited for is the
 * operating system's file lock, so this waits in real time whatever clock the store was given.
 */
export async function retrying<T>(operation: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation();
    } catch (thrown) {
      if (!(thrown instanceof EvenkeelError) || thrown.code !== 'STORE_BUSY' || performance.now() >= end) throw thrown;
      await sleep(1 + Math.random() * Math.min(50, 2 ** attempt));
    }
  }
}
