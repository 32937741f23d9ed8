import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../test/support/modules.js';
import { matcher } from './files/glob.js';

let lab: ModuleLab;
let outside: string;
beforeAll(async () => {
  lab = await moduleLab();
  outside = mkdtempSync(join(tmpdir(), 'evenkeel-outside-'));
  writeFileSync(join(outside, 'secret'), 'secret');
});
afterAll(async () => {
  await lab.close();
  rmSync(outside, { recursive: true });
});

describe('files', () => {
  test('are written whole, read, listed, copied, moved and removed', async () => {
    const { fs } = lab.modules;
    await fs.write('a/b.txt', 'grün');
    await fs.append('a/b.txt', '!');
    expect(await fs.readText('a/b.txt')).toBe('grün!');
    await fs.write('a/raw', new Uint8Array([0, 255]), { mode: '600' });
    expect([...(await fs.readBytes('a/raw'))]).toEqual([0, 255]);
    expect((statSync(join(lab.folder, 'a/raw')).mode & 0o777).toString(8)).toBe('600');
    await fs.write('a/raw', 'again');
    expect(await fs.stat('a/raw')).toMatchObject({ path: 'a/raw', type: 'file', size: 5, mode: '600' });
    await fs.makeFolder('a/deep/er');
    await fs.copy('a/b.txt', 'a/deep/er/c.yaml');
    await expect(fs.copy('a/raw', 'a/b.txt')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect((await fs.list('a')).map((entry) => `${entry.type} ${entry.path}`)).toEqual(['file b.txt', 'folder deep', 'file raw']);
    expect((await fs.list('a', { match: '**/*.{yaml,yml}' })).map((entry) => entry.path)).toEqual(['deep/er/c.yaml']);
    await fs.move('a/raw', 'b/moved');
    await expect(fs.write('b/moved', 'x', { exclusive: true })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await expect(fs.remove('a')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect([await fs.remove('a', { recursive: true }), await fs.remove('a'), await fs.exists('a'), await fs.exists('b/moved')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(readdirSync(join(lab.folder, 'b'))).toEqual(['moved']);
  });

  test('that are absent, too large, no text or no files say so', async () => {
    const { fs } = lab.modules;
    await fs.write('big', 'x'.repeat(100));
    await fs.write('binary', new Uint8Array([255]));
    execFileSync('mkfifo', [join(lab.folder, 'pipe')]);
    await expect(fs.readText('none')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(fs.readText('big/none')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(fs.readText('big', { maxBytes: 99 })).rejects.toMatchObject({ code: 'FILE_TOO_BIG' });
    await expect(fs.readText('binary')).rejects.toMatchObject({ code: 'FILE_FAILED', hint: /readBytes/ as never });
    await expect(fs.readText('.')).rejects.toMatchObject({ code: 'FILE_FAILED' });
    await expect(fs.readText('pipe')).rejects.toMatchObject({ code: 'FILE_FAILED' });
    await expect(fs.write('b', 'x', { mode: '999' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(await fs.stat('none')).toBeUndefined();
  });

  test('outside of the working directory are out of reach, whatever leads there', async () => {
    const { fs } = lab.modules;
    symlinkSync(outside, join(lab.folder, 'out'));
    symlinkSync(join(outside, 'secret'), join(lab.folder, 'link'));
    symlinkSync(join(outside, 'not-yet'), join(lab.folder, 'dangling'));
    for (const path of [
      '..',
      '../x',
      '/etc/hostname',
      'out/secret',
      'link',
      'dangling',
      'out/new/file',
      'a/../../x',
      '.evenkeel/state.db.key',
      './.evenkeel',
    ])
      for (const attempt of [
        fs.readText(path),
        fs.write(path, 'x'),
        fs.append(path, 'x'),
        fs.list(path),
        fs.copy(path, 'copy'),
        fs.exists(path),
      ])
        await expect(attempt, path).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    for (const path of ['.', '../x', 'out/secret', '']) await expect(fs.remove(path, { recursive: true }), path).rejects.toThrow();
    await expect(fs.move('.', 'elsewhere')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
    await expect(fs.readText('a\0b')).rejects.toMatchObject({ code: 'FILE_PATH_INVALID' });
    expect(await fs.remove('link')).toBe(true);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect((await fs.list('.')).find((entry) => entry.path === 'out')?.type).toBe('link');
  });

  test('of further folders are there where the host says so', async () => {
    const { fs } = lab.with({ folders: [outside] });
    expect(await fs.readText(join(outside, 'secret'))).toBe('secret');
    await expect(fs.remove(outside, { recursive: true })).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
  });

  test('any path ends inside or in an error', async () => {
    const { fs } = lab.modules;
    mkdirSync(join(lab.folder, 'play'), { recursive: true });
    const part = fc.constantFrom('..', '.', 'play', 'out', '', '/', 'x', '…', '.evenkeel', 'dangling');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        await fs.append(parts.join('/'), 'x').catch((error: { code: string }) => expect(error.code).toMatch(/^FILE_/));
      }),
      { numRuns: 50 },
    );
    expect(readdirSync(outside)).toEqual(['secret']);
  });
});

describe('patterns', () => {
  test.each<[string, string, boolean]>([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'a/b.yaml', false],
    ['**/*.yaml', 'b.yaml', true],
    ['a/**', 'a/b/c', true],
    ['a/**/z', 'a/z', true],
    ['?[a-c][!x]', 'zby', true],
    ['?[a-c][!x]', 'zbx', false],
    ['{a,b{c,d}}.txt', 'bd.txt', true],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'a1c2b', false],
    ['.(x)+', '.(x)+', true],
  ])('%s for %s is %s', (pattern, path, expected) => {
    expect(matcher(pattern)(path)).toBe(expected);
  });

  test('take no time that grows with their stars', () => {
    expect(matcher('*a'.repeat(200))('a'.repeat(5000).concat('b'))).toBe(false);
    expect(matcher('**/'.repeat(100).concat('z'))('a/'.repeat(500).concat('b'))).toBe(false);
    expect(matcher('{a,b}'.repeat(60))('x')).toBe(false);
  });
});
