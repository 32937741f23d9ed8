import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvenkeelError, type Json } from '../../model/index.js';
import { parseYaml } from './index.js';

const read = (text: string) => parseYaml(text, { file: 'f.yaml' }).map((document) => document.value);
const one = (text: string) => read(text)[0];

function refusal(text: string): EvenkeelError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof EvenkeelError) return error;
    throw error;
  }
  throw new Error(`was read: ${text}`);
}

describe('scalars, as kubectl 1.32 reads them', () => {
  const cases: [string, Json][] = [
    ['0xfffffffffffffffffffff', '0xfffffffffffffffffffff'],
    ['18446744073709551615', 18446744073709552000],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['123456789012345678901', 123456789012345680000],
    ['0777777777777777777777777', 7.777777777777778e23],
    ['1__0', 10],
    ['1_', 1],
    ['0x_f', 15],
    ['0_7', 7],
    ['0x', '0x'],
    ['0o8', '0o8'],
    ['0O7', 7],
    ['0B1', 1],
    ['+0x1f', 31],
    ['-0b11', -3],
    ['_1', '_1'],
    ['0x1p4', '0x1p4'],
    ['00123', 83],
    ['09.5', 9.5],
    ['-09', -9],
    ['-0', 0],
    ['-0.0', 0],
    ['.5e3', 500],
    ['+.5', 0.5],
    ['5.', 5],
    ['1.e3', 1000],
    ['12e03', 12000],
    ['1_000.5', 1000.5],
    ['1e400', '1e400'],
    ['0.1e-400', 0],
    ['1.7976931348623159e308', '1.7976931348623159e308'],
    ['1000000000000000000.0', 1000000000000000000n],
    ['2024-01-01 10:00:00', '2024-01-01 10:00:00'],
    ['! 123', '123'],
    ['!!str 12', '12'],
    ['!<tag:yaml.org,2002:str> 12', '12'],
    ['!!foo bar', 'bar'],
    ["!!null ''", null],
    ['!!float 1', 1],
    ['!!timestamp 2024-01-01', '2024-01-01'],
    ['!!binary "////"', '\ufffd\ufffd\ufffd'],
    ['!!set {x, z}', { x: null, z: null }],
    ['!!str |\n  1', '1\n'],
    ['"\\\'"', "'"],
    ['"\\x80"', '\u0080'],
    ['"x\n   y"', 'x y'],
    ["'x\n\n  y'", 'x\ny'],
    ['>-\n  x\n\n   y\n  z', 'x\n\n y\nz'],
    ['|3\n   x', 'x\n'],
    ['x#y', 'x#y'],
    ['x #y', 'x'],
    ['x\n  z', 'x z'],
    ['?x', '?x'],
    [':x', ':x'],
    ['-x', '-x'],
    ['\ufeffa', '\ufeffa'],
    ['[b: c, d]', [{ b: 'c' }, 'd']],
    ['[a:b]', ['a:b']],
    ['{b, c: }', { b: null, c: null }],
    ['{b:c}', { 'b:c': null }],
    ['{"b":c}', { b: 'c' }],
    ['{? b : c}', { b: 'c' }],
    ["'C:\\temp'", 'C:\\temp'],
  ];
  it.each(cases)('%s', (text, value) => expect(one(`a: ${text}\n`)).toStrictEqual({ a: value }));
});

describe('keys, as kubectl 1.32 reads them', () => {
  const cases: [string, Json][] = [
    ['9223372036854775807: a', { '9223372036854775807': 'a' }],
    ['1e39: a', { '.inf': 'a' }],
    ['.nan: a', { '.nan': 'a' }],
    ['1234567.5: a', { '1.2345675e+06': 'a' }],
    ['123456.0: a', { '123456': 'a' }],
    ['0.00001: a', { '1e-05': 'a' }],
    ['0.1: a', { '0.1': 'a' }],
    ['1: a\n"1": b', { '1': 'b' }],
    ['on: a\n"true": b', { true: 'b' }],
    ['? |\n  blk\n: v', { 'blk\n': 'v' }],
    ['? a', { a: null }],
    ['x: &a k\n*a : v', { x: 'k', k: 'v' }],
    ['x: &a k\n*a: v', { x: 'k', k: 'v' }],
    ['x: 1\n<<: {x: 2}', { x: 2 }],
    ['<<: [{x: 1}, {x: 2, z: 3}]\nz: 4', { x: 1, z: 4 }],
    ['"<<": {x: 1}', { '<<': { x: 1 } }],
    ['!!merge <<: {x: 1}', { x: 1 }],
    ['__proto__: {polluted: 1}', JSON.parse('{"__proto__": {"polluted": 1}}') as Json],
  ];
  it.each(cases)('%s', (text, value) => {
    const got = one(`${text}\n`);
    expect(got).toStrictEqual(value);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['18446744073709551615: a', '~: a', '? [a]\n: b', '? {x: 1}\n: b', '<<: null', 'b: &b [{x: 1}]\n<<: *b'])('refuses %s', (text) =>
    expect(refusal(`${text}\n`).code).toBe('MANIFEST_YAML_INVALID'),
  );
});

describe('what kubectl refuses', () => {
  it.each([
    'a: "\\/"',
    'a: "\\ud83d\\ude00"',
    'a: !!null x',
    'a: !!int',
    'a: !!int 1.5',
    'a: !!timestamp foo',
    'a: !e!foo bar',
    'a: &x [*x]',
    '&a.b c: d',
    'a:\n- b\n-\tc',
    'a: [,]',
    'a: [1,,2]',
    'a: - b',
    'a: |\n  x\n y',
    'a: |\n\tx',
    'a: |0\n  x',
    'a: |x\n  y',
    'a: x\n  y: z',
    'a: "b": c',
    'a: "b" c',
    '...\na: 1',
    '%YAML 1.1\n---\na: 1',
    '--- a: 1\nb: 2',
    '----\na: 1',
    'a: "x\n---\nb"',
    'a: x\u2028b',
    'a: x\u0007b',
    'a: x\u0000b',
    `${'k'.repeat(1100)}: v`,
    'a: +.inf',
  ])('%j', (text) => {
    const error = refusal(`${text}\n`);
    expect(error.code).toMatch(/^MANIFEST_/);
    expect(error.where.file).toBe('f.yaml');
    expect(error.where.line).toBeGreaterThan(0);
  });
});

describe('documents', () => {
  it('cuts at --- with blanks and comments behind it, and leaves out what is empty', () => {
    expect(read('# c\n--- # one\na: 1\n---\t\n\nnull\n---\r\na: 2\r\n---\n# only a comment\n')).toStrictEqual([{ a: 1 }, { a: 2 }]);
    expect(read('')).toStrictEqual([]);
    expect(read('---')).toStrictEqual([]);
  });

  it('does not take an indented --- for a marker', () => expect(one('a: |\n  ---\n  x\n')).toStrictEqual({ a: '---\nx\n' }));

  it('reads carriage returns, a byte order mark, and characters beyond the basic plane', () => {
    expect(one('\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n')).toStrictEqual({ a: 1, b: 'x\ny\n' });
    expect(one('a: 1\rb: 2\r')).toStrictEqual({ a: 1, b: 2 });
    expect(one('a: é😀\n')).toStrictEqual({ a: 'é😀' });
  });

  it('ignores what follows the end of a document, and says so', () => {
    const [document] = parseYaml('a: 1\n... x\n}{\n', { file: 'f' });
    expect(document?.value).toStrictEqual({ a: 1 });
    expect(document?.warnings).toMatchObject([{ line: 2, column: 5 }]);
    expect(parseYaml('a: 1\n...\n# done\n\n', { file: 'f' })[0]?.warnings).toStrictEqual([]);
    expect(parseYaml('---\n...\nlost: 1\n---\na: 1\n', { file: 'f' })[0]?.warnings).toMatchObject([{ line: 3 }]);
  });

  it('keeps the last of equal keys and reports the place', () => {
    const [document] = parseYaml('---\nspec:\n  a: 1\n  b: 2\n  a: 3\n', { file: 'f' });
    expect(document?.value).toStrictEqual({ spec: { a: 3, b: 2 } });
    expect(document?.warnings).toMatchObject([{ line: 5, column: 3 }]);
  });

  it('does not call a key duplicate that overrides a merged one', () =>
    expect(parseYaml('a: &a {x: 1}\nb:\n  y: 0\n  <<: *a\n  x: 2\n', { file: 'f' })[0]?.warnings).toStrictEqual([]));

  it('copies what aliases repeat, so that a change of one leaves the other', () => {
    const { x, z } = one('x: &a {k: [1]}\nz: *a\n') as { x: { k: number[] }; z: { k: number[] } };
    x.k.push(2);
    expect(z).toStrictEqual({ k: [1] });
  });
});

describe('JSON', () => {
  it('reads several values in a row and keeps the last of equal keys', () => {
    expect(read(' \n{"a":1,"a":2}{"b":3}\n{"c":4} null')).toStrictEqual([{ a: 2 }, { b: 3 }, { c: 4 }]);
  });
  it('keeps 64-bit integers, and holds larger ones as doubles', () => {
    expect(one('{"a":9007199254740993,"b":-0,"c":99999999999999999999999}')).toStrictEqual({ a: 9007199254740993n, b: 0, c: 1e23 });
  });
  it('puts U+FFFD for half a surrogate pair', () =>
    expect(one('{"a":"\\ud800","b":"\\ud83d\\ude00"}')).toStrictEqual({ a: '\ufffd', b: '😀' }));
  it.each([
    ['{"a":1,}', 1, 8],
    ['{"a":1}\n---\n{"a":1}', 2, 1],
    ['{a: 1}', 1, 2],
    ['{"a":1} x', 1, 9],
    ['{\n "a": tru\n}', 2, 7],
    ['{"a":"\u0001"}', 1, 6],
    ['{"a":01}', 1, 7],
    ['{', 1, 2],
  ])('refuses %j and says where', (text, line, column) => {
    const error = refusal(text);
    expect(error.code).toBe('MANIFEST_JSON_INVALID');
    expect(error.where).toMatchObject({ line, column });
  });
  it('reads a brace behind --- or a comment as YAML', () =>
    expect(read('# c\n{a: 1}\n---\n{"b":2}\n')).toStrictEqual([{ a: 1 }, { b: 2 }]));
});

describe('places', () => {
  const text = '# top\n---\n# first\n\napiVersion: v1\nspec:\n  list:\n  - name: a\n  - {name: b, "x/y": 1}\n---\n\n  kind: B\n';
  it('says where a document begins', () => {
    const documents = parseYaml(text, { file: 'f' });
    expect(documents.map(({ line, column }) => [line, column])).toStrictEqual([
      [5, 1],
      [12, 3],
    ]);
  });
  it.each([
    [['spec'], 6, 1],
    [['spec', 'list'], 7, 3],
    [['spec', 'list', 0], 8, 5],
    [['spec', 'list', 0, 'name'], 8, 5],
    [['spec', 'list', 1, 'x/y'], 9, 15],
    [['spec', 'nothing', 'here'], 6, 1],
    [[], 5, 1],
  ] as [(string | number)[], number, number][])('finds %j', (path, line, column) =>
    expect(parseYaml(text, { file: 'f' })[0]?.locate(path)).toStrictEqual({ line, column }),
  );
  it('finds places in JSON too', () => {
    const [, second] = parseYaml('{"a":1}\n{"a":\n  {"b\\/c":"\\ud83d\\ude00"}}', { file: 'f' });
    expect(second).toMatchObject({ line: 2, column: 1 });
    expect(second?.locate(['a', 'b/c'])).toStrictEqual({ line: 3, column: 4 });
  });
});

describe('messages', () => {
  it.each([
    ['a: {{ .Values.x }}\n', 'MANIFEST_TEMPLATE', 1],
    ['a:\n{{- if .Values.x }}\n  b: 1\n{{- end }}\n', 'MANIFEST_TEMPLATE', 2],
    ['{{- if .Values.x }}\na: 1\n{{- end }}\n', 'MANIFEST_TEMPLATE', 1],
    ['{{ include "x" . }}\n', 'MANIFEST_TEMPLATE', 1],
    ['a: 1\n\tb: 2\n', 'MANIFEST_YAML_INVALID', 2],
    ['a: b: c\n', 'MANIFEST_YAML_INVALID', 1],
    ['---\na: 1\n---\nb: [1\nc: 2\n', 'MANIFEST_YAML_INVALID', 5],
  ])('%j', (text, code, line) => {
    const error = refusal(text);
    expect(error.code).toBe(code);
    expect(error.where.line).toBe(line);
    expect(error.hint).toBeTruthy();
  });
  it('names tabs, merge conflicts and quoting as what to mend', () => {
    expect(refusal('a:\n\tb: 2\n').hint).toContain('tab');
    expect(refusal('a: 1\n<<<<<<< HEAD\nb: 1\n').hint).toContain('merge conflict');
    expect(refusal('a: x: y\n').hint).toContain('quotes');
  });
});

describe('limits', () => {
  it('refuses aliases out of proportion, and takes many small ones', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) bomb.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`);
    expect(refusal(bomb.join('\n')).code).toBe('MANIFEST_ALIASES');
    expect(
      Object.keys(one(`a: &a {x: 1, z: 2}\n${Array.from({ length: 2000 }, (_, i) => `k${i}: *a`).join('\n')}`) as object),
    ).toHaveLength(2001);
  });
  it('refuses what is nested too deep, in every form', () => {
    for (const text of [`a: ${'['.repeat(9999)}`, `a: ${'{b: '.repeat(9999)}`, '- '.repeat(9999), `{"a":${'['.repeat(9999)}`])
      expect(refusal(text).code).toBe('MANIFEST_TOO_DEEP');
    expect(() => one(`a: ${'['.repeat(400)}${']'.repeat(400)}`)).not.toThrow();
  });
  it('refuses too many documents and too long a text', () => {
    expect(() => parseYaml('---\na: 1\n'.repeat(5), { file: 'f', maxDocuments: 4 })).toThrow(/more than 4 documents/);
    expect(() => parseYaml('a: 1\n'.repeat(5), { file: 'f', maxLength: 20 })).toThrow(/more than 20 characters/);
  });
});

describe('laws', () => {
  const onlyOurs = (text: string) => {
    try {
      for (const document of parseYaml(text, { file: 'f' })) document.locate(['spec', 0, 'x']);
    } catch (error) {
      if (!(error instanceof EvenkeelError)) throw error;
      expect(error.code).toMatch(/^MANIFEST_/);
    }
  };
  const pieces = fc.constantFrom(
    ...[
      'a',
      'b: ',
      '- ',
      '? ',
      ': ',
      '\n',
      '\n  ',
      '\n    ',
      '"',
      "'",
      '|\n',
      '>-\n',
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      ' #',
      '&a ',
      '*a',
      '!!str ',
      '!x',
    ],
    ...['<<: ', '---\n', '...\n', '\t', '\\', '0x1', '1e3', '~', '\r\n', '\u2028', '\ufeff', '%', '@', '😀', '"\\u', '.inf', '\n--- '],
  );
  it('throws nothing but our error, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), onlyOurs), { numRuns: 500 });
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 25 }).map((list) => list.join('')),
        onlyOurs,
      ),
      { numRuns: 3000 },
    );
  });
  it('throws nothing but our error for broken JSON', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, insert]) => {
      const text = `{"a":${json}}`;
      return text.slice(0, at % text.length) + insert + text.slice((at % text.length) + 1);
    });
    fc.assert(fc.property(broken, onlyOurs), { numRuns: 1000 });
  });
  it('reads all JSON that has no escapes of its own as the same YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const json = JSON.stringify({ a: value });
        fc.pre(!json.includes('\\u') && !/[\u007f-\u009f\u2028\u2029\ufffe\uffff]/.test(json) && !/"[^"]{1000}/.test(json));
        expect(one(`---\n${json}`)).toEqual(one(json));
      }),
    );
  });
});
