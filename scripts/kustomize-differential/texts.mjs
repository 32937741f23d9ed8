import { makeRandom } from './random.mjs';

const snippets = [
  'a: &x {k: v, l: [1, 2]}\nb: *x',
  'base: &b\n  one: 1\n  two: 2\nuse:\n  <<: *b\n  two: 3',
  'm:\n  <<: [{a: 1}, {a: 2, b: 3}]\n  c: 4',
  'n: &n text\nlist: [*n, *n]',
  'f: >\n  folded text\n  over lines\n\n  and more\n',
  'f: >-\n  folded\n    indented\n  back\n',
  'l: |+\n  keep\n\n',
  'l: |2\n    two more\n  less\n',
  'l: |-\n  strip\n  \n  x\n',
  'l: |\n  trailing  \n  x\n',
  'p: plain text\n  goes on\n  here',
  'q: "double\n  folded \\\n  continued\\tx"',
  "q: 'single\n  folded\n\n  it''s'",
  'e: "\\u00e9\\x41\\n\\0\\e\\N\\_\\L"',
  't: !!str 5\nu: !!int "5"\nv: !!float 1',
  'b: !!binary aGVsbG8=',
  's: ! x',
  'k: {"quoted key": 1, ? x : y}',
  'em: {}\nea: []\nen:\nes: ""',
  'deep: [[1, [2]], [], {}]',
  'c: x # comment\n# whole line\nd: "x # no"',
  'w: [yes, no, on, off, y, n, Yes, TRUE, ~, null, Null]',
  'i: [0x1F, 017, 0o17, 0b11, 1_000, +1, -1, 1e3, 1E-3, .5, 5., 0.1e1, 09, 1__0, 0x, 0b]',
  'g: [12345678901234567890, 18446744073709551616, 9223372036854775808, -9223372036854775809, 1e400]',
  'x: [.inf, -.inf]',
  'd: [2020-01-01, 2020-1-1, 2020-01-01T00:00:00Z, 2020-01-01 10:00:00, 2020-13-01, 1:30, 12:30:45]',
  'z: [1.0, 1.10, 100.0, 1e21, 1e20, 123456789.0, 0.00001, 1.5e-7, 3.0e5]',
  'url: http://x.y:80/a?b=c#d',
  'at: "@x"\npct: "%x"\nbt: "`x"',
  '- not: a map',
  'ind:\n- a\n-   b\n-\n  c\n-\n  - d',
  'tab:\t1',
  'tabs: "a\tb"',
  '? complex\n: value',
  'colon: a:b\nurl2: a:b:c\nlast: x:',
  'hash: a#b',
  'emoji: 😀\nbmp: ☃\nnbsp: "a\u00a0b"\nls: "a\u2028b"',
  `long: ${'word '.repeat(40)}end`,
  `longq: "${'word: '.repeat(30)}end"`,
  `longs: "${'x'.repeat(120)} y ${'z'.repeat(90)}"`,
  `longsp: "${'word  '.repeat(30)}end"`,
  `longt: "${'wo\\trd '.repeat(30)}end"`,
  'k1: 1\nk10: 2\nk2: 3\nK2: 4\n_k: 5\n1k: 6\nk-1: 7\nk_1: 8\n"k 1": 9\nk.1: 10\nk01: 11\nk001: 12\na1b2: 1\na1b10: 2\na01: 1\na1: 2\nab: 3\né: 4',
  '"true": 1\n"1": 2\n"null": 3\n"": 4\n"~": 5\n"y": 6\n"1.5": 7\n"2020-01-01": 8\n" x": 9\n"x ": 10\n"a: b": 11\n"#": 12',
  'true: 1',
  '1: x',
  'dup: 1\ndup: 2',
  'nl: "\\n"\nnls: "\\n\\n"\nnlx: "a\\n"\nnly: "\\na"\nnlz: "a\\n\\n"\nnlw: " a\\nb"\nnlv: "a\\n b"\nnlu: "a \\nb"\nnlt: "a\\n\\tb"',
  'cr: "a\\rb"\ncrlf: "a\\r\\nb"',
  "q1: \"'\"\nq2: '\"'\nq3: \"'\\\"\"\nq4: ''''",
  'sp: "  "\nsp1: " "\nsp2: "a  b"',
  'dash: "-"\ndash2: "- a"\ndash3: "-a"\ndash4: "--- x"\ndots: "..."\nq: "?"\nqq: "? x"\nc: ":"\ncc: ": x"\nstar: "*"\namp: "&a"\nbang: "!x"\npipe: "|"\ngt: ">"\nbr: "[x"\ncb: "}"\ncomma: ",x"',
  'eq: =\nlt: <<x\nm: "<<"',
  'octal: "0o17"\noctal2: "017"\nhex: "0x1f"\nexp: "1e3"\nfl: "1."\nin: "1_0"\ninf: ".inf"\nnan: ".nan"\nplus: "+1"\nst: "1:20"\nst2: "1:20:30.5"\nst3: "190:20"\nbin: "0b1"\ndate: "2020-01-01"\ndate2: "2020-1-1"\ntime: "2020-01-01 10:00:00"',
];

/** One object written by hand, with what readers and writers of YAML find hard. */
export function inventText(seed) {
  const random = makeRandom(seed);
  const parts = Array.from({ length: random.int(1, 3) }, () => random.pick(snippets));
  let body = [...new Set(parts)]
    .map((part) =>
      part
        .split('\n')
        .map((line) => (line === '' ? '' : `  ${line}`))
        .join('\n'),
    )
    .join('\n');
  if (random.chance(0.35)) body = mutate(body, random);
  const head = random.pick(['', '', '---\n', '# comment\n---\n', '\n\n', '\ufeff']);
  const tail = random.pick(['\n', '\n', '', '\n---\n', '\n...\n', '\n--- # x\n# only\n']);
  let text = `${head}apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: x\nspec:\n${body}${tail}`;
  if (random.chance(0.1)) text = text.replaceAll('\n', '\r\n');
  const k = {
    resources: ['a.yaml'],
    ...(random.chance(0.3) ? { namePrefix: 'p-' } : {}),
    ...(random.chance(0.2) ? { commonAnnotations: { a: 'b' } } : {}),
  };
  if (random.chance(0.3))
    k.patches = [{ patch: `apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: x\nspec:\n${body}\n  added: 1\n` }];
  if (random.chance(0.2)) k.patches = [{ target: { kind: 'Widget' }, patch: '- op: add\n  path: /spec/added\n  value: 1\n' }];
  return { files: { 'k/kustomization.yaml': JSON.stringify(k), 'k/a.yaml': text }, path: 'k' };
}

function mutate(text, random) {
  const at = random.int(0, text.length - 1);
  const c = random.pick([
    ' ',
    '\n',
    ':',
    '-',
    '#',
    '"',
    "'",
    '\t',
    '{',
    ']',
    ',',
    '&',
    '*',
    '!',
    '|',
    '>',
    '%',
    '0',
    'x',
    '  ',
    ': ',
    '- ',
    ' #',
  ]);
  return random.chance(0.5) ? text.slice(0, at) + c + text.slice(at) : text.slice(0, at) + c + text.slice(at + 1);
}
