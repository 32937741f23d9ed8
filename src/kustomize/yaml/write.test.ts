import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../manifest/index.js';
import { writeYaml } from './write.js';

const lines = (...all: string[]) => `${all.join('\n')}\n`;

describe('writeYaml', () => {
  it.each([
    ['text', 'text'],
    ['', '""'],
    ['true', '"true"'],
    ['y', '"y"'],
    ['1.50', '"1.50"'],
    ['0x1F', '"0x1F"'],
    ['12:30', '"12:30"'],
    ['2020-01-01', '"2020-01-01"'],
    ['<<', '<<'],
    ['=', '='],
    ['a: b', "'a: b'"],
    ['#x', "'#x'"],
    ["it's", "it's"],
    ['- x', "'- x'"],
    ['-x', '-x'],
    [' x', "' x'"],
    ['x:', "'x:'"],
    ['a\tb', '"a\\tb"'],
    ['é', 'é'],
    ['😀', '"\\U0001F600"'],
    ['a\u2028b', "'a\u2028  b'"],
    ['a\u0085b', 'a b'],
  ])('writes the text %j as %s', (value, expected) => {
    expect(writeYaml({ k: value })).toBe(`k: ${expected}\n`);
  });

  it.each([
    [1, '1'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    [123456789.123, '1.23456789123e+08'],
    [0.00001, '1e-05'],
    [100000.5, '100000.5'],
    [12345678901234567890n, '12345678901234567890'],
    [123456789012345678901234567890n, '1.2345678901234568e+29'],
    [null, 'null'],
    [[], '[]'],
    [{}, '{}'],
  ])('writes %s as %s', (value, expected) => {
    expect(writeYaml({ k: value })).toBe(`k: ${expected}\n`);
  });

  it('writes texts of several lines as blocks unless blanks end a line', () => {
    expect(writeYaml({ k: 'a\nb' })).toBe(lines('k: |-', '  a', '  b'));
    expect(writeYaml({ k: 'a\n\nb\n' })).toBe(lines('k: |', '  a', '', '  b'));
    expect(writeYaml({ k: 'a\n\n', z: 1 })).toBe(lines('k: |+', '  a', '', 'z: 1'));
    expect(writeYaml({ k: '  a\nb' })).toBe(lines('k: |2-', '    a', '  b'));
    expect(writeYaml({ k: 'a \nb' })).toBe(lines('k: "a \\nb"'));
  });

  it('folds at the first lone blank beyond 80 columns', () => {
    const words = Array.from({ length: 30 }, () => 'word').join(' ');
    const [first = '', second = ''] = writeYaml({ key: words }).split('\n');
    expect([first.length, second.slice(0, 6)]).toEqual([84, '  word']);
    expect(writeYaml({ key: `${words}: x` })).toMatch(/^key: 'word.*\n {2}word.*: x'\n$/);
    expect(writeYaml({ key: 'x'.repeat(200) })).toBe(`key: ${'x'.repeat(200)}\n`);
    expect(writeYaml([`${words}`])).toContain('\n  word');
  });

  it('orders keys as people count, letters last', () => {
    const keys = ['a10', 'a2', 'b', 'B', '_x', '1', 'a', 'a-b', 'a.b', 'aB', 'a01', 'a1', 'é'];
    const written = writeYaml(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(written.split('\n').map((line) => line.split(':')[0]?.replaceAll('"', ''))).toEqual([
      '_x',
      '1',
      'B',
      'a',
      'a-b',
      'a.b',
      'a1',
      'a01',
      'a2',
      'a10',
      'aB',
      'b',
      'é',
      '',
    ]);
  });

  it('writes what is read back as it was', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', '"', "'", '\t', '|', '1', '.', '\\', 'é', '{', ',') }),
      fc.constantFrom('true', '~', '0o7', '1e3', '.5', '---', '...', '? ', '%x', '@', '!x', '&a', '*a'),
    );
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(text, tie('value'), { maxKeys: 4 })),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value, { minKeys: 1, maxKeys: 4 }), (object) => {
        // Line breaks of other scripts are folded by every reader.
        fc.pre(!/[\r\u0085\u2028\u2029\u{10000}-\u{10ffff}\ufeff]/u.test(JSON.stringify(object)));
        const written = writeYaml(object as never);
        const [document] = parseYaml(`---\n${written}`, { file: 'x' });
        expect(document?.value).toEqual(
          JSON.parse(JSON.stringify(object).replaceAll('-0,', '0,').replaceAll('-0}', '0}').replaceAll('-0]', '0]')),
        );
      }),
      { numRuns: 300 },
    );
  });
});
