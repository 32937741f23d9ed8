import { describe, expect, test } from 'vitest';
import { asEvenkeelError, describeWhere, EvenkeelError, isAbort } from './errors.js';

describe('EvenkeelError', () => {
  test('carries what the registry says of its code', () => {
    const error = new EvenkeelError('STORE_BUSY', 'busy', {
      where: { file: 'a' },
      hint: 'Wait.',
      details: { n: 1 },
      cause: new Error('x'),
    });
    expect(error).toMatchObject({ code: 'STORE_BUSY', class: 'environment', transient: true, name: 'EvenkeelError' });
    expect(error.cause).toBeInstanceOf(Error);
    expect(new EvenkeelError('STORE_BUSY', 'busy', { transient: false }).transient).toBe(false);
    expect(new EvenkeelError('INTERNAL', 'x').transient).toBe(false);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'STORE_BUSY',
      message: 'busy',
      where: { file: 'a' },
      hint: 'Wait.',
      details: { n: 1 },
    });
    expect(JSON.parse(JSON.stringify(new EvenkeelError('INTERNAL', 'x')))).toEqual({ code: 'INTERNAL', message: 'x' });
  });

  test('whatever is thrown becomes one', () => {
    const own = new EvenkeelError('CANCELLED', 'x');
    expect(asEvenkeelError(own)).toBe(own);
    for (const thrown of [new TypeError('x'), 'x', undefined, null, 1n, Symbol('x'), Object.create(null), { toString: () => 5 }]) {
      const error = asEvenkeelError(thrown);
      expect(error).toMatchObject({ code: 'INTERNAL', class: 'internal' });
      expect(typeof error.message).toBe('string');
    }
  });

  test('an abort is known as such', () => {
    const controller = new AbortController();
    controller.abort();
    expect([controller.signal.reason, new EvenkeelError('CANCELLED', 'x'), new Error('x'), undefined].map(isAbort)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

test.each([
  [{}, ''],
  [{ file: 'a.yaml' }, 'a.yaml'],
  [{ file: 'a.yaml', line: 12, column: 3 }, 'a.yaml:12:3'],
  [{ file: 'a.yaml', column: 3 }, 'a.yaml'],
  [{ resource: 'Deployment/web in shop', field: 'spec.replicas' }, 'Deployment/web in shop, field spec.replicas'],
  [{ url: 'https://h/a', revision: '0123456789abcdef0123' }, 'https://h/a, revision 0123456789ab'],
])('%j reads %s', (where, text) => {
  expect(describeWhere(where)).toBe(text);
});
