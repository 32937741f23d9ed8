import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvenkeelError } from '../model/index.js';
import { openSource } from './source.js';
import { commit, failure, git, makeRepository, temporaryFolder, text, writeFiles } from './testing.js';
import type { Ref, Source, SourceOptions } from './types.js';

let folder: { path: string; remove(): void };
let repository: string;
let opened: Source[];

beforeEach(() => {
  folder = temporaryFolder();
  repository = makeRepository(join(folder.path, 'repository'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  folder.remove();
});

function open(url = repository, more: Partial<SourceOptions> = {}): Source {
  const source = openSource({ url, cacheDirectory: join(folder.path, 'cache'), environment: 'controller', ...more });
  opened.push(source);
  return source;
}

const mirrors = () => readdirSync(join(folder.path, 'cache')).filter((name) => name.endsWith('.git'));
const mirror = () => join(folder.path, 'cache', mirrors()[0] as string);

describe('resolve and fetch', () => {
  it('follows a branch, fetching only its newest commit', async () => {
    const source = open();
    const first = await source.fetch({ branch: 'main' });
    expect(first).toEqual({ revision: git(repository, 'rev-parse', 'HEAD'), ref: 'refs/heads/main' });
    const next = commit(repository, { 'a.txt': 'two\n', 'dir/b.txt': 'b\n' }, 'second');
    expect(await source.resolve({ branch: 'main' })).toEqual({ revision: next, ref: 'refs/heads/main' });
    expect((await failure(source.tree(next).walk(''))).code).toBe('SOURCE_REVISION_MISSING');
    expect((await source.fetch({ branch: 'main' })).revision).toBe(next);
    const tree = source.tree(next);
    expect((await tree.walk('')).map((entry) => entry.path)).toEqual(['a.txt', 'dir/b.txt']);
    expect((await tree.read(await tree.walk(''))).map(text)).toEqual(['two\n', 'b\n']);
    const old = source.tree(first.revision);
    expect((await old.read(await old.walk(''))).map(text)).toEqual(['one\n']);
    expect(existsSync(join(mirror(), 'FETCH_HEAD'))).toBe(false);
  });

  it('reads author, time and subject of a commit', async () => {
    commit(repository, {}, 'Ümläut subject\ngoes on\n\nbody');
    const source = open();
    const { revision } = await source.fetch({ head: true });
    expect(await source.commit(revision)).toEqual({
      revision,
      author: 'Ada Example <ada@example.com>',
      time: 1_700_000_000_000,
      subject: 'Ümläut subject goes on',
    });
  });

  it('takes a branch whose name was once a folder of branches, and the other way round', async () => {
    git(repository, 'branch', 'a/b');
    const source = open();
    await source.fetch({ branch: 'a/b' });
    git(repository, 'branch', '-D', 'a/b');
    const next = commit(repository, { x: '1' }, 'x');
    git(repository, 'branch', 'a');
    expect((await source.fetch({ branch: 'a' })).revision).toBe(next);
  });

  it('peels annotated tags, also tags of tags and those of a bundle file', async () => {
    const revision = git(repository, 'rev-parse', 'HEAD');
    git(repository, 'tag', '-a', 'v1', '-m', 'one');
    git(repository, 'tag', '-a', 'v2', '-m', 'two', 'v1');
    git(repository, 'tag', 'light');
    git(repository, 'bundle', 'create', '-q', join(folder.path, 'r.bundle'), '--all');
    for (const url of [repository, `file://${repository}`, join(folder.path, 'r.bundle')])
      for (const tag of ['v1', 'v2', 'light']) {
        const source = open(url);
        expect(await source.resolve({ tag })).toEqual({ revision, ref: `refs/tags/${tag}` });
        expect((await source.fetch({ tag })).revision).toBe(revision);
        expect(await source.tree(revision).walk('')).toHaveLength(1);
      }
  });

  it('follows HEAD where it leads, detached as well', async () => {
    git(repository, 'checkout', '-q', '-b', 'other');
    const source = open();
    expect((await source.resolve({ head: true })).ref).toBe('refs/heads/other');
    git(repository, 'checkout', '-q', '--detach');
    expect((await source.fetch({ head: true })).ref).toBe('HEAD');
  });

  it('fetches a commit by its hash, whole or abbreviated, in the middle of history', async () => {
    const middle = commit(repository, { 'a.txt': 'middle\n' }, 'middle');
    commit(repository, { 'a.txt': 'last\n' }, 'last');
    const source = open();
    expect(await source.fetch({ commit: middle.toUpperCase() })).toEqual({ revision: middle, ref: '' });
    const again = open(repository, { cacheDirectory: join(folder.path, 'other') });
    expect((await again.fetch({ commit: middle.slice(0, 10) })).revision).toBe(middle);
    expect(text((await again.tree(middle).read(await again.tree(middle).walk('')))[0])).toBe('middle\n');
  });

  it('goes through all of history where the remote hands out no single commits', async () => {
    const middle = commit(repository, { 'a.txt': 'middle\n' }, 'middle');
    const last = commit(repository, { 'a.txt': 'last\n' }, 'last');
    git(repository, 'bundle', 'create', '-q', join(folder.path, 'r.bundle'), 'main');
    const source = open(join(folder.path, 'r.bundle'));
    expect((await source.fetch({ commit: middle })).revision).toBe(middle);
    expect((await source.fetch({ branch: 'main' })).revision).toBe(last);
    expect((await failure(source.fetch({ head: true }))).code).toBe('SOURCE_HEAD_DANGLING');
  });

  it('tells an ambiguous abbreviation', async () => {
    const tree = git(repository, 'rev-parse', 'HEAD^{tree}');
    const seen = new Map<string, number>();
    let pair: [number, number] | undefined;
    for (let i = 0; pair === undefined; i++) {
      const body = `tree ${tree}\nauthor Ada Example <ada@example.com> 1700000000 +0100\ncommitter Bob Example <bob@example.com> 1700000100 +0000\n\n${i}\n`;
      const start = createHash('sha1').update(`commit ${body.length}\0${body}`).digest('hex').slice(0, 4);
      const other = seen.get(start);
      if (other !== undefined) pair = [other, i];
      seen.set(start, i);
    }
    const [one, two] = pair.map((i) => git(repository, 'commit-tree', '-m', String(i), tree)) as [string, string];
    git(repository, 'branch', 'one', one);
    git(repository, 'branch', 'two', two);
    const source = open();
    const error = await failure(source.fetch({ commit: one.slice(0, 4) }));
    expect(error.code).toBe('SOURCE_COMMIT_AMBIGUOUS');
    expect([one, two]).toEqual(expect.arrayContaining(error.details['commits'] as string[]));
    expect((await source.fetch({ commit: one.slice(0, 12) })).revision).toBe(one);
  });

  it('reads a repository that uses SHA-256', async () => {
    const other = join(folder.path, 'sha256');
    git(folder.path, 'init', '-q', '-b', 'main', '--object-format=sha256', other);
    const revision = commit(other, { f: 'x' }, 'one');
    const source = open(other);
    expect((await source.fetch({ head: true })).revision).toBe(revision);
    expect(await source.tree(revision).walk('')).toHaveLength(1);
    expect((await source.resolve({ commit: revision.slice(0, 8) })).revision).toBe(revision);
  });

  it('reads a shallow clone and a bare repository', async () => {
    const revision = commit(repository, { b: 'b' }, 'second');
    git(folder.path, 'clone', '-q', '--depth=1', `file://${repository}`, 'shallow');
    git(folder.path, 'clone', '-q', '--bare', repository, 'bare.git');
    for (const name of ['shallow', 'bare.git']) expect((await open(join(folder.path, name)).fetch({ head: true })).revision).toBe(revision);
  });

  it('is found relative to a base directory', async () => {
    const source = open('./repository', { baseDirectory: folder.path });
    expect(source.url).toBe(`file://${repository}`);
    expect((await source.resolve({ head: true })).ref).toBe('refs/heads/main');
  });
});

describe('what a repository lacks', () => {
  it('names the branches that are near', async () => {
    git(repository, 'branch', 'production');
    git(repository, 'tag', 'v1.0.0');
    const source = open();
    const error = await failure(source.fetch({ branch: 'prodution' }));
    expect(error).toMatchObject({ code: 'SOURCE_BRANCH_MISSING', transient: false, hint: 'Did you mean "production"?' });
    expect(error.message).toContain('main, production');
    expect((await failure(source.resolve({ branch: 'v1.0.0' }))).hint).toContain('There is a tag of that name');
    expect(await failure(source.resolve({ tag: 'v1.0.1' }))).toMatchObject({ code: 'SOURCE_TAG_MISSING', hint: 'Did you mean "v1.0.0"?' });
    const gone = await failure(source.fetch({ commit: '0123456789012345678901234567890123456789' }));
    expect(gone.code).toBe('SOURCE_COMMIT_MISSING');
    expect((await failure(source.fetch({ commit: '0123456' }))).code).toBe('SOURCE_COMMIT_MISSING');
    expect((await source.fetch({ branch: 'main' })).ref).toBe('refs/heads/main');
  });

  it('tells an empty repository from one whose HEAD is dangling', async () => {
    const empty = join(folder.path, 'empty');
    git(folder.path, 'init', '-q', empty);
    expect((await failure(open(empty).fetch({ head: true }))).code).toBe('SOURCE_EMPTY');
    expect((await failure(open(empty).fetch({ branch: 'main' }))).code).toBe('SOURCE_EMPTY');
    git(repository, 'symbolic-ref', 'HEAD', 'refs/heads/gone');
    const error = await failure(open().fetch({ head: true }));
    expect(error).toMatchObject({ code: 'SOURCE_HEAD_DANGLING', details: { branches: ['main'] } });
    expect(error.message).toContain('Its only branch is main');
  });

  it('refuses a tag or hash of something that is no commit', async () => {
    git(repository, 'tag', 'blob', 'HEAD:a.txt');
    git(repository, 'tag', '-a', 'v1', '-m', 'm');
    const source = open();
    expect((await failure(source.fetch({ tag: 'blob' }))).code).toBe('SOURCE_NOT_A_COMMIT');
    const error = await failure(source.fetch({ commit: git(repository, 'rev-parse', 'v1') }));
    expect(error).toMatchObject({ code: 'SOURCE_NOT_A_COMMIT', hint: expect.stringContaining('annotated tag') });
    expect((await source.fetch({ tag: 'v1' })).ref).toBe('refs/tags/v1');
  });

  it('tells a path that is missing from one that is no repository', async () => {
    expect((await failure(open(join(folder.path, 'none')).fetch({ head: true }))).code).toBe('SOURCE_PATH_MISSING');
    writeFiles(folder.path, { 'plain/x': '1' });
    expect((await failure(open(join(folder.path, 'plain')).fetch({ head: true }))).code).toBe('SOURCE_NOT_FOUND');
  });
});

describe('the git program', () => {
  it('may be missing or too old', async () => {
    const bin = join(folder.path, 'bin');
    writeFiles(folder.path, { 'bin/other': '' });
    const missing = open(repository, { env: { PATH: bin } });
    expect(await failure(missing.fetch({ head: true }))).toMatchObject({ code: 'SOURCE_GIT_MISSING' });
    writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.17.1\n', { mode: 0o755 });
    const old = await failure(missing.fetch({ head: true }));
    expect(old.code).toBe('SOURCE_GIT_OLD');
    expect(old.message).toContain('2.17.1');
    rmSync(join(bin, 'git'));
  });

  it('is not used after close, and its private folder is gone', async () => {
    const before = new Set(readdirSync(folder.path));
    const source = open(repository, { env: { PATH: process.env['PATH'], TMPDIR: folder.path } });
    await source.fetch({ head: true });
    expect(readdirSync(folder.path).filter((name) => name.startsWith('evenkeel-git-'))).toHaveLength(1);
    await source.close();
    expect(readdirSync(folder.path).filter((name) => !before.has(name))).toEqual(['cache']);
    expect((await failure(source.fetch({ head: true }))).code).toBe('SOURCE_CLOSED');
  });

  it('gets no text of ours as an option, whatever the URL and the ref', async () => {
    const log = join(folder.path, 'args');
    writeFiles(folder.path, { 'bin/x': '' });
    writeFileSync(
      join(folder.path, 'bin/git'),
      `#!/bin/sh\nfor arg in "$@"; do [ "$arg" = version ] && { echo git version 2.40.0; exit; }; done\nprintf '%s\\0' "$@" >> '${log}'\nprintf '\\n\\0' >> '${log}'\n`,
      { mode: 0o755 },
    );
    const piece = fc.constantFrom(
      '-',
      '--upload-pack=x',
      '--',
      'ext::',
      'https://',
      'ssh://',
      '@',
      ':',
      '/',
      'host',
      'a/b',
      '-o',
      'main',
      ' ',
      '\n',
    );
    const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(word, fc.constant('company/r'), fc.constant('git@h:r')),
        word,
        fc.constantFrom('branch', 'tag', 'commit'),
        async (url, name, kind) => {
          writeFileSync(log, '');
          let error: unknown;
          try {
            const source = open(url, { env: { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}` } });
            await source.resolve({ [kind]: name } as Ref);
          } catch (thrown) {
            error = thrown;
          }
          expect(error === undefined || error instanceof EvenkeelError).toBe(true);
          for (const call of readFileSync(log, 'utf8')
            .split('\n\0')
            .filter((each) => each !== '')) {
            const args = call.split('\0').slice(0, -1);
            const end = args.indexOf('--end-of-options');
            expect(args.slice(0, end).filter((arg) => [url, name].includes(arg))).toEqual([]);
            expect(args.slice(end + 1).filter((arg) => arg.startsWith('-'))).toEqual([]);
            reached++;
          }
        },
      ),
      {
        numRuns: 25,
        examples: [
          ['company/r', 'main', 'branch'],
          ['git@h:r', 'main', 'tag'],
        ],
      },
    );
    expect(reached).toBeGreaterThan(1);
  });

  it('comes back when the system has cleared its private folder away', async () => {
    const source = open(repository, { env: { PATH: process.env['PATH'], TMPDIR: folder.path } });
    await source.fetch({ head: true });
    for (const name of readdirSync(folder.path)) if (name.startsWith('evenkeel-git-')) rmSync(join(folder.path, name), { recursive: true });
    const next = commit(repository, { c: 'c' }, 'next');
    expect((await source.fetch({ head: true })).revision).toBe(next);
  });
});
