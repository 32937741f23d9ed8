import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { EvenkeelError } from '../../model/index.js';
import { scriptFolder, testHost } from '../testing.js';
import type { TaskContext, TaskFunction } from '../types.js';
import { loadScript, pipelinesOf, typescript } from './load.js';

const folders: { remove(): void }[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

const folder = (files: { [path: string]: string }) => {
  const made = scriptFolder(files);
  folders.push(made);
  return made;
};
const load = (file: string, host = testHost()) => loadScript(file, host, [typescript]);
const failure = async (work: Promise<unknown>): Promise<EvenkeelError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EvenkeelError);
  return error as EvenkeelError;
};
const call = (command: unknown) => (command as TaskFunction)({}, {}, {} as TaskContext);

describe('a TypeScript script', () => {
  test('runs once, with imports of its own, enums, types and top-level await', async () => {
    const { file } = folder({
      'deploy.ts': `#!/usr/bin/env evenkeel
import { task, workflow } from 'evenkeel';
import type { TaskContext } from 'evenkeel';
import { names, Stage } from './lib/names.js';
import { readFile } from 'node:fs/promises';

const text = await readFile(new URL('./lib/data.json', import.meta.url), 'utf8');
const build = task('build').command((_, __, context: TaskContext) => names(Stage.Production)).build();
const deploy = task('deploy')
  .dependsOn(build)
  .timeout('5m').retries(3, 'linear')
  .command((_, deps) => deps.build)
  .build();
export default workflow.define('release', { tasks: [build, deploy], metadata: JSON.parse(text) });
task('alone').command('true').build();
`,
      'lib/names.ts': `export enum Stage { Staging, Production }
export const names = (stage: Stage) => [import.meta.dirname, import.meta.filename, __dirname, String(stage)] satisfies string[];`,
      'lib/data.json': '{"owner":"ana"}',
    });
    const entered: unknown[] = [];
    const host = testHost({
      enter: (context, body) => {
        entered.push(context);
        return body();
      },
    });
    const script = await load(file('deploy.ts'), host);
    expect(entered).toEqual([undefined]);
    expect(script.pipelines).toMatchObject([
      {
        name: 'release',
        metadata: { owner: 'ana' },
        source: { file: file('deploy.ts'), line: 14 },
        tasks: [
          { name: 'build', source: { file: file('deploy.ts'), line: 8 } },
          { name: 'deploy', dependsOn: ['build'], timeoutMs: 300_000, retries: { limit: 3, backoff: 'linear' } },
        ],
      },
    ]);
    expect(script.tasks.map((one) => one.name)).toEqual(['alone']);
    expect(call(script.pipelines[0]?.tasks[0]?.command)).toEqual([file('lib'), file('lib/names.ts'), file('lib'), '1']);
    expect(pipelinesOf(script, file('deploy.ts')).map((one) => one.name)).toEqual(['release', 'deploy']);
  });

  test('of JavaScript, and with packages of its folder in either format', async () => {
    const { file } = folder({
      'a.mjs':
        "import { task } from 'evenkeel'; import { word } from 'esm'; import cjs from 'cjs'; task('a').command(() => word + cjs.word).build();",
      'b.js': "const { task } = require('evenkeel'); const { word } = require('cjs'); task('b').command(() => word).build();",
      'node_modules/esm/package.json': '{"name":"esm","type":"module","exports":{"import":"./main.js"}}',
      'node_modules/esm/main.js': "export const word = 'e' + import.meta.url.slice(-7);",
      'node_modules/cjs/package.json': '{"name":"cjs","main":"main.js","module":"bundler.js"}',
      'node_modules/cjs/main.js': "exports.word = 'c';",
      'node_modules/cjs/bundler.js': "import 'nowhere';",
    });
    expect(call((await load(file('a.mjs'))).tasks[0]?.command)).toBe('emain.jsc');
    expect(call((await load(file('b.js'))).tasks[0]?.command)).toBe('c');
  });

  test('leaves nothing behind, whether it can be read or not', async () => {
    const { path, file } = folder({
      'good.ts': "import { task } from 'evenkeel'; task('x').build();",
      'bad.ts': 'throw 1',
      'tmp/.keep': '',
    });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(path, 'tmp');
    try {
      await load(file('good.ts'));
      await failure(load(file('bad.ts')));
      expect(readdirSync(join(path, 'tmp'))).toEqual(['.keep']);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  test('is loaded beside others', async () => {
    const { file } = folder(
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.ts`, `import { task } from 'evenkeel'; task('${name}').build();`])),
    );
    const scripts = await Promise.all(['a', 'b', 'c', 'd'].map((name) => load(file(`${name}.ts`))));
    expect(scripts.map((script) => script.tasks.map((one) => one.name))).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  test('that says nothing has no pipelines', async () => {
    const { file } = folder({ 'empty.ts': '' });
    expect(pipelinesOf(await load(file('empty.ts')), file('empty.ts'))).toEqual([]);
  });

  test('can tell where its functions threw', async () => {
    const { file } = folder({
      'main.ts':
        "import { task } from 'evenkeel';\nimport { boom } from './boom.ts';\ninterface X { a: string }\ntask('x').command(() => boom()).build();",
      'boom.ts': 'type Y = 1;\n\nexport function boom(): never {\n  throw new TypeError("no");\n}\n',
    });
    const script = await load(file('main.ts'));
    try {
      call(script.tasks[0]?.command);
      expect.unreachable();
    } catch (thrown) {
      expect(script.placeOf?.(thrown)).toEqual({ file: file('boom.ts'), line: 4, column: 9 });
    }
  });
});

describe('a script that cannot be read', () => {
  const cases: [name: string, text: string, code: string, message: string | RegExp, where: object, hint?: string | RegExp][] = [
    ['a syntax error', 'const a = 1;\nconst b = ;\n', 'SCRIPT_SYNTAX', 'Unexpected ";"', { line: 2, column: 11 }],
    ['a missing file', "\nimport './nothing.js';", 'SCRIPT_SYNTAX', 'there is no file "./nothing.js" to import', { line: 2 }, /relative/],
    [
      'a missing package',
      "import x from '@acme/left/pad'; x();",
      'SCRIPT_SYNTAX',
      'the package "@acme/left/pad" is not installed',
      { line: 1 },
      /npm install @acme\/left$/,
    ],
    [
      'a misspelt name',
      "import { taks } from 'evenkeel';\ntaks('x');",
      'SCRIPT_SYNTAX',
      'evenkeel exports no "taks"',
      { line: 1 },
      'Did you mean "task"?',
    ],
    ['an unknown entry', "import 'evenkeel/sandbx';", 'SCRIPT_SYNTAX', /has no entry "evenkeel\/sandbx"/, { line: 1 }],
    [
      'an error at its top',
      'const a: string[] = [];\n\nnull!.x;',
      'SCRIPT_FAILED',
      /the script failed: TypeError: Cannot read/,
      { line: 3, column: 7 },
    ],
    ['a rejection at its top', "await Promise.reject(new Error('later'));", 'SCRIPT_FAILED', 'the script failed: later', { line: 1 }],
    ['something odd thrown', "throw 'x';", 'SCRIPT_FAILED', 'the script failed: what is thrown is no error: x', {}],
    [
      'a task without an end',
      "import { task } from 'evenkeel';\ntask('x').command('true');",
      'TASK_INVALID',
      'task "x": it is not built',
      { line: 2 },
      /build\(\)/,
    ],
    [
      'a wrong option',
      "import { task } from 'evenkeel';\n\ntask('x').timeout('5 minutes');",
      'TASK_INVALID',
      /timeout: "5 minutes" is not a duration/,
      { line: 3 },
    ],
  ];
  test.each(cases)('%s', async (_, text, code, message, where, hint) => {
    const { file } = folder({ 'script.ts': text });
    const error = await failure(load(file('script.ts')));
    expect({ code: error.code, message: error.message, where: error.where }).toMatchObject({
      code,
      message: typeof message === 'string' ? message.replace('is thrown', 'was thrown') : expect.stringMatching(message),
      where: { file: file('script.ts'), ...where },
    });
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  test('a missing file, a folder, another language', async () => {
    const { path, file } = folder({ 'a.tss': '', 'bb.ts': '', 'b.py': '', noext: '' });
    expect(await failure(load(file('nothing.ts')))).toMatchObject({
      code: 'SCRIPT_NOT_FOUND',
      message: 'there is no such script',
    });
    expect(await failure(load(file('b.ts')))).toMatchObject({ code: 'SCRIPT_NOT_FOUND', hint: `Did you mean ${file('bb.ts')}?` });
    expect(await failure(load(path))).toMatchObject({ code: 'SCRIPT_NOT_FOUND', message: 'it is a folder, not a script' });
    expect(await failure(load(file('a.tss')))).toMatchObject({ code: 'SCRIPT_LANGUAGE', hint: 'Did you mean a.ts?' });
    expect(await failure(load(file('b.py')))).toMatchObject({ code: 'SCRIPT_LANGUAGE' });
    expect(await failure(load(file('noext')))).toMatchObject({ code: 'SCRIPT_LANGUAGE' });
  });

  test('several mistakes are told together', async () => {
    const { file } = folder({ 'script.ts': "import './a.js';\nimport './b.js';\n" });
    const error = await failure(load(file('script.ts')));
    expect(error.details['errors']).toMatchObject([{ where: { line: 1 } }, { where: { line: 2 } }]);
  });

  test('one that waits for ever is left when the run is cancelled', async () => {
    const { file } = folder({ 'script.ts': 'await new Promise(() => {});' });
    const abort = new AbortController();
    const loading = load(file('script.ts'), testHost({ signal: abort.signal }));
    setTimeout(() => abort.abort(new EvenkeelError('CANCELLED', 'interrupted')), 100);
    expect(await failure(loading)).toMatchObject({ code: 'CANCELLED' });
  });
});
