import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSchedule } from './cron.js';

const at = (text: string) => Date.parse(text);
const next = (schedule: string, after: string, zone?: string) => {
  const found = readSchedule(schedule, zone)?.next(at(after));
  return found === undefined ? undefined : new Date(found).toISOString();
};

test('schedules come up when cron says so', () => {
  expect(next('*/15 * * * *', '2026-01-01T00:15:00Z')).toBe('2026-01-01T00:30:00.000Z');
  expect(next('0 3 ? * MON', '2026-01-01T00:00:00Z')).toBe('2026-01-05T03:00:00.000Z');
  expect(next('0 0 13 * 5', '2026-01-01T00:00:00Z')).toBe('2026-01-02T00:00:00.000Z');
  expect(next('@daily', '2026-01-01T12:00:00Z')).toBe('2026-01-02T00:00:00.000Z');
  expect(next('0 9 * * *', '2026-07-01T12:00:00Z', 'Europe/Berlin')).toBe('2026-07-02T07:00:00.000Z');
  expect(next('@every 90m', '1970-01-01T02:00:00Z')).toBe('1970-01-01T03:00:00.000Z');
});

test('what is no schedule is not read', () => {
  for (const text of ['', '* * * *', '* * * * * *', '61 * * * *', 'often', '@every soon']) expect(readSchedule(text)).toBeUndefined();
  expect(readSchedule('* * * * *', 'Mars/Olympus')).toBeUndefined();
});

test('the last time before a moment is the one after which none comes up to it', () => {
  const day = 86_400_000;
  fc.assert(
    fc.property(
      fc.constantFrom('* * * * *', '*/7 3 * * *', '0 0 1 * *', '30 4 * * 0', '@every 45m'),
      fc.integer({ min: 0, max: 800 * day }),
      fc.integer({ min: 0, max: 400 * day }),
      (text, from, length) => {
        const schedule = readSchedule(text);
        const start = at('2026-01-01T00:00:00Z') + from;
        const last = schedule?.lastBetween(start, start + length);
        if (last === undefined) expect(schedule?.next(start)).toBeGreaterThan(start + length);
        else {
          expect(last).toBeGreaterThan(start);
          expect(last).toBeLessThanOrEqual(start + length);
          expect(schedule?.next(last)).toBeGreaterThan(start + length);
        }
      },
    ),
    { numRuns: 60 },
  );
});
