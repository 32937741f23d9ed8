import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { bundleScript, entry, repository, resource, run, temporaryFolders, workflow } from '../../test/support/store.js';
import { systemClock, systemRandom } from '../model/index.js';
import { connectSqlite } from './connect.js';
import { prepareFile } from './files.js';
import { openStore } from './index.js';
import type { Migration } from './migrations/index.js';
import { migrations } from './migrations/index.js';

const folder = temporaryFolders();
const open = (file: string) => openStore({ file, clock: systemClock });
const connect = (file: string, steps?: readonly (() => Promise<Migration>)[]) => {
  prepareFile(file);
  return connectSqlite({ file, keyFile: `${file}.key`, clock: systemClock, random: systemRandom, ...(steps ? { migrations: steps } : {}) });
};
const version = (file: string) => {
  const raw = new Database(file, { readonly: true });
  const found = raw.pragma('user_version', { simple: true });
  raw.close();
  return found;
};

describe('migrations', () => {
  const step =
    (text: string): (() => Promise<Migration>) =>
    async () => ({ up: async (db) => void (await sql.raw(text).execute(db)) });

  test('a store of a newer version is refused and left alone', async () => {
    const file = join(folder(), 'store.db');
    await (await connect(file, [...migrations, step('create table later (x)')])).store.close();
    const before = readFileSync(file);
    await expect(open(file)).rejects.toMatchObject({
      code: 'STORE_TOO_NEW',
      where: { file },
      details: { version: migrations.length + 1, latest: migrations.length },
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('an older store is brought up with what it holds', async () => {
    const file = join(folder(), 'store.db');
    const first = await open(file);
    await first.repositories.put(repository('r'));
    await first.close();
    const { store, db } = await connect(file, [...migrations, step("alter table repositories add column note text not null default 'n'")]);
    expect((await store.repositories.get('r'))?.id).toBe('r');
    expect((await sql<{ note: string }>`select note from repositories`.execute(db)).rows).toEqual([{ note: 'n' }]);
    await store.close();
    expect(version(file)).toBe(migrations.length + 1);
  });

  test('a migration that fails leaves everything as it was', async () => {
    const file = join(folder(), 'store.db');
    const first = await open(file);
    await first.repositories.put(repository('r'));
    await first.close();
    const bad = [...migrations, step('create table half (x)'), step('insert into nowhere values (1)')];
    await expect(connect(file, bad)).rejects.toMatchObject({
      code: 'STORE_MIGRATION',
      message: expect.stringMatching(new RegExp(`migration ${migrations.length + 2} .*nowhere`)),
    });
    expect(version(file)).toBe(migrations.length);
    const { store, db } = await connect(file);
    expect(await store.repositories.list()).toHaveLength(1);
    expect((await sql`select name from sqlite_master where name = 'half'`.execute(db)).rows).toEqual([]);
    await store.close();
  });

  test('opening at once, in one process, migrates once', async () => {
    const file = join(folder(), 'store.db');
    let times = 0;
    const counted: (() => Promise<Migration>)[] = [
      async () => {
        const { up } = await (migrations[0] as () => Promise<Migration>)();
        return { up: (db, engine) => up(db, engine).then(() => void times++) };
      },
    ];
    const opened = await Promise.all([1, 2, 3, 4].map(() => connect(file, counted)));
    expect(times).toBe(1);
    for (const { store } of opened) await store.close();
  });
});

describe('what stands in the way', () => {
  test('a directory, and a file in place of a folder', async () => {
    const place = folder();
    mkdirSync(join(place, 'store.db'));
    await expect(open(join(place, 'store.db'))).rejects.toMatchObject({
      code: 'STORE_PATH',
      message: expect.stringContaining('directory'),
    });
    writeFileSync(join(place, 'plain'), '');
    await expect(open(join(place, 'plain', 'store.db'))).rejects.toMatchObject({ code: 'STORE_PATH' });
    await expect(open(join(place, 'plain', 'deeper', 'store.db'))).rejects.toMatchObject({ code: 'STORE_PATH' });
  });

  test('a file that is no database is refused and left alone', async () => {
    const file = join(folder(), 'store.db');
    const text = 'apiVersion: v1\n'.repeat(500);
    writeFileSync(file, text);
    await expect(open(file)).rejects.toMatchObject({ code: 'STORE_CORRUPT', where: { file } });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test("another program's database is refused and left alone", async () => {
    for (const statement of ['create table theirs (x)', 'pragma application_id = 77']) {
      const file = join(folder(), 'store.db');
      const raw = new Database(file);
      raw.exec(statement);
      raw.close();
      await expect(open(file)).rejects.toMatchObject({ code: 'STORE_FOREIGN' });
      const after = new Database(file);
      expect(after.prepare("select count(*) from sqlite_master where name = 'runs'").pluck().get()).toBe(0);
      after.close();
    }
  });

  test('a damaged page shows as such where it is read', async () => {
    const file = join(folder(), 'store.db');
    const store = await open(file);
    await store.inventory.put(
      'w',
      'c',
      Array.from({ length: 2000 }, (_, i) => entry(i)),
    );
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 40 * 4096);
    writeFileSync(file, bytes);
    const again = await open(file);
    await expect(again.inventory.list('w', 'c')).rejects.toMatchObject({ code: 'STORE_CORRUPT', hint: expect.stringContaining('backup') });
    await again.close();
  });

  test('an empty file becomes a store', async () => {
    const file = join(folder(), 'store.db');
    writeFileSync(file, '');
    const store = await open(file);
    expect(await store.workflows.list()).toEqual([]);
    await store.close();
  });

  test('a name that a URL or SQLite would read as something else is a file', async () => {
    const file = join(folder(), ':memory: a b #?mode=memory%20.db');
    await (await open(file)).close();
    expect(statSync(file).size).toBeGreaterThan(0);
  });

  test('names that cannot be, and links that lead nowhere', async () => {
    const place = folder();
    symlinkSync(join(place, 'gone', 'x'), join(place, 'dangling'));
    symlinkSync('loop', join(place, 'loop'));
    for (const name of ['space.db ', 'nul\u0000.db', 'long'.repeat(100), 'dangling', 'loop'])
      await expect(open(join(place, name)), name).rejects.toMatchObject({ code: 'STORE_PATH' });
    expect(readdirSync(place).sort()).toEqual(['dangling', 'loop']);
  });
});

describe('a full disk', () => {
  test('is told, and nothing is half done', async () => {
    const file = join(folder(), 'store.db');
    const { store, db } = await connect(file);
    await store.repositories.put(repository('r'));
    await store.workflows.put(workflow('w', 'r'));
    await store.runs.put(run('x', 'w'));
    await store.inventory.put('w', 'c', [entry(1)]);
    const limit = async (pages: number) => void (await sql.raw(`pragma max_page_count = ${pages}`).execute(db));
    await limit(1);
    const many = Array.from({ length: 3000 }, (_, i) => entry(i));
    const full = { code: 'STORE_FULL', hint: expect.stringContaining('space') };
    await expect(store.inventory.put('w', 'c', many)).rejects.toMatchObject(full);
    await expect(store.runs.addResources(many.map((_, i) => resource('x', i)))).rejects.toMatchObject(full);
    await expect(store.cache.put('k', [{ key: 'a', value: 'x'.repeat(1e6) }])).rejects.toMatchObject(full);
    expect(await store.inventory.list('w', 'c')).toEqual([entry(1)]);
    expect(await store.runs.resources('x')).toEqual([]);
    expect(await store.cache.get('k', ['a'])).toEqual(new Map());
    await limit(1_000_000);
    await store.inventory.put('w', 'c', many);
    expect(await store.inventory.list('w', 'c')).toHaveLength(3000);
    await store.close();
  });

  test('during the first migration leaves an empty database', async () => {
    const file = join(folder(), 'store.db');
    const filling: () => Promise<Migration> = async () => ({
      async up(db) {
        await sql`pragma max_page_count = 3`.execute(db);
        await sql`create table big (x)`.execute(db);
        await sql`insert into big values (zeroblob(1000000))`.execute(db);
      },
    });
    await expect(connect(file, [filling])).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(version(file)).toBe(0);
    await (await open(file)).close();
  });
});

describe('missing rights', () => {
  // Rights do not bind root, so the child runs as another user where the tests run as root.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const script = `
    import { openStore } from './store/index.js';
    import { systemClock } from './model/index.js';
    try {
      await (await openStore({ file: process.argv[2], clock: systemClock })).close();
      console.log('opened');
    } catch (error) {
      console.log(error.code + ' ' + error.where.file);
    }`;

  test('a read-only file or folder is told at opening', async () => {
    const place = folder();
    chmodSync(place, 0o755);
    const child = await bundleScript(place, script);
    const state = join(place, 'state');
    mkdirSync(state);
    const file = join(state, 'store.db');
    await (await open(file)).close();
    if (nobody.uid !== undefined) for (const path of [state, file]) chownSync(path, nobody.uid, nobody.gid);
    const attempt = async () => (await promisify(execFile)(process.execPath, [child, file], { ...nobody, cwd: '/' })).stdout.trim();
    expect(await attempt()).toBe('opened');
    chmodSync(file, 0o400);
    expect(await attempt()).toBe(`STORE_READ_ONLY ${file}`);
    chmodSync(file, 0o600);
    chmodSync(state, 0o500);
    expect(await attempt()).toBe(`STORE_READ_ONLY ${state}`);
    expect(existsSync(`${file}-wal`)).toBe(false);
    chmodSync(state, 0o700);
    expect(await attempt()).toBe('opened');
  });
});
