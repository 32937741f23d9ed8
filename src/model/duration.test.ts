import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.js';
import { EvenkeelError } from './errors.js';

describe('parseDuration', () => {
  test.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['2d', 172_800_000],
    ['0', 0],
    ['0s', 0],
    [' 1m ', 60_000],
    ['1m1ms', 60_001],
    ['0.1s', 100],
    ['1h2m3s4ms', 3_723_004],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    ' ',
    '5',
    '1',
    '-1s',
    '+1s',
    '1 s',
    '1h 30m',
    's',
    '.5s',
    '1.s',
    '1e3s',
    '5M',
    '5 minutes',
    '1y',
    '٣s',
    '99999999999999999d',
    `${'9'.repeat(400)}s`,
  ])('%j is refused', (text) => {
    expect(() => parseDuration(text, 'timeout')).toThrow(
      expect.objectContaining({ code: 'DURATION_INVALID', where: { field: 'timeout' } }),
    );
  });

  test('throws nothing else, whatever it reads, and soon', () => {
    const part = fc.constantFrom('1', '9', '.', 's', 'm', 'ms', 'h', 'd', ' ', '-', 'x');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const ms = parseDuration(text);
            expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EvenkeelError);
          }
        },
      ),
    );
    expect(() => parseDuration('1'.repeat(100_000))).toThrow(EvenkeelError);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0.0s'],
    [-5, '0.0s'],
    [45_230, '45.2s'],
    [59_949, '59.9s'],
    [59_950, '1m00s'],
    [185_000, '3m05s'],
    [3_599_499, '59m59s'],
    [3_599_500, '1h00m00s'],
    [7_205_000, '2h00m05s'],
    [360_000_000, '100h00m00s'],
  ])('%i ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('reads back within half of its last place', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (ms) => {
        expect(Math.abs(parseDuration(formatDuration(ms)) - ms)).toBeLessThanOrEqual(ms < 59_950 ? 50 : 500);
      }),
    );
  });
});
