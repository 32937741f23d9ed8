import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';
import { makeRepository, type TestRepository } from '../../../test/support/repository.js';
import { invokeSnake } from '../index.js';

let lab: ModuleLab;
let repository: TestRepository;
let first: string;
/** Where people push to. */
let shared: string;
beforeAll(async () => {
  lab = await moduleLab();
  repository = makeRepository(join(lab.folder, 'origin'));
  first = repository.commit({ 'apps/web/values.yaml': 'tag: v1\n', 'apps/api/values.yaml': 'tag: v1\n', 'README.md': 'hello\n' }, 'begin');
  repository.git('tag', 'v1');
  shared = join(lab.folder, 'shared.git');
  execFileSync('git', ['clone', '--quiet', '--bare', repository.path, shared], { stdio: 'ignore' });
});
afterAll(() => lab.close());

describe('remote repositories', () => {
  test('are read without a checkout', async () => {
    const { git } = lab.modules;
    const second = repository.commit({ 'apps/web/values.yaml': 'tag: v2\n' }, 'web v2');
    expect(await git.resolve('./origin', { branch: 'main' })).toEqual({ revision: second, ref: 'refs/heads/main' });
    expect(await git.commitInfo('./origin')).toMatchObject({ revision: second, author: 'Test <test@example.com>', subject: 'web v2' });
    expect(await git.readFile('./origin', '/apps/web/values.yaml')).toBe('tag: v2\n');
    expect(await git.readFile('./origin', 'apps/web/values.yaml', { tag: 'v1' })).toBe('tag: v1\n');
    expect(await git.readFile('./origin', 'apps/web/values.yaml', { commit: first })).toBe('tag: v1\n');
    expect(await git.listFiles('./origin', { path: 'apps', match: '*/values.yaml' })).toEqual(['api/values.yaml', 'web/values.yaml']);
    expect(await invokeSnake(lab.modules, 'git', 'list_files', ['./origin'])).toHaveLength(3);
  });

  test.each<[string, (git: ModuleLab['modules']['git']) => Promise<unknown>, string]>([
    ['an unknown branch', (git) => git.resolve('./origin', { branch: 'none' }), 'SOURCE_BRANCH_MISSING'],
    ['two refs', (git) => git.resolve('./origin', { branch: 'main', tag: 'v1' }), 'OPTION_INVALID'],
    ['an unknown file', (git) => git.readFile('./origin', 'none'), 'FILE_NOT_FOUND'],
    ['a folder', (git) => git.readFile('./origin', 'apps'), 'FILE_NOT_FOUND'],
    ['a file above the root', (git) => git.readFile('./origin', '../x'), 'SOURCE_PATH_INVALID'],
    ['a transport helper', (git) => git.resolve('ext::sh -c touch% x'), 'SOURCE_URL_INVALID'],
    ['an option', (git) => git.clone('--upload-pack=touch x', 'c'), 'SOURCE_URL_INVALID'],
    ['an option for a branch', (git) => git.clone('./origin', 'c', { branch: '--upload-pack=x' }), 'SOURCE_REF_INVALID'],
    ['nothing there', (git) => git.clone('./nowhere', 'c'), 'SOURCE_PATH_MISSING'],
    ['a folder outside', (git) => git.clone('./origin', '../c'), 'FILE_OUTSIDE'],
    ['a folder that is taken', (git) => git.clone('./origin', 'origin'), 'FILE_EXISTS'],
    ['an unknown tree', (git) => git.status({ directory: '.' }), 'SOURCE_NOT_FOUND'],
    ['an option for a revision', (git) => git.changedFiles('--output=x', 'HEAD', { directory: 'origin' }), 'ARGUMENT_INVALID'],
  ])('%s is refused', async (_, action, code) => {
    await expect(action(lab.modules.git)).rejects.toMatchObject({ code });
  });
});

describe('working trees', () => {
  test('carry a change from a clone to the remote', async () => {
    const { git, fs } = lab.modules;
    expect(await git.clone('./shared.git', 'work/shop', { branch: 'main' })).toEqual({ path: 'work/shop', revision: first });
    const directory = 'work/shop';
    expect(await git.status({ directory })).toEqual({ clean: true, ahead: 0, behind: 0, files: [], branch: 'main', revision: first });
    await git.switchBranch('promote', { directory, create: true });
    await fs.write('work/shop/apps/web/values.yaml', 'tag: v3\n');
    await fs.write('work/shop/a new file', 'x');
    await fs.remove('work/shop/README.md');
    expect((await git.status({ directory })).files).toEqual([
      { path: 'README.md', status: 'deleted' },
      { path: 'apps/web/values.yaml', status: 'modified' },
      { path: 'a new file', status: 'untracked' },
    ]);
    const web = await git.commit('web v3', {
      directory,
      paths: ['apps/web/values.yaml'],
      author: { name: 'Ana', email: 'ana@example.com' },
    });
    expect(await git.changedFiles('HEAD~1', 'HEAD', { directory })).toEqual(['apps/web/values.yaml']);
    const rest = await git.commit('the rest\n\n# of it', { directory });
    expect(await git.commit('nothing', { directory })).toBeUndefined();
    expect((await git.log({ directory, limit: 2 })).map(({ revision, author, subject }) => [revision, author, subject])).toEqual([
      [rest, 'Evenkeel <evenkeel@localhost>', 'the rest'],
      [web, 'Ana <ana@example.com>', 'web v3'],
    ]);
    await git.tag('v3', { directory, message: 'third' });
    expect(await git.push({ directory, tags: true })).toBe(rest);
    expect(execFileSync('git', ['-C', shared, 'rev-parse', 'promote'], { encoding: 'utf8' }).trim()).toBe(rest);
    expect((await git.resolve('./shared.git', { tag: 'v3' })).revision).toBe(rest);
    expect(await git.log({ directory, path: 'README.md' })).toHaveLength(2);
  });

  test('that are behind are not pushed by force', async () => {
    const { git, fs } = lab.modules;
    for (const name of ['one', 'two']) {
      await git.clone('./shared.git', `work/${name}`);
      await fs.write(`work/${name}/${name}`, name);
      await git.commit(name, { directory: `work/${name}` });
    }
    await git.push({ directory: 'work/one' });
    await expect(git.push({ directory: 'work/two' })).rejects.toMatchObject({ code: 'SOURCE_PUSH_REJECTED' });
    expect(await git.push({ directory: 'work/two', branch: 'two' })).toMatch(/^[0-9a-f]{40}$/);
  });

  test('run no hooks, follow no links, and take no options', async () => {
    const { git } = lab.modules;
    const hostile = makeRepository(join(lab.folder, 'hostile'));
    hostile.link('link', '/etc/hostname');
    hostile.commit({ '-x': 'x' });
    await git.clone('./hostile', 'work/hostile');
    expect(readFileSync(join(lab.folder, 'work/hostile/link'), 'utf8')).toBe('/etc/hostname');
    const hook = join(lab.folder, 'work/hostile/.git/hooks');
    execFileSync('mkdir', ['-p', hook]);
    for (const name of ['pre-commit', 'post-commit', 'commit-msg'])
      writeFileSync(join(hook, name), `#!/bin/sh\ntouch '${lab.folder}/hooked'\n`, { mode: 0o755 });
    writeFileSync(join(lab.folder, 'work/hostile/--amend'), 'x');
    expect(await git.commit('--amend', { directory: 'work/hostile', paths: ['--amend'] })).toMatch(/^[0-9a-f]{40}$/);
    expect(existsSync(join(lab.folder, 'hooked'))).toBe(false);
    expect(await git.log({ directory: 'work/hostile' })).toHaveLength(2);
    await expect(git.commit('x', { directory: 'work/hostile', paths: ['../one/one'] })).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    await expect(git.commit('x', { directory: 'work/hostile', author: { name: 'a\nb', email: 'x' } })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(git.switchBranch('-f', { directory: 'work/hostile' })).rejects.toMatchObject({ code: 'SOURCE_REF_INVALID' });
    await expect(git.push({ directory: 'work/hostile', remote: '--mirror' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('works in an environment made from nothing, and ends with the run', async () => {
    const controller = lab.with({ git: { ...lab.host.git, environment: 'controller' } });
    expect(await controller.git.clone('./shared.git', 'work/bare', { tag: 'v1', depth: 1 })).toMatchObject({ revision: first });
    const ended = lab.with({ signal: AbortSignal.abort() });
    await expect(ended.git.status({ directory: 'work/bare' })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
