// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the samples are source text
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOf } from './support/imports.js';
import { roomsOf, violations } from './support/rooms.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: { [name: string]: string } };

const files = new Map(
  readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(join(root, 'src/').length).replaceAll('\\', '/'), readFileSync(path, 'utf8')]),
);

describe('the sources', () => {
  test('keep to the rooms of docs/architecture.md', () => {
    expect(violations({ files, rooms: roomsOf(page), dependencies: Object.keys(dependencies) })).toEqual([]);
  });

  test('are read: every room imports something, and every room of the table has a door', () => {
    for (const room of roomsOf(page).flat()) {
      const own = [...files].filter(([file]) => file.startsWith(`${room}/`));
      expect([room, own.flatMap(([, text]) => importsOf(text)).length]).toEqual([room, expect.any(Number)]);
      expect(own.flatMap(([, text]) => importsOf(text)).length, room).toBeGreaterThan(0);
      if (room !== 'cli') expect(files.has(`${room}/index.ts`), `src/${room}/index.ts`).toBe(true);
    }
  });
});

describe('the table', () => {
  test('is read from the page', () => {
    const rooms = roomsOf(page);
    expect(rooms[0]).toEqual(['model']);
    expect(rooms.flat()).toEqual(expect.arrayContaining(['manifest', 'kube', 'store', 'sandbox', 'cli']));
    expect(roomsOf('x\n\n| room | owns |\n|---|---|\n| `a/`, `b/` | x |\n| `c-d/` | `e/` |\n\n| `f/` | |\n')).toEqual([
      ['a', 'b'],
      ['c-d'],
    ]);
    expect(() => roomsOf('nothing')).toThrow('no table');
    expect(() => roomsOf('| room | owns |\n|---|---|\n| a | b |\n')).toThrow('no room');
  });
});

describe('the checker', () => {
  const rooms = [['model'], ['manifest'], ['kube'], ['left', 'right'], ['sandbox'], ['cli']];
  const check = (file: string, text: string) =>
    violations({ files: new Map([[file, text]]), rooms, dependencies: ['undici', '@clack/prompts'] });

  test.each([
    ['manifest/a.ts', "import { x } from '../model/index.js';"],
    ['manifest/deep/er/a.ts', "export * from '../../../model/index.js';"],
    ['manifest/a.ts', "import { x } from './deep/er.js'; import y from '../manifest/b.js';"],
    ['sandbox/a.ts', "import '../model/index.js';\nimport type { M } from '../manifest/index.js';"],
    ['kube/a.ts', "import { request } from 'undici'; import p from '@clack/prompts/sub'; import 'node:fs/promises';"],
    ['index.ts', "export { a } from './kube/index.js'; export { b } from './cli/index.js';"],
    ['kube/a.test.ts', "import { test } from 'vitest'; import { s } from '../sandbox/index.js'; import '../../test/support/store.js';"],
    ['cli/a.ts', 'const pipeline = await import(path); const t = `\nimport x from "../sandbox/secret.js";\n`;'],
    ['cli/a.ts', "// import x from 'left-pad'\n/* import('left-pad') */ const s = 'import x from \"left-pad\"';"],
  ])('has nothing against %s: %s', (file, text) => {
    expect(check(file, text)).toEqual([]);
  });

  test.each([
    ['model/a.ts', "import { x } from '../kube/index.js';", 'src/model/a.ts:1: kube/ is not above model/ ("../kube/index.js")'],
    [
      'manifest/a.ts',
      "\nimport type {\n  x,\n} from\n  '../kube/index.js';",
      'src/manifest/a.ts:5: kube/ is not above manifest/ ("../kube/index.js")',
    ],
    ['left/a.ts', "await import('../right/index.js')", 'src/left/a.ts:1: right/ is not above left/ ("../right/index.js")'],
    ['kube/a.ts', "export { x } from '../model/json.js';", 'src/kube/a.ts:1: model/ is entered past its door ("../model/json.js")'],
    [
      'kube/a.test.ts',
      "import { x } from '../model/json.js';",
      'src/kube/a.test.ts:1: model/ is entered past its door ("../model/json.js")',
    ],
    ['index.ts', "export * from './kube/client.js';", 'src/index.ts:1: kube/ is entered past its door ("./kube/client.js")'],
    ['sandbox/a.ts', "import '../kube/index.js';", 'src/sandbox/a.ts:1: sandbox/ imports only model/ and manifest/ ("../kube/index.js")'],
    [
      'sandbox/a.ts',
      "type X = import('../kube/index.js').X;",
      'src/sandbox/a.ts:1: sandbox/ imports only model/ and manifest/ ("../kube/index.js")',
    ],
    ['kube/a.ts', "import pad from 'left-pad';", 'src/kube/a.ts:1: the package left-pad is not a dependency ("left-pad")'],
    ['kube/a.ts', "const x = `${await import('@x/y/z')}`;", 'src/kube/a.ts:1: the package @x/y is not a dependency ("@x/y/z")'],
    ['kube/a.ts', "const u = require('undici-types');", 'src/kube/a.ts:1: the package undici-types is not a dependency ("undici-types")'],
    ['kube/a.ts', "import fs from 'fs';", 'src/kube/a.ts:1: built-in modules are imported with node: ("fs")'],
    ['kube/a.ts', "import pkg from '../../package.json';", 'src/kube/a.ts:1: leads out of src/ ("../../package.json")'],
    ['kube/a.ts', "import { x } from '../index.js';", 'src/kube/a.ts:1: a room imports a public entry ("../index.js")'],
    ['kube/a.ts', "import '../attic/index.js';", 'src/kube/a.ts:1: the room attic/ is not in the table ("../attic/index.js")'],
    ['attic/a.ts', 'export {};', 'src/attic/ is not in the table'],
  ])('refuses %s: %s', (file, text, expected) => {
    expect(check(file, text)).toEqual([expected]);
  });
});

describe('reading imports', () => {
  test.each<[string, string[]]>([
    [
      "import a from 'a'; import * as b from \"b\"; import c, { d } from 'c'; import 'e'; export * from 'f'; export { g } from 'g';",
      ['a', 'b', 'c', 'e', 'f', 'g'],
    ],
    [
      "import type { A } from 'a'; export type { B } from 'b'; const c = await import( 'c' ); let d: typeof import('d');",
      ['a', 'b', 'c', 'd'],
    ],
    ["const x = a / b; import('c'); const y = 1 / 2 / 3; import('d')", ['c', 'd']],
    ["const quote = /['\"`]/; import('a'); const c = /[/'`]/g.test(x) ? 1 : 2; import('b'); return /`/", ['a', 'b']],
    ["const t = `a${f(`b${'}'}${{ a: 1 }.a}`)}` + `\\`${x}`; import('a');", ['a']],
    ["const s = 'it\\'s // not'; import('a'); // import('b')\nimport('c'); /* import('d') */ import('e')", ['a', 'c', 'e']],
    ["const url = 'https://x'; export const from = 'not'; export function f() { return 'x'; }\nimport z from 'z';", ['z']],
    ["const load = createRequire(import.meta.url); load('a'); load.resolve('b/c'); reload('d'); x.load('e')", ['a', 'b/c']],
    ["load('config.yaml'); f('import(\\'x\\')', \"from 'y'\"); g('a', 'from', 'b'); h = \"import x from 'z'\";", []],
    ["object.import('a'); important('b'); reimport('c'); x.require('d')", []],
    ['`\n${1}import a from "a"\n`; import(`b`); import(c)', []],
    ["export const a = { from: 'x' }; export interface B { from: 'y' }", []],
    ['', []],
  ])('%s', (source, expected) => {
    expect(importsOf(source).map((found) => found.specifier)).toEqual(expected);
  });

  test('agrees with a plain search on the files of this repository that have neither comments nor templates in doubt', () => {
    for (const [file, text] of files) {
      const head = text.split('\n').filter((line) => /^(import|\} from|export \*|export \{.*\} from)\b.*'[^']+';$/.test(line));
      if (/`/.test(text) && file.endsWith('.test.ts')) continue;
      const expected = head.map((line) => /'([^']+)';$/.exec(line)?.[1] as string);
      expect(
        importsOf(text).map((found) => found.specifier),
        file,
      ).toEqual(expect.arrayContaining(expected));
    }
  });
});
