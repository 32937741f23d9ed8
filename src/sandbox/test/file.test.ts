import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../index.js';
import { clientOf, configMap, inDefault } from './client.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-sandbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const maps = inDefault('configmaps');
const open = (file: string) => createSandbox({ file, controllers: false });

describe('the sandbox file', () => {
  it('keeps everything, versions included', async () => {
    const file = join(folder, 'a.db');
    const first = await open(file);
    const ask = clientOf(first.wire);
    await ask('POST', maps, configMap('a', { k: 'v' }));
    await ask('POST', maps, configMap('b'));
    await ask('DELETE', `${maps}/b`);
    const before = (await ask('GET', maps)).body;
    await first.close();
    const second = await open(file);
    const after = (await clientOf(second.wire)('GET', maps)).body;
    expect(after.items).toEqual(before.items);
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(before.metadata.resourceVersion));
    const old = await clientOf(second.wire)('GET', `${maps}?watch=true&resourceVersion=2`);
    expect(old.body).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    await second.close();
  });

  it('belongs to one opener, who is named', async () => {
    const file = join(folder, 'a.db');
    const first = await open(file);
    await expect(open(file)).rejects.toMatchObject({
      code: 'SANDBOX_BUSY',
      message: expect.stringContaining(String(process.pid)),
      hint: expect.stringContaining('evenkeel sandbox'),
    });
    await first.close();
    await (await open(file)).close();
  });

  it('is not touched where it is none of ours', async () => {
    const text = join(folder, 'text');
    writeFileSync(text, 'not a database at all, and longer than any header would be\n'.repeat(20));
    const before = readFileSync(text);
    await expect(open(text)).rejects.toMatchObject({ code: 'SANDBOX_FILE_INVALID', where: { file: text } });
    expect(readFileSync(text)).toEqual(before);
    const other = join(folder, 'other.db');
    const db = new Database(other);
    db.exec('CREATE TABLE t (a)');
    db.close();
    const bytes = readFileSync(other);
    await expect(open(other)).rejects.toMatchObject({ code: 'SANDBOX_FILE_INVALID' });
    expect(readFileSync(other)).toEqual(bytes);
  });

  it('has every acknowledged write after a kill', async () => {
    const file = join(folder, 'killed.db');
    const script = `
      import { loadRoom } from ${JSON.stringify(new URL('../../../scripts/conformance/load.mjs', import.meta.url).href)};
      const { createSandbox } = await loadRoom('sandbox');
      const { wire } = await createSandbox({ file: ${JSON.stringify(file)}, controllers: false });
      for (let i = 0; ; i++) {
        const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c-' + i } });
        const { status } = await wire({ method: 'POST', path: ${JSON.stringify(maps)}, headers: {}, body });
        if (status !== 201) process.exit(1);
        process.stdout.write(i + '\\n');
        await new Promise((resolve) => setImmediate(resolve));
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = '';
    for await (const piece of child.stdout) {
      acknowledged += String(piece);
      if (acknowledged.split('\n').length > 200) child.kill('SIGKILL');
    }
    const last = Number(acknowledged.trimEnd().split('\n').at(-1));
    const again = await open(file);
    const names = (await clientOf(again.wire)('GET', maps)).body.items.map(
      (i: { metadata: { name: string } }) => i.metadata.name,
    ) as string[];
    await again.close();
    for (let i = 0; i < last; i++) expect(names).toContain(`c-${i}`);
  });

  it('of a newer format is refused', async () => {
    const file = join(folder, 'a.db');
    await (await open(file)).close();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    await expect(open(file)).rejects.toMatchObject({ code: 'SANDBOX_FILE_VERSION' });
  });
});
