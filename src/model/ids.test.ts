import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId } from './ids.js';

test('ids sort by time', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.nat({ max: 2 ** 31 - 1 }), fc.nat({ max: 8000 }), (a, b, scale) => {
      const [first, second] = [a * scale, b * scale].sort((x, y) => x - y) as [number, number];
      if (first === second) return;
      expect(newId('run', first) < newId('run', second)).toBe(true);
    }),
  );
});

test('an id is its prefix, nine places of time and ten of chance', () => {
  expect(newId('run', 0, () => new Uint8Array(10))).toBe('run-0000000000000000000');
  expect(newId('run', 31.9, () => new Uint8Array(10).fill(255))).toBe('run-00000000zzzzzzzzzzz');
  expect(newId('run', Date.UTC(2026, 0, 1))).toMatch(/^run-[0-9a-hjkmnp-tv-z]{19}$/);
});

test('ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId('x', 5))).size).toBe(10_000);
});
