import { expect, test } from 'vitest';
import { manualClock } from '../../model/index.js';
import { createQueue } from './queue.js';

test('keys are worked on once however often they are added, lower ranks first', async () => {
  const done: string[] = [];
  const queue = createQueue(
    manualClock(),
    (id) => void done.push(id),
    (id) => Number(id[0]),
  );
  for (const id of ['2a', '1a', '2a', '0a', '1b', '1a']) queue.add(id);
  await queue.idle();
  expect(done).toEqual(['0a', '1a', '1b', '2a']);
  queue.stop();
});

test('what is due later waits on the clock, and the nearest time wins', async () => {
  const clock = manualClock(0);
  const done: [string, number][] = [];
  const queue = createQueue(clock, (id) => void done.push([id, clock.now()]));
  queue.addAfter('a', 5000);
  queue.addAfter('b', 3000);
  queue.addAfter('a', 1000);
  queue.addAfter('c', 40 * 86_400_000);
  await queue.idle();
  expect(done).toEqual([]);
  await clock.advance(10_000);
  expect(done).toEqual([
    ['a', 1000],
    ['b', 3000],
  ]);
  await clock.advance(41 * 86_400_000);
  expect(done[2]).toEqual(['c', 40 * 86_400_000]);
  queue.stop();
});

test('a key that fails is tried again ever later, and soon again after it went well', async () => {
  const clock = manualClock(0);
  const times: number[] = [];
  let fails = true;
  const queue = createQueue(clock, (id) => {
    times.push(clock.now());
    if (fails) queue.retry(id);
    else queue.settled(id);
  });
  queue.add('a');
  await clock.advance(600_000);
  const waits = times.slice(1).map((t, i) => t - (times[i] as number));
  expect(waits.slice(0, 4)).toEqual([50, 100, 200, 400]);
  expect(Math.max(...waits)).toBe(30_000);
  fails = false;
  await clock.advance(30_000);
  fails = true;
  times.length = 0;
  queue.add('a');
  await clock.advance(60);
  expect(times).toHaveLength(2);
  queue.stop();
});

test('nothing happens after it was stopped', async () => {
  const clock = manualClock(0);
  const done: string[] = [];
  const queue = createQueue(clock, (id) => void done.push(id));
  queue.addAfter('a', 10);
  queue.add('b');
  queue.stop();
  await clock.advance(1000);
  expect(done).toEqual([]);
});
