import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileTree } from '../model/index.js';
import { directoryTree } from './directoryTree.js';
import { parseLsTree } from './lsTree.js';
import { memoryTree } from './memoryTree.js';
import { openSource } from './source.js';
import { resolvePath, resolveSymlink } from './symlinks.js';
import { commit, failure, git, makeRepository, temporaryFolder, text } from './testing.js';
import type { Source } from './types.js';

const files = {
  'README.md': '# hello\n',
  'a.b/x': '1',
  'a/x.yaml': 'x: 1\n',
  'a/x/deep/y.yaml': 'y: 1\n',
  'a0/z': '',
  'Ünï/😀.yaml': 'u: 1\n',
  'ﬁ.txt': 'ligature\n',
  '__proto__/constructor': 'p\n',
  'quote"tab': 'q',
};
const links = {
  'link-file': 'a/x.yaml',
  'link-folder': 'a/x',
  'a/up': '../README.md',
  out: '../secret',
  'a/far': '../../etc/passwd',
  absolute: '/etc/passwd',
  loop: 'loop2',
  loop2: 'loop',
  dangling: 'a/none',
  chain: 'link-folder/deep/../deep/y.yaml',
};

let folder: { path: string; remove(): void };
let root: string;
let source: Source;
const trees = new Map<string, FileTree>();

beforeAll(async () => {
  folder = temporaryFolder();
  root = makeRepository(join(folder.path, 'r'), files);
  writeFileSync(join(folder.path, 'secret'), 'secret');
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  chmodSync(join(root, 'a/x.yaml'), 0o755);
  commit(root, {}, 'links');
  source = openSource({ url: root, cacheDirectory: join(folder.path, 'cache'), environment: 'controller' });
  const { revision } = await source.fetch({ head: true });
  trees.set('git', source.tree(revision));
  trees.set('directory', directoryTree(root));
  trees.set('memory', memoryTree({ ...files, ...Object.fromEntries(Object.entries(links).map(([path, symlink]) => [path, { symlink }])) }));
});
afterAll(async () => {
  await source.close();
  folder.remove();
});

describe.each(['git', 'directory', 'memory'])('%s tree', (name) => {
  const tree = () => trees.get(name) as FileTree;

  it('walks all files by path in code-unit order, as every other tree does', async () => {
    const all = await tree().walk('');
    expect(all.map((entry) => entry.path)).toEqual([...Object.keys(files), ...Object.keys(links)].sort());
    expect(all).toEqual(await (trees.get('git') as FileTree).walk(''));
    expect((await tree().walk('a')).map((entry) => entry.path)).toEqual(['a/far', 'a/up', 'a/x.yaml', 'a/x/deep/y.yaml']);
    expect(await tree().walk('none')).toEqual([]);
    expect(await tree().walk('README.md')).toEqual([]);
  });

  it('lists what stands directly in a folder', async () => {
    expect((await tree().list('a')).map((entry) => `${entry.type} ${entry.path}`)).toEqual([
      'symlink a/far',
      'symlink a/up',
      'directory a/x',
      'file a/x.yaml',
    ]);
    expect((await tree().list('')).map((entry) => entry.path)).toEqual(
      [...new Set([...Object.keys(files), ...Object.keys(links)].map((path) => path.split('/')[0]))].sort(),
    );
    expect(await tree().list('link-folder')).toEqual([]);
  });

  it('finds entries and reads them in the order asked, repeats included', async () => {
    expect((await tree().entry(''))?.type).toBe('directory');
    expect((await tree().entry('a'))?.type).toBe('directory');
    expect((await tree().entry('a/up'))?.type).toBe('symlink');
    for (const none of ['none', 'a/none', 'README.md/x', 'link-folder/deep', '__proto__/x', 'toString'])
      expect(await tree().entry(none)).toBeUndefined();
    const all = (await tree().walk('')).filter((entry) => entry.type === 'file').reverse();
    const twice = [...all, ...all];
    expect((await tree().read(twice)).map(text)).toEqual(twice.map((entry) => files[entry.path as keyof typeof files]));
    expect(await tree().read([])).toEqual([]);
    const link = await tree().entry('out');
    expect(text((await tree().read(link === undefined ? [] : [link]))[0])).toBe('../secret');
  });

  it.each(['/a', 'a/', '../x', 'a/../b', './a', 'a//b', 'a\0b', '..', '.', '/'])('refuses the path %j', async (path) => {
    for (const call of [tree().entry(path), tree().walk(path), tree().list(path)])
      expect((await failure(call)).code).toBe('SOURCE_PATH_INVALID');
  });

  it('reads nothing that is too large, and no folder', async () => {
    const [large, other] = await Promise.all([tree().entry('README.md'), tree().entry('a0/z')]);
    if (!large || !other) throw new Error('missing');
    expect(await failure(tree().read([other, large], 7))).toMatchObject({
      code: 'FILE_TOO_LARGE',
      where: { file: 'README.md' },
      message: expect.stringContaining('README.md has 8 bytes'),
    });
    expect((await tree().read([large], 8)).map(text)).toEqual(['# hello\n']);
    const folder = await tree().entry('a');
    expect((await failure(tree().read(folder === undefined ? [] : [folder]))).code).toBe('SOURCE_NOT_A_FILE');
  });

  it('resolves links inside the tree and refuses those that leave it', async () => {
    const follow = async (path: string) => {
      const entry = await tree().entry(path);
      if (!entry) throw new Error(`no ${path}`);
      return resolveSymlink(tree(), entry);
    };
    expect((await follow('link-file')).path).toBe('a/x.yaml');
    expect((await follow('a/up')).path).toBe('README.md');
    expect(await follow('link-folder')).toMatchObject({ path: 'a/x', type: 'directory' });
    expect((await follow('chain')).path).toBe('a/x/deep/y.yaml');
    expect((await follow('README.md')).path).toBe('README.md');
    expect((await resolvePath(tree(), 'link-folder/deep/y.yaml'))?.path).toBe('a/x/deep/y.yaml');
    expect(await resolvePath(tree(), 'a/none')).toBeUndefined();
    for (const path of ['out', 'a/far', 'absolute'])
      expect(await failure(follow(path))).toMatchObject({ code: 'SOURCE_SYMLINK_ESCAPES', where: { file: path } });
    expect((await failure(follow('loop'))).code).toBe('SOURCE_SYMLINK_LOOP');
    expect((await failure(follow('dangling'))).code).toBe('SOURCE_SYMLINK_DANGLING');
  });
});

describe('ids', () => {
  it('of the whole are those of git', async () => {
    const expected = git(root, 'rev-parse', 'HEAD^{tree}');
    expect((await trees.get('git')?.entry(''))?.id).toBe(expected);
    // Git's id covers the executable bit, which the other two do not keep.
    chmodSync(join(root, 'a/x.yaml'), 0o644);
    commit(root, {}, 'mode');
    const plain = git(root, 'rev-parse', 'HEAD^{tree}');
    expect(plain).not.toBe(expected);
    expect(trees.get('memory')?.revision).toBe(plain);
    expect(trees.get('directory')?.revision).toBe(plain);
  });
});

describe('a git tree', () => {
  it('takes names that are not UTF-8, executables and submodules', async () => {
    const other = makeRepository(join(folder.path, 'odd'));
    const blob = git(other, 'rev-parse', 'HEAD:a.txt');
    const head = git(other, 'rev-parse', 'HEAD');
    const rows = [
      `100644 blob ${blob}\tk\xe9y.yaml`,
      `100644 blob ${blob}\tk\xe8y.yaml`,
      `160000 commit ${head}\tsub`,
      `100755 blob ${blob}\trun.sh`,
      `100644 blob ${blob}\tnew\nline`,
    ];
    const tree = execFileSync('git', ['mktree', '-z'], { cwd: other, input: Buffer.from(rows.map((row) => `${row}\0`).join(''), 'latin1') })
      .toString()
      .trim();
    git(other, 'update-ref', 'refs/heads/odd', git(other, 'commit-tree', '-m', 'odd', tree));
    const odd = openSource({ url: other, cacheDirectory: join(folder.path, 'cache'), environment: 'controller' });
    const { revision } = await odd.fetch({ branch: 'odd' });
    const all = await odd.tree(revision).walk('');
    expect(all.map((entry) => `${entry.type} ${entry.path}`)).toEqual([
      'file k\\xe8y.yaml',
      'file k\\xe9y.yaml',
      'file new\nline',
      'file run.sh',
      'submodule sub',
    ]);
    expect((await odd.tree(revision).read(all.filter((entry) => entry.type === 'file'))).map(text)).toEqual([
      'one\n',
      'one\n',
      'one\n',
      'one\n',
    ]);
    expect(await failure(odd.tree(revision).read(all))).toMatchObject({ code: 'SOURCE_NOT_A_FILE', where: { file: 'sub' } });
    await odd.close();
  });

  it('reads thousands of files, of all sizes, to many callers at once', async () => {
    const contents = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`d${i % 7}/f${i}`, i % 500 === 0 ? 'x'.repeat(i * 300) : `\n${i}\0\n`.repeat(i % 5)]),
    );
    const other = makeRepository(join(folder.path, 'many'), contents);
    const many = openSource({ url: other, cacheDirectory: join(folder.path, 'cache'), environment: 'controller' });
    const tree = many.tree((await many.fetch({ head: true })).revision);
    const all = await tree.walk('');
    const results = await Promise.all([tree.read(all), tree.read(all.slice(0, 100)), tree.read(all.slice().reverse())]);
    expect(results[0].map(text)).toEqual(all.map((entry) => contents[entry.path]));
    expect(results[2].map(text).reverse()).toEqual(all.map((entry) => contents[entry.path]));
    expect(results[1]).toHaveLength(100);
    await many.close();
  });

  it('keeps every path of git ls-tree, whatever its bytes', () => {
    const path = fc.uint8Array({ minLength: 1, maxLength: 12 }).filter((bytes) => !bytes.includes(0));
    fc.assert(
      fc.property(fc.array(path, { maxLength: 5 }), (paths) => {
        const id = 'a'.repeat(40);
        const output = Buffer.concat(paths.flatMap((bytes) => [Buffer.from(`100644 blob ${id}\t`), bytes, Buffer.from([0])]));
        const entries = parseLsTree(output);
        expect(entries).toHaveLength(paths.length);
        for (const [i, entry] of entries.entries()) {
          expect(entry).toMatchObject({ type: 'file', id });
          const back = Buffer.from(entry.path, 'utf8');
          if (back.equals(Buffer.from(paths[i] as Uint8Array))) continue;
          expect(entry.path).toMatch(/\\x[89a-f][0-9a-f]/);
        }
      }),
    );
  });
});

describe('a directory tree', () => {
  it('shows no .git, no .evenkeel at the root, no pipes, and nothing behind a link to a folder', async () => {
    const path = join(folder.path, 'plain');
    mkdirSync(join(path, '.git'), { recursive: true });
    mkdirSync(join(path, '.evenkeel'));
    mkdirSync(join(path, 'sub/.git'), { recursive: true });
    mkdirSync(join(path, 'sub/.evenkeel'));
    for (const file of ['.git/config', '.evenkeel/db', 'sub/.git/config', 'sub/.evenkeel/kept', 'f']) writeFileSync(join(path, file), file);
    execFileSync('mkfifo', [join(path, 'pipe')]);
    symlinkSync('..', join(path, 'parent'));
    const tree = directoryTree(path);
    expect((await tree.walk('')).map((entry) => entry.path)).toEqual(['f', 'parent', 'sub/.evenkeel/kept']);
    for (const hidden of ['.git', '.git/config', '.evenkeel/db', 'sub/.git/config', 'pipe', 'parent/secret'])
      expect(await tree.entry(hidden)).toBeUndefined();
    expect((await failure(tree.read([{ path: 'parent/secret', type: 'file', id: 'x' }]))).code).toBe('SOURCE_FILE_CHANGED');
  });

  it('never gives contents that differ from the id', async () => {
    const path = join(folder.path, 'changing');
    mkdirSync(path);
    writeFileSync(join(path, 'f'), 'one');
    writeFileSync(join(path, 'g'), 'one');
    const tree = directoryTree(path);
    const entries = await tree.walk('');
    const before = tree.revision;
    writeFileSync(join(path, 'f'), 'two');
    expect(await failure(tree.read(entries))).toMatchObject({ code: 'SOURCE_FILE_CHANGED', transient: true, where: { file: 'f' } });
    expect((await tree.read(await tree.walk(''))).map(text)).toEqual(['two', 'one']);
    rmSync(join(path, 'g'));
    symlinkSync(join(folder.path, 'secret'), join(path, 'g'));
    expect((await failure(tree.read(entries.slice(1)))).code).toBe('SOURCE_FILE_CHANGED');
    expect(directoryTree(path).revision).not.toBe(before);
  });

  it('is of a folder that exists', () => {
    expect(() => directoryTree(join(folder.path, 'none'))).toThrowError(expect.objectContaining({ code: 'SOURCE_PATH_MISSING' }));
    expect(() => directoryTree(join(folder.path, 'secret'))).toThrowError(expect.objectContaining({ code: 'SOURCE_PATH_MISSING' }));
  });
});

describe('a memory tree', () => {
  it.each<{ [path: string]: string }>([{ '../x': '' }, { '': 'x' }, { a: '', 'a/b': '' }, { 'a/b': '', a: '' }])('refuses %j', (bad) => {
    expect(() => memoryTree(bad)).toThrowError(expect.objectContaining({ code: 'SOURCE_PATH_INVALID' }));
  });

  it('has one revision for one content, in any order', () => {
    expect(memoryTree({ a: '1', 'b/c': '2' }).revision).toBe(memoryTree({ 'b/c': '2', a: '1' }).revision);
    expect(memoryTree({ a: '1' }).revision).not.toBe(memoryTree({ a: '2' }).revision);
  });
});
