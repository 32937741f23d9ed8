import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aggregateHealth, healthOrder, isWorse } from './aggregate.js';

const health = fc.record({ status: fc.constantFrom(...healthOrder), message: fc.string() });

it('is as bad as the worst part, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.option(health)), (parts) => {
      const whole = aggregateHealth(parts);
      expect(parts.some((p) => p !== null && isWorse(p.status, whole.status))).toBe(false);
      expect(aggregateHealth(parts.toReversed()).status).toBe(whole.status);
    }),
  );
});

it('keeps the message of the first part that is as bad, and is Healthy with no parts', () => {
  expect(aggregateHealth([{ status: 'Degraded', message: 'a' }, null, { status: 'Degraded', message: 'b' }])).toEqual({
    status: 'Degraded',
    message: 'a',
  });
  expect(aggregateHealth([null])).toEqual({ status: 'Healthy', message: '' });
});

it('orders as Argo CD does', () => {
  expect(
    aggregateHealth([
      { status: 'Missing', message: '' },
      { status: 'Progressing', message: '' },
    ]).status,
  ).toBe('Missing');
  expect(
    aggregateHealth([
      { status: 'Unknown', message: '' },
      { status: 'Degraded', message: '' },
    ]).status,
  ).toBe('Unknown');
  expect(
    aggregateHealth([
      { status: 'Suspended', message: '' },
      { status: 'Progressing', message: '' },
    ]).status,
  ).toBe('Progressing');
});
