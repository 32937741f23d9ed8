import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
let folder: string;

const tsc = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd: root, encoding: 'utf8' });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-types-'));
  const { status, stdout } = tsc('-p', 'tsconfig.build.json', '--outDir', join(folder, 'types'));
  expect([status, stdout]).toEqual([0, '']);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a project that has the package sees mistakes in its pipelines, and none in the examples and pages', () => {
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  // The package's declarations name its own dependencies.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'nodenext',
        strict: true,
        noEmit: true,
        types: ['node'],
        paths: { evenkeel: ['../types/index.d.ts'] },
      },
      include: ['*.ts'],
    }),
  );
  const examples = join(root, 'examples/pipelines');
  for (const name of readdirSync(examples).filter((one) => one.endsWith('.ts'))) copyFileSync(join(examples, name), join(project, name));
  for (const page of ['README.md', 'docs/pipelines.md', 'docs/modules.md'].filter((one) => existsSync(join(root, one))))
    for (const [i, [, code]] of [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries())
      if (code?.includes("from 'evenkeel'")) writeFileSync(join(project, `${page.replace(/\W/g, '-')}-${i}.ts`), code);
  writeFileSync(
    join(project, 'wrong.ts'),
    `import { gitops, task, workflow } from 'evenkeel';
const build = task('build').command(() => ({ image: 'x' })).build();
const deploy = task('deploy').dependsOn(build).command((_, deps) => deps.biuld).build();
task('other').dependsOn(build).command((_, deps) => deps.build.imgae);
task('params').params({ replicas: 1 }).command((params) => params.replica);
workflow.define('release', { tasks: [deploy] });
task('sync').command(() => gitops.syncWorkflw('web'));
task('late').timeout(5);
`,
  );
  const { status, stdout } = tsc('-p', project, '--pretty', 'false');
  expect(status).not.toBe(0);
  expect([...stdout.matchAll(/^(\S+?)\((\d+),/gm)].map((match) => [match[1]?.split('/').at(-1), Number(match[2])])).toEqual(
    [3, 4, 5, 6, 7, 8].map((line) => ['wrong.ts', line]),
  );
  expect(stdout).toContain('no task of the pipeline is called build');
}, 60_000);
