import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../index.js';
import { applyType, clientOf, inDefault } from './client.js';

let folder: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-sandbox-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

const maps = inDefault('configmaps');
const script = (file: string) => `
  import { createSandbox, serveSandbox } from ${JSON.stringify(new URL('../../../dist/sandbox.js', import.meta.url).href)};
  const server = await serveSandbox(await createSandbox({ file: ${JSON.stringify(file)}, pace: 0 }), { port: 0, tokens: 't,t,t,"system:masters"\\n' });
  process.stdout.write(server.port + '\\n');`;

/** Serves a file in a process of its own; resolves with its port. */
function serve(file: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(file)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve({ child, port: Number(String(data).trim()) }));
    child.once('exit', () => reject(new Error('it ended before it listened')));
  });
}

/** What the server has said of each name: its number, or that it is gone. */
type Acknowledged = Map<string, number | 'gone'>;

/** Creates, changes and deletes one object after the other until the connection breaks. */
async function write(port: number, worker: string, known: Acknowledged, answered: () => void): Promise<void> {
  const headers = { authorization: 'Bearer t', 'content-type': applyType['content-type'] };
  const url = (name: string) => `http://127.0.0.1:${port}${maps}/${name}?fieldManager=test&force=true`;
  for (let n = 1; ; n++) {
    const name = `${worker}-${n % 7}`;
    const remove = n % 5 === 0;
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { n: String(n) } });
    const before = known.get(name);
    // Until it is answered, either state may be what is kept.
    known.delete(name);
    try {
      const answer = await fetch(url(name), remove ? { method: 'DELETE', headers } : { method: 'PATCH', headers, body });
      await answer.arrayBuffer();
      if (remove && answer.status === 404) known.set(name, before ?? 'gone');
      else if (answer.status >= 300) return;
      else known.set(name, remove ? 'gone' : n);
      answered();
    } catch {
      return;
    }
  }
}

describe('a server that is killed while many write', () => {
  it('has all that it acknowledged when its file is opened again', { timeout: 60_000 }, async () => {
    const file = join(folder, 'killed.db');
    const known: Acknowledged = new Map();
    for (let round = 0; round < 3; round++) {
      const { child, port } = await serve(file);
      let left = 60 + 25 * round;
      const answered = () => {
        if (--left === 0) child.kill('SIGKILL');
      };
      await Promise.all(Array.from({ length: 6 }, (_, i) => write(port, `w${round}-${i}`, known, answered)));
    }
    expect(known.size).toBeGreaterThan(40);
    const sandbox = await createSandbox({ file, controllers: false });
    const { body } = await clientOf(sandbox.wire)('GET', maps);
    await sandbox.close();
    const kept = new Map(body.items.map((o: { metadata: { name: string }; data: { n: string } }) => [o.metadata.name, Number(o.data.n)]));
    const lost = [...known].filter(([name, n]) => (n === 'gone' ? kept.has(name) : kept.get(name) !== n));
    expect(lost).toEqual([]);
  });
});
