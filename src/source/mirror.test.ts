import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.js';
import { openSource } from './source.js';
import { commit, failure, git, makeRepository, temporaryFolder, text } from './testing.js';
import type { Source } from './types.js';

let folder: { path: string; remove(): void };
let repository: string;
let opened: Source[];

beforeEach(() => {
  folder = temporaryFolder();
  repository = makeRepository(join(folder.path, 'r'), { 'a.txt': 'one\n', 'b.txt': 'b\n' });
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  folder.remove();
});

function open(): Source {
  const source = openSource({ url: repository, cacheDirectory: join(folder.path, 'cache'), environment: 'controller' });
  opened.push(source);
  return source;
}

const mirror = () => join(folder.path, 'cache', readdirSync(join(folder.path, 'cache')).find((name) => name.endsWith('.git')) as string);
const packs = () => readdirSync(join(mirror(), 'objects/pack')).filter((name) => name.endsWith('.pack'));

async function readAll(source: Source, revision: string): Promise<string[]> {
  const tree = source.tree(revision);
  return (await tree.read(await tree.walk(''))).map(text);
}

describe('a damaged mirror', () => {
  it.each<[string, () => void]>([
    ['without HEAD', () => rmSync(join(mirror(), 'HEAD'))],
    ['without objects', () => rmSync(join(mirror(), 'objects'), { recursive: true })],
    ['gone', () => rmSync(mirror(), { recursive: true })],
    ['with an unreadable config', () => writeFileSync(join(mirror(), 'config'), '[core\n')],
    ['with a shallow file of rubbish', () => writeFileSync(join(mirror(), 'shallow'), 'rubbish\n')],
    [
      'with lock files that a killed git left',
      () => ['shallow.lock', 'packed-refs.lock'].forEach((name) => void writeFileSync(join(mirror(), name), '')),
    ],
    [
      'with a pack cut short',
      () =>
        packs().forEach((name) => {
          spawnSync('chmod', ['u+w', join(mirror(), 'objects/pack', name)]);
          truncateSync(join(mirror(), 'objects/pack', name), 40);
        }),
    ],
  ])('%s is built anew by the next fetch that needs it', async (_, damage) => {
    const before = open();
    await before.fetch({ head: true });
    await before.close();
    damage();
    const next = commit(repository, { 'a.txt': 'two\n' }, 'second');
    const source = open();
    expect((await source.fetch({ head: true })).revision).toBe(next);
    expect(await readAll(source, next)).toEqual(['two\n', 'b\n']);
  });

  it('that has lost a blob says so once, and the next fetch repairs it', async () => {
    const first = open();
    const { revision } = await first.fetch({ head: true });
    await first.close();
    for (const name of readdirSync(join(mirror(), 'objects/pack'))) rmSync(join(mirror(), 'objects/pack', name), { force: true });
    const source = open();
    await source.fetch({ head: true });
    expect(await failure(readAll(source, revision))).toMatchObject({ code: 'SOURCE_CACHE_BROKEN', transient: true });
    await source.fetch({ head: true });
    expect(await readAll(source, revision)).toEqual(['one\n', 'b\n']);
  });

  it('is repaired under the feet of a source that is reading from it', async () => {
    const reader = open();
    const { revision } = await reader.fetch({ head: true });
    await readAll(reader, revision);
    rmSync(mirror(), { recursive: true });
    const other = open();
    await other.fetch({ head: true });
    const entry = (await other.tree(revision).walk(''))[0];
    expect(text((await reader.tree(revision).read(entry === undefined ? [] : [entry]))[0])).toBe('one\n');
  });

  it('that cannot be written is an error that says where', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    const source = openSource({ url: repository, cacheDirectory: join(folder.path, 'file/cache'), environment: 'controller' });
    opened.push(source);
    expect((await failure(source.fetch({ head: true }))).code).toBe('SOURCE_CACHE_UNUSABLE');
  });
});

describe('growth', () => {
  it('is bounded: packs are put together, revisions unused for long are dropped, the rest stays readable', async () => {
    const source = open();
    const { revision: first } = await source.fetch({ head: true });
    const { revision: second } = await source.fetch({ commit: commit(repository, { 'a.txt': 'second\n' }, 'second') });
    const markers = join(mirror(), 'evenkeel/revisions');
    const pack = join(mirror(), 'objects/pack');
    const fill = (count: number) => {
      for (let i = 0; i < count; i++) writeFileSync(join(markers, i.toString(16).padStart(40, '0')), '');
    };
    fill(70);
    const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
    utimesSync(join(markers, first), old, old);
    // As many packs as many fetches would leave: the fetched one under other names.
    const one = (packs()[0] as string).slice(0, -5);
    for (let i = 0; i < 41; i++)
      for (const ending of ['pack', 'idx'])
        writeFileSync(join(pack, `pack-${i.toString(16).padStart(40, '0')}.${ending}`), readFileSync(join(pack, `${one}.${ending}`)));
    const next = commit(repository, { 'a.txt': 'third\n' }, 'third');
    await source.fetch({ head: true });
    expect(packs().length).toBeLessThanOrEqual(2);
    expect((await failure(readAll(source, first))).code).toBe('SOURCE_REVISION_MISSING');
    expect(git(mirror(), 'for-each-ref', '--format=%(refname)')).not.toContain(first);
    expect(spawnSync('git', ['-C', mirror(), 'cat-file', '-e', first]).status).not.toBe(0);
    expect(await readAll(source, second)).toEqual(['second\n', 'b\n']);
    expect(await readAll(source, next)).toEqual(['third\n', 'b\n']);
    expect((await source.fetch({ commit: first })).revision).toBe(first);
    expect(await readAll(source, first)).toEqual(['one\n', 'b\n']);
  });
});

describe('several at once', () => {
  it('two processes that fetch from one mirror do not disturb each other', async () => {
    const program = join(folder.path, 'program.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'index.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder.path, 'source.mjs'),
      logLevel: 'error',
    });
    writeFileSync(
      program,
      `import { openSource } from './source.mjs';
       const source = openSource({ url: process.argv[2], cacheDirectory: process.argv[3], environment: 'controller' });
       for (let i = 0; i < 8; i++) {
         const { revision } = await source.fetch(i % 4 === 3 ? { commit: process.argv[4].slice(0, 8) } : { branch: 'b' + ((i + Number(process.argv[5])) % 6) });
         const tree = source.tree(revision);
         if ((await tree.read(await tree.walk(''))).length < 2) throw new Error('files are missing');
       }
       await source.close();`,
    );
    const revision = git(repository, 'rev-parse', 'HEAD');
    for (let i = 0; i < 6; i++) {
      commit(repository, { 'a.txt': `${i}\n`, [`d/${i}`]: `${i}` }, `b${i}`);
      git(repository, 'branch', `b${i}`);
    }
    const results = await Promise.all(
      [0, 3].map(
        (start) =>
          new Promise<string>((done) => {
            const child = spawn(process.execPath, [program, repository, join(folder.path, 'cache'), revision, String(start)], {
              stdio: ['ignore', 'ignore', 'pipe'],
            });
            let said = '';
            child.stderr.on('data', (chunk: Buffer) => {
              said += chunk.toString();
            });
            child.on('close', (code) => done(`${code}${said}`));
          }),
      ),
    );
    expect(results).toEqual(['0', '0']);
    expect(spawnSync('git', ['-C', mirror(), 'fsck', '--no-dangling']).status).toBe(0);
    expect(existsSync(`${mirror()}.lock`)).toBe(false);
  });

  it('many calls in one process share a source', async () => {
    for (let i = 0; i < 5; i++) {
      commit(repository, { 'a.txt': `${i}\n` }, `b${i}`);
      git(repository, 'branch', `b${i}`);
    }
    const [one, two] = [open(), open()];
    const found = await Promise.all(
      [0, 1, 2, 3, 4, 0, 1, 2].map(async (i) =>
        readAll(i % 2 === 0 ? one : two, (await (i % 2 === 0 ? one : two).fetch({ branch: `b${i}` })).revision),
      ),
    );
    expect(found.map((files) => files[0])).toEqual([0, 1, 2, 3, 4, 0, 1, 2].map((i) => `${i}\n`));
  });
});

describe('withLock', () => {
  const path = () => join(folder.path, 'x.lock');
  const hold = (holder: object, ageMs = 0) => {
    writeFileSync(path(), JSON.stringify(holder));
    const then = new Date(Date.now() - ageMs);
    utimesSync(path(), then, then);
  };

  it('lets one in at a time, and others after a failure', async () => {
    let inside = 0;
    let most = 0;
    const enter = (fail: boolean) =>
      withLock({ path: path(), waitMs: 20_000 }, async () => {
        most = Math.max(most, ++inside);
        await new Promise((done) => setTimeout(done, 2));
        inside--;
        if (fail) throw new Error('inside');
      }).catch(() => undefined);
    await Promise.all(Array.from({ length: 10 }, (_, i) => enter(i % 3 === 0)));
    expect(most).toBe(1);
    expect(existsSync(path())).toBe(false);
  });

  it('takes over from a process that is dead, or whose id was given to another', async () => {
    const dead = spawnSync('true').pid;
    for (const holder of [
      { host: hostname(), pid: dead, start: '1', token: 'x' },
      ...(existsSync('/proc/self/stat') ? [{ host: hostname(), pid: process.pid, start: '1', token: 'x' }] : []),
    ]) {
      hold(holder);
      expect(await withLock({ path: path(), waitMs: 20_000 }, async () => 'in')).toBe('in');
    }
    hold({ host: 'elsewhere', pid: 1, start: '1', token: 'x' }, 120_000);
    expect(await withLock({ path: path(), waitMs: 20_000 }, async () => 'in')).toBe('in');
    writeFileSync(path(), '');
    utimesSync(path(), new Date(0), new Date(0));
    expect(await withLock({ path: path(), waitMs: 20_000 }, async () => 'in')).toBe('in');
  });

  it('waits for one that lives, until its patience or the caller ends', async () => {
    hold({ host: 'elsewhere', pid: 1, start: '1', token: 'x' });
    expect((await failure(withLock({ path: path(), waitMs: 20 }, async () => 'in'))).code).toBe('SOURCE_CACHE_BUSY');
    expect((await failure(withLock({ path: path(), waitMs: 20_000, signal: AbortSignal.timeout(20) }, async () => 'in'))).code).toBe(
      'CANCELLED',
    );
    mkdirSync(join(folder.path, 'none'));
    expect((await failure(withLock({ path: join(folder.path, 'none/deeper/x'), waitMs: 20 }, async () => 'in'))).code).toBe(
      'SOURCE_CACHE_UNUSABLE',
    );
  });
});
