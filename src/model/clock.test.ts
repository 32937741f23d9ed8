import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatTime, manualClock, systemClock } from './clock.js';

describe('the system clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('sleeps as long as it is told, also longer than a timer can', async () => {
    vi.useFakeTimers();
    const days = 40 * 86_400_000;
    let awake = false;
    const sleep = systemClock.sleep(days).then(() => {
      awake = true;
    });
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('wakes with the reason of its signal and leaves neither timer nor listener', async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const sleep = systemClock.sleep(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
    await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('enough');
    const other = new AbortController();
    const done = systemClock.sleep(5, other.signal);
    await vi.advanceTimersByTimeAsync(5);
    await done;
    remove.mockRestore();
    other.abort();
    await done;
  });
});

describe('a manual clock', () => {
  test('wakes sleepers in their order, at their times', async () => {
    const clock = manualClock(0);
    const log: string[] = [];
    const sleep = async (name: string, ...times: number[]) => {
      for (const ms of times) {
        await clock.sleep(ms);
        log.push(`${name}@${clock.now()}`);
      }
    };
    void sleep('a', 10, 10, 10);
    void sleep('b', 15);
    void sleep('c', 10);
    await clock.advance(9);
    expect(log).toEqual([]);
    await clock.advance(16);
    expect(log).toEqual(['a@10', 'c@10', 'b@15', 'a@20']);
    expect(clock.now()).toBe(25);
    await clock.sleep(0);
    await clock.advance(5);
    expect(log.at(-1)).toBe('a@30');
  });

  test('an aborted sleeper is not woken again', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const sleep = clock.sleep(10, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('enough');
    await clock.advance(20);
    const later = new AbortController();
    const done = clock.sleep(10, later.signal);
    await clock.advance(10);
    await done;
    later.abort();
  });
});

test('times are RFC 3339 in UTC', () => {
  expect(formatTime(Date.UTC(2026, 1, 3, 4, 5, 6, 7))).toBe('2026-02-03T04:05:06.007Z');
});
