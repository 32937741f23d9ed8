#!/usr/bin/env node
// Prints the figures of the README's benchmark table: ratios of two things measured in the same run, since
// machines differ and are noisy.
//   npm run bench [-- --objects 1000 --many 10000 --rounds 3]
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = join(root, 'dist/evenkeel.js');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const objects = option('objects', 1000);
const many = option('many', 10_000);
const rounds = option('rounds', 3);
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const line = (what, figure, bound = '') => console.log(`${what.padEnd(58)} ${figure.padStart(22)}  ${bound}`);

/** Runs a command to its end. @returns wall milliseconds, memory and CPU */
function timed(args, cwd) {
  const usageFile = join(folder, 'usage.json');
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', join(root, 'bench/preload-usage.cjs'), ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, BENCH_USAGE_FILE: usageFile },
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  return { wallMs, ...JSON.parse(readFileSync(usageFile, 'utf8')), stdout };
}

function git(cwd, ...args) {
  return execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8',
  });
}

function commit(repository) {
  git(repository, 'add', '--all');
  git(repository, '-c', 'gc.auto=0', 'commit', '--quiet', '--message', 'bench');
}

/** A mix of kinds, none of which has to be waited for: requests are what is measured. */
function manifest(i, value) {
  const name = `object-${String(i).padStart(6, '0')}`;
  const metadata = { name, labels: { app: 'bench' } };
  if (i % 5 === 1)
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: 'None', selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    };
  if (i % 5 === 2)
    return {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: [value] }],
    };
  if (i % 5 === 3) return { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value, text: 'x'.repeat(200) } };
}

const plural = { Service: 'services', Role: 'roles', ServiceAccount: 'serviceaccounts', ConfigMap: 'configmaps' };

function write(repository, n, change = () => 'v1') {
  mkdirSync(join(repository, 'k8s'), { recursive: true });
  for (let i = 0; i < n; i++) writeFileSync(join(repository, 'k8s', `${i}.json`), JSON.stringify(manifest(i, change(i))));
}

/** A sandbox in a process of its own, in memory, without controllers: an API server and nothing else. */
const running = new Set();

async function serve(workspace) {
  mkdirSync(workspace, { recursive: true });
  const child = spawn(process.execPath, [command, 'sandbox', '--no-controllers', '-o', 'json', '--reset'], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const facts = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text));
    });
    child.once('exit', () => reject(new Error('the sandbox ended')));
  });
  return {
    ...facts,
    stop: () =>
      new Promise((done) => {
        child.once('exit', done);
        child.kill('SIGTERM');
      }),
  };
}

async function firstSync() {
  const repository = join(folder, 'first');
  mkdirSync(repository);
  git(repository, 'init', '--quiet', '--initial-branch=main');
  write(repository, objects);
  commit(repository);
  // A host keeps its repositories packed.
  git(repository, 'gc', '--quiet');
  const bodies = join(folder, 'bodies.json');
  writeFileSync(
    bodies,
    JSON.stringify(
      Array.from({ length: objects }, (_, i) => {
        // The same requests to the letter: with the marks that a sync puts on.
        const object = manifest(i, 'v1');
        const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
        object.metadata.labels = { ...object.metadata.labels, 'evenkeel.dev/workflow': 'k8s-00000000' };
        object.metadata.annotations = { 'evenkeel.dev/tracking': `k8s-00000000:${group}/${object.kind}:default/${object.metadata.name}` };
        object.metadata.namespace = 'default';
        const prefix = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
        return { path: `${prefix}/namespaces/default/${plural[object.kind]}/${object.metadata.name}`, body: JSON.stringify(object) };
      }),
    ),
  );
  const ratios = [];
  const seconds = [];
  let memory = 0;
  const unchanged = [];
  for (let round = 0; round < rounds; round++) {
    const one = join(folder, `bare-${round}`);
    const bareServer = await serve(one);
    const bare = timed([join(root, 'bench/bare-client.mjs'), bareServer.kubeconfig, bodies, '32'], root);
    await bareServer.stop();
    const two = join(folder, `sync-${round}`);
    const server = await serve(two);
    const args = [command, 'sync', '--repo', repository, '--path', 'k8s', '-o', 'json'];
    const sync = timed(args, two);
    const empty = timed(['-e', '0'], two);
    const again = timed(args, two);
    if (JSON.parse(again.stdout).metrics.resources_applied !== 0) throw new Error('the second sync was to send nothing');
    await server.stop();
    ratios.push(sync.wallMs / bare.wallMs);
    seconds.push(sync.wallMs / 1000);
    unchanged.push((again.wallMs - empty.wallMs) / 1000);
    memory = Math.max(memory, sync.maxRssMiB);
  }
  line(`first sync of ${objects} objects ÷ bare client, whole processes`, `${median(ratios).toFixed(2)} ×`, '≤ 1.25 ×');
  line(`  the sync by itself`, `${median(seconds).toFixed(2)} s`);
  line(`sync with nothing changed, ${objects} objects, beyond node -e 0`, `${median(unchanged).toFixed(2)} s`, '≤ 0.5 s');
  line(`peak memory of a first sync of ${objects} objects`, `${Math.round(memory)} MiB`);
}

async function oneOfMany() {
  const repository = join(folder, 'many');
  mkdirSync(repository);
  git(repository, 'init', '--quiet', '--initial-branch=main');
  write(repository, many);
  commit(repository);
  git(repository, 'gc', '--quiet');
  const workspace = join(folder, 'many-workspace');
  const server = await serve(workspace);
  const args = [command, 'sync', '--repo', repository, '--path', 'k8s', '-o', 'json'];
  const first = timed(args, workspace);
  const ratios = [];
  const ones = [];
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    const idle = timed(args, workspace);
    write(repository, 1, () => `round-${round}`);
    commit(repository);
    const one = timed(args, workspace);
    if (JSON.parse(one.stdout).metrics.resources_applied !== 1) throw new Error('one object was to be applied');
    ratios.push(one.wallMs / idle.wallMs);
    ones.push(one.wallMs);
    memory = Math.max(memory, one.maxRssMiB);
  }
  await server.stop();
  line(`commit of 1 object among ${many} ÷ sync with nothing changed`, `${median(ratios).toFixed(2)} ×`);
  line(`  ÷ first sync of the ${many}`, `${(median(ones) / first.wallMs).toFixed(3)} ×`);
  line(`  by itself`, `${(median(ones) / 1000).toFixed(2)} s`);
  line(`peak memory of it`, `${Math.round(memory)} MiB`);
}

function startUp() {
  const ratios = [];
  const beyond = [];
  for (let round = 0; round < Math.max(5, rounds); round++) {
    const empty = timed(['-e', '0'], folder);
    const help = timed([command, '--help'], folder);
    ratios.push(help.wallMs / empty.wallMs);
    beyond.push(help.wallMs - 1.5 * empty.wallMs);
  }
  line('evenkeel --help ÷ node -e 0', `${median(ratios).toFixed(2)} ×`);
  line('  beyond 1.5 × node -e 0', `${Math.round(median(beyond))} ms`, '≤ 100 ms');
}

try {
  startUp();
  await firstSync();
  await oneOfMany();
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
