import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalJson } from '../../model/index.js';
import { formatYaml, formatYamlDocuments, parseYaml } from './index.js';

describe('formatYaml', () => {
  it('prints as kubectl does: two spaces, lists not indented', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Thing',
      metadata: { name: 'x', labels: {} },
      spec: { list: [{ name: 'a', args: ['--x', 'b'] }, [1, [2]], []], text: 'one\ntwo\n', big: 9007199254740993n },
    };
    expect(formatYaml(object)).toBe(
      [
        'apiVersion: v1',
        'kind: Thing',
        'metadata:',
        '  name: x',
        '  labels: {}',
        'spec:',
        '  list:',
        '  - name: a',
        '    args:',
        '    - --x',
        '    - b',
        '  - - 1',
        '    - - 2',
        '  - []',
        '  text: |',
        '    one',
        '    two',
        '  big: 9007199254740993',
        '',
      ].join('\n'),
    );
  });

  it.each([
    'yes',
    'No',
    'y',
    'on',
    '0777',
    '0o7',
    '1_000',
    '12:30:45',
    '2024-01-01',
    '2024-01-01T00:00:00Z',
    'null',
    '~',
    '=',
    '<<',
    '1e3',
    '.5',
    '0x1F',
    '.inf',
    '',
    '-1',
    '+1',
    '1.10',
    '0b1',
    '1,000',
  ])('quotes the text %j', (text) => expect(formatYaml({ a: text })).toBe(`a: "${text}"\n`));

  it.each(['v1.10', '100m', '1Gi', '1.2.3', 'a b', 'http://x:80/y', 'a#b', "it's", '-x', 'C:\\temp', '80:8080x', 'é😀'])(
    'leaves the text %j plain',
    (text) => expect(formatYaml({ a: text })).toBe(`a: ${text}\n`),
  );

  it.each(['a: b', 'a #b', '- a', '@x', '*x', '&x', '{x}', '[x]', 'x:', ' x', 'x ', '#x', '%x', '---', '? x', "'x"])(
    'puts %j in single quotes',
    (text) => expect(formatYaml({ a: text })).toBe(`a: '${text.replaceAll("'", "''")}'\n`),
  );

  it('sorts keys where asked, at every level', () =>
    expect(formatYaml({ b: { d: 1, c: 2 }, a: 3 }, { sortKeys: true })).toBe('a: 3\nb:\n  c: 2\n  d: 1\n'));

  it('leaves out what is undefined', () => expect(formatYaml({ a: undefined, b: 1, c: { d: undefined } })).toBe('b: 1\nc: {}\n'));

  it('writes several documents with --- between them', () => {
    const text = formatYamlDocuments([{ a: 1 }, { b: 'x\n\n' }, { c: 3 }]);
    expect(text.match(/^---$/gm)).toHaveLength(2);
    expect(parseYaml(text, { file: 'f' }).map((document) => document.value)).toEqual([{ a: 1 }, { b: 'x\n\n' }, { c: 3 }]);
  });

  const words = fc.constantFrom(
    'yes',
    '0777',
    ' x',
    'x ',
    'a: b',
    'x\n',
    '\n',
    ' \n x',
    'a\n  b\n',
    'a\n\n',
    '\n\na',
    '\ta\nb',
    'a\n\t',
    '- ',
    '---\nx',
    '#',
    '\r\n',
    '\u0085',
    '\ufeff',
    '~',
    '12:30',
    'k'.repeat(1100),
  );
  const string = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    words,
    fc.array(fc.constantFrom('a', ' ', '\n', '\t', ':', '#', '-'), { maxLength: 8 }).map((l) => l.join('')),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      string,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(string, tie('json'), { maxKeys: 4 }),
    ),
  }));

  it('is read back as the same value', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, sortKeys) => {
        const text = formatYaml({ kept: value }, { sortKeys });
        expect(equalJson(parseYaml(text, { file: 'f' })[0]?.value, { kept: value }), text).toBe(true);
        const bare = `---\n${formatYaml(value)}`;
        expect(equalJson(parseYaml(bare, { file: 'f' })[0]?.value ?? null, value), bare).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});
