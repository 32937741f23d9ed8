import { describe, expect, it } from 'vitest';
import { guarded } from './guarded.js';

const aborted = (signal: AbortSignal) => new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('guarded', () => {
  it('aborts when the lock is lost, and not while it is held or cannot be asked about', async () => {
    const answers = [() => true, () => Promise.reject(new Error('busy')), () => false];
    let asked = 0;
    const { signal, stop } = guarded({ stillHeld: async () => (answers[asked++] ?? (() => false))() }, undefined, 5);
    expect(await aborted(signal)).toMatchObject({ code: 'SYNC_LOCK_LOST' });
    expect(asked).toBeGreaterThanOrEqual(3);
    stop();
  });

  it('aborts with the signal of the caller', async () => {
    const caller = new AbortController();
    const { signal, stop } = guarded({ stillHeld: async () => true }, caller.signal);
    caller.abort(new Error('enough'));
    expect(signal.reason).toMatchObject({ message: 'enough' });
    stop();
  });
});
