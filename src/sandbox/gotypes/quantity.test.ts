import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, quantityNanos } from './quantity.js';

describe('quantities', () => {
  it.each([
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['0.5', '500m'],
    ['1.5Gi', '1536Mi'],
    ['100', '100'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['0', '0'],
    ['-1', '-1'],
    ['1e3', '1e3'],
    ['12E', '12E'],
    ['1Ki', '1Ki'],
    ['0.1Ki', '102400m'],
  ])('writes %s as %s', (given, canonical) => expect(canonicalQuantity(given)).toBe(canonical));

  it.each(['', 'abc', '1 Gi', '1KB', '--1', '1e'])('refuses %j', (text) => expect(canonicalQuantity(text)).toBeUndefined());

  it('keeps the value and does not change what is canonical', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'Ti');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), suffix, (n, s) => {
        const canonical = canonicalQuantity(`${n}${s}`) as string;
        expect(quantityNanos(canonical)).toBe(quantityNanos(`${n}${s}`));
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
    );
  });
});
