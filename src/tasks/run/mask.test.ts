import { expect, test } from 'vitest';
import { createMasker, secretsOf } from './mask.js';

test('secrets of an environment are those whose names say so', () => {
  expect(
    secretsOf({
      GITHUB_TOKEN: 'ghp_abcdef',
      DB_PASSWORD: 'hunter22',
      AWS_SECRET_ACCESS_KEY: 'AKxyz/123',
      api_key: 'lower-case',
      PWD: '/home/ana/work',
      SSH_AUTH_SOCK: '/tmp/agent.1',
      TOKEN_FILE: '/run/token',
      SHORT_TOKEN: 'abc',
      EMPTY_SECRET: undefined,
      MONKEY: 'banana-split',
      PATH: '/usr/bin:/bin',
    }),
  ).toEqual(['ghp_abcdef', 'hunter22', 'AKxyz/123', 'lower-case']);
});

test('a secret is masked in all that a value holds, and in the encodings of tools', () => {
  const masker = createMasker();
  masker.add('p@ss word');
  masker.add('abc');
  masker.add(undefined);
  expect(masker.text(`a p@ss word b ${encodeURIComponent('p@ss word')} ${Buffer.from('p@ss word').toString('base64')} abc`)).toBe(
    'a ••• b ••• ••• abc',
  );
  const deep = {
    list: ['p@ss word', 1, null, true],
    map: new Map([['k', 'p@ss word']]),
    error: new Error('p@ss word'),
    date: new Date(0),
    f: () => 1,
    big: 10n,
  };
  expect(masker.data(deep)).toEqual({
    list: ['•••', 1, null, true],
    map: { k: '•••' },
    error: '•••',
    date: '1970-01-01T00:00:00.000Z',
    f: 'a function',
    big: 10n,
  });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(masker.data(circle)).toEqual({ self: '…' });
  expect(masker.data({ 'key p@ss word': 1 })).toEqual({ 'key •••': 1 });
  // Twice the same is no circle, and two to the hundredth of them are cut.
  const twice = { a: 1 };
  expect(masker.data([twice, twice])).toEqual([{ a: 1 }, { a: 1 }]);
  let many: unknown = 'x';
  for (let i = 0; i < 50; i++) many = [many, many];
  expect(JSON.stringify(masker.data(many)).length).toBeLessThan(2_000_000);
});
