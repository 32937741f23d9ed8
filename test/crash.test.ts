import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gitops, openGitops } from '../src/gitops/index.js';
import { openCluster } from '../src/kube/index.js';
import { systemClock } from '../src/model/index.js';
import { openStore } from '../src/store/index.js';
import { startSandbox, type TestSandbox } from '../src/testing/index.js';
import { configMap, deployment } from './support/lab.js';
import { makeRepository, type TestRepository } from './support/repository.js';

/** Scenarios under way at once: most of a run is waiting for processes. */
const abreast = 3;

let folder: string;
let child: string;
let repository: TestRepository;

const wave = (n: number) => `  annotations: {argocd.argoproj.io/sync-wave: "${n}"}\n`;
const hook = (name: string, phase: string, tag = '1') => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {argocd.argoproj.io/hook: ${phase}}
spec:
  backoffLimit: 0
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:${tag}"}]}}
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-crash-'));
  // Below node_modules, so that it finds the packages that cannot be bundled.
  child = join(import.meta.dirname, `../node_modules/.evenkeel-test/crash-child-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'support/crash-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['better-sqlite3'],
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
    logLevel: 'error',
  });
  repository = makeRepository(join(folder, 'repository'));
  repository.commit({
    'k8s/a.yaml': configMap('a', { x: '1' }),
    'k8s/old.yaml': configMap('old', { x: '1' }, wave(1)),
    'k8s/older.yaml': configMap('older', { x: '1' }),
    'k8s/web.yaml': deployment('web'),
  });
  repository.git('branch', 'good');
  const next = {
    'k8s/a.yaml': configMap('a', { x: '2' }),
    'k8s/b.yaml': configMap('b', { x: '1' }, wave(2)),
    'k8s/old.yaml': undefined,
    'k8s/older.yaml': undefined,
    'k8s/web.yaml': deployment('web', { image: 'nginx:1.26' }),
    'k8s/pre.yaml': hook('pre', 'PreSync'),
    'k8s/post.yaml': hook('post', 'PostSync'),
  };
  repository.commit(next);
  repository.git('branch', 'better');
  repository.commit({ 'k8s/post.yaml': hook('post', 'PostSync', 'fail') });
  repository.git('branch', 'bad');
  await syncOnce();
});

afterAll(() => {
  rmSync(child, { force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function open(home: string, sandbox: TestSandbox): Promise<Gitops> {
  return openGitops({
    store: await openStore({ file: join(home, 'state.db'), clock: systemClock }),
    openCluster: async () => openCluster({ wire: sandbox.wire, name: 'sandbox' }),
    cacheDirectory: join(folder, 'mirrors'),
    environment: 'controller',
    workingDirectory: home,
    requestedBy: 'parent@lab',
  });
}

async function follow(gitops: Gitops, branch: string): Promise<void> {
  await gitops.registerRepository({ id: 'r', url: repository.path, branch }, { replace: true });
  const syncPolicy = { autoPrune: true, healthCheck: { timeout: '20s' } };
  await gitops.createWorkflow(
    { id: 'w', repository: 'r', targetPath: 'k8s', rollbackOnFailure: branch === 'bad', syncPolicy },
    { replace: true },
  );
}

/** What every scenario begins with: a folder in which the first state is synced. */
async function syncOnce(): Promise<void> {
  const home = join(folder, 'synced');
  mkdirSync(home);
  const sandbox = await startSandbox({ file: join(home, 'sandbox.db') });
  const gitops = await open(home, sandbox);
  await follow(gitops, 'good');
  expect(await gitops.syncWorkflow('w')).toMatchObject({ success: true });
  await gitops.close();
  await sandbox.close();
}

interface Place {
  sandbox: TestSandbox;
  gitops: Gitops;
  killed: boolean;
}

/** From the first state, lets a process sync the second one and die after its n-th step. */
async function crashAfter(n: number, branch: string): Promise<Place> {
  const home = join(folder, `${branch}-${n}`);
  cpSync(join(folder, 'synced'), home, { recursive: true });
  const sandbox = await startSandbox({ file: join(home, 'sandbox.db') });
  const { kubeconfigPath } = await sandbox.serve();
  const store = join(home, 'state.db');
  const before = await open(home, sandbox);
  await follow(before, branch);
  await before.close();
  const status = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    const argument = { folder: home, cache: join(folder, 'mirrors'), store, kubeconfig: kubeconfigPath, workflow: 'w', killAfter: n };
    const process_ = spawn(process.execPath, [child, JSON.stringify(argument)], { stdio: ['ignore', 'inherit', 'inherit'] });
    process_.on('error', reject);
    process_.on('exit', (code, signal) =>
      code === null || code === 0 ? resolve(signal ?? 0) : reject(new Error(`the child ended with status ${code}`)),
    );
  });
  return { sandbox, gitops: await open(home, sandbox), killed: status === 'SIGKILL' };
}

const names = (sandbox: TestSandbox) =>
  sandbox
    .list('v1', 'ConfigMap', { namespace: 'default' })
    .then((items) => items.map((item) => item.metadata.name ?? '').filter((name) => name !== 'kube-root-ca.crt'));

/** Runs every step of a branch, several at once. @returns how many steps there were */
async function atEveryStep(branch: string, check: (place: Place, n: number) => Promise<void>): Promise<number> {
  let next = 1;
  let last = Number.POSITIVE_INFINITY;
  const worker = async () => {
    while (next <= last) {
      const n = next++;
      const place = await crashAfter(n, branch);
      try {
        if (!place.killed) last = Math.min(last, n);
        await check(place, n);
      } catch (error) {
        throw new Error(`killed after step ${n}: ${(error as Error).message}`, { cause: error });
      } finally {
        await place.gitops.close();
        await place.sandbox.close();
      }
    }
  };
  await Promise.all(Array.from({ length: abreast }, worker));
  return last - 1;
}

describe('a process that is killed', () => {
  it('at any step of a sync with hooks, waves and deletions: the next one goes on from there', async () => {
    const steps = await atEveryStep('better', async ({ gitops, sandbox }, n) => {
      const status = await gitops.getWorkflowStatus('w');
      expect(status.syncingBy).toBeUndefined();
      // The way back is known before anybody goes on.
      if (n === 25) {
        const { diff } = await gitops.previewRollback('w');
        expect(diff.changes.map((change) => change.resource)).toContain('ConfigMap/a');
      }
      const report = await gitops.syncWorkflow('w');
      expect(report).toMatchObject({ success: true });
      expect(await names(sandbox)).toEqual(['a', 'b']);
      expect((await sandbox.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '2' });
      expect(await gitops.inspect('w')).toHaveLength(3);
      expect((await gitops.generateDiff('w')).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
      // Each hook was made once, in whichever process.
      const jobs = sandbox.requestsTo({ verb: 'create', resource: 'jobs' }).filter((request) => request.status === 201);
      expect(jobs.map((r) => (r.body as { metadata: { name: string } }).metadata.name)).toEqual(['pre', 'post']);
      const runs = await gitops.history('w');
      expect(runs.map((run) => run.status)).not.toContain('running');
      expect(runs.at(-1)?.status).toBe('succeeded');
      expect(await gitops.verifyAudit()).not.toHaveProperty('broken');
      if (n === 1) {
        sandbox.clearRequests();
        await gitops.syncWorkflow('w');
        sandbox.expectNoWrites();
      }
    });
    expect(steps).toBeGreaterThan(25);
  }, 300_000);

  it('at any step of a sync that fails and is rolled back: everything is as it was, and held', async () => {
    const steps = await atEveryStep('bad', async ({ gitops, sandbox }) => {
      const report = await gitops.syncWorkflow('w');
      expect(report.success).toBe(false);
      expect(await names(sandbox)).toEqual(['a', 'old', 'older']);
      for (const name of ['a', 'old', 'older']) expect((await sandbox.get('v1', 'ConfigMap', name))?.['data']).toEqual({ x: '1' });
      expect(JSON.stringify((await sandbox.get('apps/v1', 'Deployment', 'web'))?.['spec'])).toContain('nginx:1.25');
      expect((await gitops.getWorkflowStatus('w')).hold).toMatchObject({ workflowId: 'w' });
      expect(await gitops.syncWorkflow('w')).toMatchObject({ success: false, error: { code: 'WORKFLOW_HELD' } });
      expect((await gitops.inspect('w')).map((one) => one.sync)).toEqual(['synced', 'synced', 'synced', 'synced']);
      expect((await gitops.history('w')).map((run) => run.status)).not.toContain('running');
      expect(await gitops.verifyAudit()).not.toHaveProperty('broken');
    });
    expect(steps).toBeGreaterThan(30);
  }, 300_000);
});
