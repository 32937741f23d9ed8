import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, nearest, printable } from './text.js';

describe('nearest', () => {
  const known = ['autoSync', 'syncInterval', 'syncPolicy', 'cluster', 'namespace', 'repo'];
  test.each([
    ['autosync', 'autoSync'],
    ['auto_sync', 'autoSync'],
    ['clutser', 'cluster'],
    ['syncIntervall', 'syncInterval'],
    ['namespaces', 'namespace'],
    ['rep', 'repo'],
    ['completelyDifferent', undefined],
    ['x', undefined],
    ['', undefined],
    ['-_', undefined],
  ])('%j means %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  test('a single letter is not taken for another', () => {
    expect(nearest('x', ['o', 'n'])).toBeUndefined();
    expect(nearest('O', ['o', 'n'])).toBe('o');
  });

  test('a known word is its own nearest; nothing is near to nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.nat(), (words, at) => {
        const word = words[at % words.length] as string;
        expect(nearest(word, words)).toBe(word);
        expect(nearest(word, [])).toBeUndefined();
      }),
    );
  });

  test('one slip in a long word is forgiven', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (word, n) => {
        const at = n % word.length;
        expect(nearest(word.slice(0, at) + word.slice(at + 1), [word])).toBe(word);
        expect(nearest(`${word.slice(0, at)}q${word.slice(at)}`, [word])).toBe(word);
      }),
    );
  });

  test('long input costs little', () => {
    expect(nearest('a'.repeat(1_000_000), known)).toBeUndefined();
  });
});

describe('printable', () => {
  test.each([
    ['plain äöü 日本 😀\n\ttext', 'plain äöü 日本 😀\n\ttext'],
    ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['a\rb\u0000c\u007f\u009b', 'a\\u000db\\u0000c\\u007f\\u009b'],
    ['user\u202etxt.exe', 'user\\u202etxt.exe'],
    ['\u2066x\u2069\u200e\u200f\u061c', '\\u2066x\\u2069\\u200e\\u200f\\u061c'],
  ])('%j', (text, safe) => {
    expect(printable(text)).toBe(safe);
  });

  test('nothing that moves the cursor or turns text around is left, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = printable(text);
        expect(safe).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
        expect(printable(safe)).toBe(safe);
      }),
    );
  });
});

test('count', () => {
  expect([count(0, 'object'), count(1, 'object'), count(2, 'object'), count(3, 'repository', 'repositories')]).toEqual([
    '0 objects',
    '1 object',
    '2 objects',
    '3 repositories',
  ]);
});
