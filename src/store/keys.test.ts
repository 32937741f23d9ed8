import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repository, temporaryFolders, workflow } from '../../test/support/store.js';
import { systemClock, systemRandom } from '../model/index.js';
import { openStore } from './index.js';
import { sealer } from './seal.js';

const folder = temporaryFolders();
const open = (file: string) => openStore({ file, clock: systemClock });
const secret = repository('r', { credentials: { type: 'userpass', username: 'ana', password: 'correct-horse-battery' } });

/** Everything that the store left on the disk, except the key. */
function onDisk(file: string): Buffer {
  return Buffer.concat([file, `${file}-wal`, `${file}-shm`].filter((path) => existsSync(path)).map((path) => readFileSync(path)));
}

test('no secret stands in the files, whatever encoding one looks for', async () => {
  const file = join(folder(), 'store.db');
  const store = await open(file);
  await store.repositories.put(secret);
  const key = Buffer.from(await store.secretKey());
  await store.cache.put('render', [{ key: 'abc', value: 'data: {password: correct-horse-battery}' }]);
  const master = Buffer.from(readFileSync(`${file}.key`, 'utf8').trim().split(':')[1] as string, 'base64');
  const check = () => {
    const bytes = onDisk(file);
    expect(bytes.includes('git.example')).toBe(true);
    for (const plain of [Buffer.from('correct-horse-battery'), Buffer.from('userpass'), key, master])
      for (const form of [plain, Buffer.from(plain.toString('base64')), Buffer.from(plain.toString('hex'))])
        expect(bytes.includes(form)).toBe(false);
  };
  check();
  await store.close();
  check();
});

test('a store without secrets needs no key', async () => {
  const file = join(folder(), 'store.db');
  const store = await open(file);
  await store.repositories.put(repository('r'));
  await store.workflows.put(workflow('w', 'r'));
  await store.repositories.list();
  await store.close();
  expect(existsSync(`${file}.key`)).toBe(false);
});

test('a lost key is missed by what needs it, is not made anew, and hinders nothing else', async () => {
  const file = join(folder(), 'store.db');
  let store = await open(file);
  await store.repositories.put(secret);
  await store.cache.put('k', [{ key: 'a', value: 'b' }]);
  await store.close();
  renameSync(`${file}.key`, `${file}.elsewhere`);
  store = await open(file);
  for (const use of [
    () => store.repositories.get('r'),
    () => store.repositories.list(),
    () => store.secretKey(),
    () => store.repositories.put(secret),
  ])
    await expect(use()).rejects.toMatchObject({
      code: 'STORE_KEY_MISSING',
      where: { file: `${file}.key` },
      hint: expect.stringContaining('backup'),
    });
  await store.repositories.put(repository('open'));
  expect(await store.cache.get('k', ['a'])).toEqual(new Map());
  await store.cache.put('k', [{ key: 'c', value: 'd' }]);
  expect(existsSync(`${file}.key`)).toBe(false);
  renameSync(`${file}.elsewhere`, `${file}.key`);
  expect(await store.repositories.get('r')).toEqual(secret);
  expect(await store.cache.get('k', ['a'])).toEqual(new Map([['a', 'b']]));
  await store.close();
});

test("another store's key is refused", async () => {
  const [file, other] = [join(folder(), 'store.db'), join(folder(), 'other.db')];
  for (const path of [file, other]) {
    const store = await open(path);
    await store.repositories.put(secret);
    await store.close();
  }
  renameSync(`${other}.key`, `${file}.key`);
  const store = await open(file);
  await expect(store.repositories.get('r')).rejects.toMatchObject({ code: 'STORE_DECRYPT', hint: expect.stringContaining('fingerprint') });
  await expect(store.repositories.put(secret)).rejects.toMatchObject({ code: 'STORE_DECRYPT' });
  await store.close();
});

test('a sealed value opens in its own record only, and not after a changed bit', async () => {
  const file = join(folder(), 'store.db');
  const store = await open(file);
  await store.repositories.put(secret);
  await store.repositories.put(repository('thief', { credentials: { token: 'mine' } }));
  const raw = new Database(file);
  raw.exec("update repositories set credentials = (select credentials from repositories where id = 'r') where id = 'thief'");
  await expect(store.repositories.get('thief')).rejects.toMatchObject({
    code: 'STORE_DECRYPT',
    details: { record: 'repositories/thief/credentials' },
  });
  const sealed = raw.prepare("select credentials from repositories where id = 'r'").pluck().get() as Buffer;
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  raw.prepare("update repositories set credentials = ? where id = 'r'").run(sealed);
  raw.close();
  await expect(store.repositories.get('r')).rejects.toMatchObject({ code: 'STORE_DECRYPT' });
  await store.close();
});

describe('the key file', () => {
  test.each([0o640, 0o604, 0o660, 0o620, 0o601])('of mode %o is refused with the command that mends it', async (mode) => {
    const file = join(folder(), 'store.db');
    const store = await open(file);
    await store.repositories.put(secret);
    await store.close();
    chmodSync(`${file}.key`, mode);
    const again = await open(file);
    await expect(again.repositories.get('r')).rejects.toMatchObject({ code: 'STORE_KEY_EXPOSED', hint: `Run: chmod 600 ${file}.key` });
    chmodSync(`${file}.key`, 0o600);
    expect(await again.repositories.get('r')).toEqual(secret);
    await again.close();
  });

  test.each(['', 'evenkeel-key-1:', 'evenkeel-key-1:c2hvcnQ=', `evenkeel-key-1:${'!'.repeat(43)}=`, 'x'.repeat(5000)])(
    'holding %j is refused',
    async (text) => {
      const file = join(folder(), 'store.db');
      writeFileSync(`${file}.key`, text, { mode: 0o600 });
      const store = await open(file);
      await expect(store.secretKey()).rejects.toMatchObject({ code: 'STORE_KEY_INVALID', where: { file: `${file}.key` } });
      await store.close();
      expect(readFileSync(`${file}.key`, 'utf8')).toBe(text);
    },
  );

  test('may be kept elsewhere, is made whole and leaves no draft', async () => {
    const [place, keys] = [folder(), folder()];
    const file = join(place, 'store.db');
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ file, keyFile: join(keys, 'k'), clock: systemClock })));
    const made = await Promise.all(stores.map((store) => store.secretKey()));
    expect(new Set(made.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    for (const store of stores) await store.close();
    expect(readdirSync(keys)).toEqual(['k']);
    expect(statSync(join(keys, 'k')).mode & 0o777).toBe(0o600);
    expect(readdirSync(place)).toEqual(['store.db']);
  });

  test('in a folder that is not there is an error that names it', async () => {
    const place = folder();
    const store = await openStore({ file: join(place, 'store.db'), keyFile: join(place, 'gone', 'k'), clock: systemClock });
    await expect(store.secretKey()).rejects.toMatchObject({ where: { file: join(place, 'gone', 'k') } });
    rmSync(place, { recursive: true });
    await store.close();
  });
});

test('seal and open are inverse, and nothing else opens', () => {
  const a = sealer(systemRandom(32), systemRandom);
  const b = sealer(systemRandom(32), systemRandom);
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string(), fc.nat(), (plain, purpose, other, at) => {
      const sealed = a.seal(plain, purpose);
      expect(new Uint8Array(a.open(sealed, purpose) ?? [1, 2])).toEqual(plain);
      expect(b.open(sealed, purpose)).toBeUndefined();
      if (other !== purpose) expect(a.open(sealed, other)).toBeUndefined();
      const changed = Buffer.from(sealed);
      const i = at % changed.length;
      changed[i] = (changed[i] ?? 0) ^ 0x10;
      expect(a.open(changed, purpose)).toBeUndefined();
      expect(a.open(sealed.subarray(0, at % sealed.length), purpose)).toBeUndefined();
      expect(a.seal(plain, purpose).equals(sealed)).toBe(false);
    }),
  );
});
