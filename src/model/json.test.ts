import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashJson } from './hash.js';
import { canonicalJson, cloneJson, equalJson, type Json, parseJson, setOwn, stringifyJson } from './json.js';

const hostileKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'toJSON',
  'valueOf',
  'then',
  'length',
  '',
  '0',
  '01',
);
const key = fc.oneof(hostileKey, fc.string(), fc.string({ unit: 'binary' }));

/** An object whose every key is its own, as a parser makes it. */
const objectOf = (value: fc.Arbitrary<Json>) =>
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((members) => {
    const out: { [key: string]: Json } = {};
    for (const [k, v] of members) setOwn(out, k, v);
    return out;
  });

/** What parseJson can return: an integer is a number where a double holds it and a bigint where not. */
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
);
const big = fc
  .bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
  .filter((n) => n > BigInt(Number.MAX_SAFE_INTEGER) || n < BigInt(Number.MIN_SAFE_INTEGER));

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    number,
    big,
    fc.string({ unit: 'binary' }),
    fc.array(tie('json'), { maxLength: 5 }),
    objectOf(tie('json')),
  ),
}));

function isPlain(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}

describe('parse and stringify', () => {
  test('parse gives back what stringify wrote, at any indent', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2, 4), (value, indent) => {
        const back = parseJson(stringifyJson(value, indent));
        expect(equalJson(back, value)).toBe(true);
        expect(isPlain(back)).toBe(true);
        expect(Object.keys({}).length).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('what has no large integer is written as JSON.stringify writes it, and read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 12 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const exact = JSON.stringify(value, (_, v) => (Number.isInteger(v) && !Number.isSafeInteger(v) ? 0.5 : v), indent);
        if (text === exact) expect(stringifyJson(value, indent)).toBe(text);
        if (text === exact) expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('a bigint anywhere changes nothing about the rest', () => {
    fc.assert(
      fc.property(json, fc.nat({ max: 12 }), (value, indent) => {
        const withBig = stringifyJson([value, 2n ** 64n], indent);
        const withText = stringifyJson([value, 'x'], indent);
        expect(withBig).toBe(withText.replace(/"x"(?=\s*\]$)/, '18446744073709551616'));
      }),
    );
  });

  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['1e16', 1e16],
    ['9007199254740993.0', 9007199254740992],
    ['-0', -0],
    ['123456789012345678901234567890', 123456789012345678901234567890n],
    [`1${'0'.repeat(400)}`, 10n ** 400n],
    ['{"a":[1,{"b":9223372036854775807}],"c":"9223372036854775807"}', { a: [1, { b: 9223372036854775807n }], c: '9223372036854775807' }],
    [' { "a" : 9223372036854775807 , "b" : [ ] , "c" : { } } ', { a: 9223372036854775807n, b: [], c: {} }],
    [
      '[9223372036854775807,"\\"\\\\\\u0041\\ud83d\\ude00",true,false,null,-1.5e-3]',
      [9223372036854775807n, '"\\A\u{1f600}', true, false, null, -0.0015],
    ],
  ])('%.60s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('whatever is around a large integer, the text is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = stringifyJson([9007199254740993n, value], 1);
        expect((parseJson(text) as Json[])[0]).toBe(9007199254740993n);
        expect(equalJson((parseJson(text) as Json[])[1], value)).toBe(true);
      }),
    );
  });

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":9223372036854775807,}',
    '9223372036854775807x',
    '09223372036854775807',
    '"\n"',
    'NaN',
    '[9223372036854775807',
  ])('%j is a syntax error', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test.each(['1e400', '[-1e999]', '{"a": 1.5E+400 }', '[9223372036854775807, 1e400]', '[1e0000400]'])(
    '%s is refused: no double holds it',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  test('parse throws nothing but SyntaxError', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '9223372036854775807',
      '1e400',
      '-',
      ' ',
      '"',
      '\\',
      'null',
      '__proto__',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          try {
            parseJson(text);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(SyntaxError);
          }
        },
      ),
    );
  });

  test.each([1_000, 9_999, 200_000])('nesting %i deep is read or refused, and never overflows the stack', (depth) => {
    for (const inner of ['1', '9223372036854775807'])
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const text = open.repeat(depth) + inner + close.repeat(depth);
        let value: Json;
        try {
          value = parseJson(text);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SyntaxError);
          expect(depth).toBeGreaterThan(1_000);
          continue;
        }
        expect(stringifyJson(value)).toBe(text);
        expect(canonicalJson(value)).toBe(text);
        expect(equalJson(value, cloneJson(value))).toBe(true);
      }
  });

  test('data never reaches a prototype', () => {
    for (const text of [
      '{"__proto__":{"polluted":1}}',
      '{"__proto__":{"polluted":9223372036854775807},"constructor":{"prototype":{"polluted":1}}}',
    ]) {
      const value = parseJson(text) as { [key: string]: Json };
      expect(Object.keys(value)[0]).toBe('__proto__');
      expect((value as { polluted?: unknown }).polluted).toBeUndefined();
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(stringifyJson(value)).toBe(text);
      const copy = cloneJson(value);
      expect(stringifyJson(copy)).toBe(text);
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    }
  });

  test('of a key written twice the last counts', () => {
    expect(parseJson('{"a":9223372036854775807,"a":1,"b":9223372036854775807,"__proto__":1,"__proto__":2}')).toEqual(
      JSON.parse('{"a":1,"b":0,"__proto__":2}', (k, v) => (k === 'b' ? 9223372036854775807n : v)),
    );
  });

  test('values that JSON does not have are treated as JSON.stringify treats them, with and without a bigint', () => {
    const odd = {
      a: undefined,
      b: () => 1,
      c: Symbol('s'),
      d: Number.NaN,
      e: [undefined, () => 1, Symbol('s')],
      f: new Date(0),
      g: { toJSON: () => ({ z: 1 }) },
    };
    const hole: unknown[] = [];
    hole[2] = 1;
    const plain = JSON.stringify({ ...odd, hole, big: 1 });
    expect(stringifyJson({ ...odd, hole, big: 1 })).toBe(plain);
    expect(stringifyJson({ ...odd, hole, big: 1n })).toBe(plain);
    expect(stringifyJson({ toJSON: () => [2n ** 60n] })).toBe('[1152921504606846976]');
    expect(stringifyJson(undefined)).toBe('null');
  });
});

describe('equality, canonical text and clones', () => {
  test('a clone is equal and shares nothing', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = cloneJson(value);
        expect(equalJson(copy, value)).toBe(true);
        expect(stringifyJson(copy)).toBe(stringifyJson(value));
        if (value !== null && typeof value === 'object') expect(copy).not.toBe(value);
      }),
    );
  });

  test('equality is reflexive and symmetric, and equal values have one hash', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(equalJson(a, a)).toBe(true);
        expect(equalJson(a, b)).toBe(equalJson(b, a));
        expect(equalJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
      { numRuns: 500 },
    );
  });

  test('the order of keys and members that are undefined do not count', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, json), { maxLength: 6 }), (members) => {
        const [left, right]: [{ [k: string]: unknown }, { [k: string]: unknown }] = [{}, { absent: undefined }];
        const unique = [...new Map(members.filter(([k]) => k !== 'absent'))];
        for (const [k, v] of unique) setOwn<unknown>(left, k, v);
        for (const [k, v] of unique.reverse()) setOwn<unknown>(right, k, v);
        expect(equalJson(left, right)).toBe(true);
        expect(equalJson(right, left)).toBe(true);
        expect(hashJson(left)).toBe(hashJson(right));
      }),
    );
  });

  test.each<[unknown, unknown, boolean]>([
    [1, 1n, true],
    [2 ** 64, 2n ** 64n, true],
    [1e30, BigInt(1e30), true],
    [1.5, 1n, false],
    ['1', 1, false],
    [null, undefined, false],
    [[], {}, false],
    [{}, { a: null }, false],
    [{ toString: 1 }, {}, false],
    [[1, 2], [1], false],
    [0, -0, true],
  ])('%s and %s: %s', (a, b, equal) => {
    expect(equalJson(a, b)).toBe(equal);
    expect(equalJson(b, a)).toBe(equal);
    if (a !== undefined && b !== undefined) expect(canonicalJson(a) === canonicalJson(b)).toBe(equal);
  });
});
