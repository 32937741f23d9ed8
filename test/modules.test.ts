import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moduleDescriptions } from '../src/modules/index.js';
import { type CliLab, makeCliLab } from './support/cli.js';

const root = join(import.meta.dirname, '..');
const examples = join(root, 'examples/modules');

test('docs/modules.md is what scripts/docs-modules.mjs writes (run it after a change of modules)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'scripts/docs-modules.mjs'), '--print'], {
    maxBuffer: 2 ** 24,
  });
  expect(readFileSync(join(root, 'docs/modules.md'), 'utf8')).toBe(stdout);
});

describe('the examples of the documentation', () => {
  let lab: CliLab;
  let server: Server;
  let url: string;
  const posted: string[] = [];
  beforeAll(async () => {
    lab = makeCliLab();
    for (const file of readdirSync(examples)) copyFileSync(join(examples, file), join(lab.folder, file));
    lab.repository.commit({ 'values.yaml': 'image:\n  name: web\n  tag: v1\n' });
    const bare = join(lab.folder, 'shop.git');
    execFileSync('git', ['clone', '--quiet', '--bare', lab.repository.path, bare], { stdio: 'ignore' });
    mkdirSync(join(lab.folder, 'configs'));
    writeFileSync(
      join(lab.folder, 'configs/settings.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "1"}\n',
    );
    const configs = join(lab.folder, 'configs');
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'one'],
    ])
      execFileSync('git', args, { cwd: configs, stdio: 'ignore' });
    server = createServer((request, answer) => {
      if (request.method === 'POST') posted.push(request.url as string);
      if (request.url === '/none') answer.writeHead(404);
      if (request.url?.startsWith('/tags')) answer.setHeader('content-type', 'application/json');
      request.resume().on('end', () => answer.end(request.url?.startsWith('/tags') ? '["v1","v2"]' : 'ok'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await lab.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** What the one task of an example gave. */
  const outputOf = async (name: string, ...args: string[]) => {
    const result = await lab.run(['run', `${name}.ts`, '-o', 'json', ...args]);
    const [task] = result.status === 0 ? result.json<{ tasks: { output?: unknown; message?: string }[] }>().tasks : [];
    expect(result.status, `${name}: ${result.stderr}`).toBe(0);
    return { output: task?.output, message: task?.message, said: result.stderr };
  };

  const expected: { [name: string]: () => Promise<void> } = {
    log: async () =>
      expect((await outputOf('log')).said).toMatch(/deploying environment=staging replicas=3[\s\S]*rolled back[\s\S]*"as JSON"/),
    prompt: async () => expect((await outputOf('prompt', '--answer', 'eu-west', '--answer', 'yes')).message).toBe('eu-west'),
    exec: async () =>
      expect(await outputOf('exec')).toMatchObject({
        output: { tar: expect.stringMatching(/tar$/) },
        said: expect.stringContaining('building web; v2'),
      }),
    fs: async () => expect((await outputOf('fs')).output).toEqual({ text: 'kind: Deployment\n', kept: true }),
    net: async () => {
      expect((await outputOf('net', '--param', `url=${url}`)).output).toMatchObject({ status: 404, file: { bytes: 2 } });
      expect(posted).toContain('/deployments');
    },
    data: async () =>
      expect((await outputOf('data')).output).toMatchObject({
        json: '{"enabled":true,"ports":[80,443]}',
        yaml: expect.stringContaining('- "80"'),
      }),
    git: async () => {
      const { output } = await outputOf('git', '--param', `repo=${join(lab.folder, 'shop.git')}`);
      const branch = execFileSync('git', ['-C', join(lab.folder, 'shop.git'), 'rev-parse', 'promote-v2'], { encoding: 'utf8' }).trim();
      expect(output).toEqual({ revision: branch });
    },
    kubernetes: async () => expect((await outputOf('kubernetes')).output).toEqual({ pods: 2, health: 'Healthy' }),
    state: async () => expect((await outputOf('state')).output).toEqual({ number: 1, swapped: true }),
    values: async () =>
      expect((await outputOf('values', '--param', 'replicas=5')).output).toMatchObject({
        tag: 'v2',
        host: 'web.example.com',
        debug: false,
        params: { replicas: '5' },
      }),
    template: async () =>
      expect((await outputOf('template')).output).toBe('hosts:\n- "web.example.com"\n- "www.example.com"\ntls: web-tls\n'),
    notifications: async () => {
      const { output, said } = await outputOf(
        'notifications',
        '--param',
        `hook=${url}/hooks/secret`,
        '--param',
        `slack=${url}/services/secret`,
      );
      expect(output).toEqual({ attempts: 1 });
      expect(posted).toEqual(expect.arrayContaining(['/hooks/secret', '/services/secret']));
      expect(said).not.toContain('/hooks/secret');
    },
    metrics: async () => {
      const text = /deployments_total\{environment="staging"\} 1[\s\S]*smoke_test_seconds_count 1/;
      expect((await outputOf('metrics')).output).toMatch(text);
      const [{ run_id: id } = { run_id: '' }] = (await lab.run(['runs', '-o', 'json', '--limit', '1'])).json<{ run_id: string }[]>();
      expect((await lab.run(['runs', id, '--metrics'])).stdout).toMatch(text);
      expect((await lab.run(['runs', id, '-o', 'json'])).json()).toMatchObject({ metrics: [{ name: 'deployments_total' }, {}, {}] });
    },
    ai: async () => expect((await outputOf('ai')).output).toMatchObject({ totalExecutions: 1, successRate: 1, predictions: { count: 1 } }),
    gitops: async () =>
      expect((await outputOf('gitops', '--param', `repo=${join(lab.folder, 'configs')}`)).said).toContain('Creating ConfigMap/settings'),
  };

  test('are there for every module', () => {
    const names = Object.keys(moduleDescriptions).sort();
    expect(Object.keys(expected).sort()).toEqual(names);
    expect(readdirSync(examples).sort()).toEqual(names.map((name) => `${name}.ts`));
  });

  test.each(Object.keys(expected))('%s runs as it stands', async (name) => {
    await expected[name]?.();
  });
});
