// biome-ignore-all lint/suspicious/noThenProperty: the rules of faults say `then`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gitops, openGitops } from '../src/gitops/index.js';
import { openCluster } from '../src/kube/index.js';
import { systemClock } from '../src/model/index.js';
import { openStore } from '../src/store/index.js';
import { type FaultRule, startSandbox, type TestSandbox } from '../src/testing/index.js';
import { configMap, deployment } from './support/lab.js';
import { makeRepository, type TestRepository } from './support/repository.js';

let folder: string;
let repository: TestRepository;
let sandbox: TestSandbox;
let gitops: Gitops;

/** As the next process would: nothing of the cluster is remembered. */
async function reopen(): Promise<void> {
  await (gitops as Gitops | undefined)?.close();
  gitops = openGitops({
    store: await openStore({ file: join(folder, 'state.db'), clock: systemClock }),
    openCluster: async () => openCluster({ wire: sandbox.wire, name: 'sandbox' }),
    cacheDirectory: join(folder, 'mirrors'),
    environment: 'controller',
    workingDirectory: folder,
    requestedBy: 'test@lab',
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-faults-'));
  repository = makeRepository(join(folder, 'repository'));
  sandbox = await startSandbox();
  await reopen();
});

afterEach(async () => {
  await gitops.close();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const workflow = async (extra = {}) =>
  (await gitops.workflow({ repo: repository.path, targetPath: 'k8s', syncPolicy: { autoPrune: true }, ...extra })).workflowId;
const data = async (name: string) => (await sandbox.get('v1', 'ConfigMap', name))?.['data'];
/** Applies that were carried out, by name. */
const applied = () =>
  sandbox
    .requestsTo({ verb: 'patch', dryRun: false })
    .filter((request) => request.status !== undefined && request.status < 300)
    .map((request) => request.name)
    .sort();
const job = (name: string, phase: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: {argocd.argoproj.io/hook: ${phase}}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}
`;
const files = {
  'k8s/a.yaml': configMap('a', { x: '1' }),
  'k8s/b.yaml': configMap('b', { x: '1' }),
  'k8s/c.yaml': configMap('c', { x: '1' }),
};

describe('what passes by itself', () => {
  const onB = { verb: 'patch', name: 'b', dryRun: false };
  const cases: [string, FaultRule][] = [
    ['too many requests, with a time to wait', { match: { verb: 'patch' }, times: 3, then: { status: 429, retryAfter: 1 } }],
    ['a server that is not available', { match: onB, times: 2, then: { status: 503 } }],
    ['a server with an error of its own', { match: onB, times: 1, then: { status: 500 } }],
    ['slowness', { match: { verb: 'read' }, times: 5, then: { delay: '20ms' } }],
    ['a connection that breaks before', { match: onB, times: 2, then: { drop: 'before' } }],
    ['a connection that breaks after', { match: onB, times: 2, then: { drop: 'after' } }],
    ['an answer that breaks off', { match: onB, times: 2, then: { drop: 'middle' } }],
    ['a list that breaks off', { match: { verb: 'list' }, times: 1, then: { drop: 'middle' } }],
  ];
  it.each(cases)('%s', async (_name, fault) => {
    repository.commit(files);
    const id = await workflow();
    const added = sandbox.faults.add(fault);
    const report = await gitops.syncWorkflow(id);
    expect(added.fired).toBe(fault.times);
    expect(report).toMatchObject({ success: true, metrics: { resourcesApplied: 3 } });
    for (const name of ['a', 'b', 'c']) expect(await data(name)).toEqual({ x: '1' });
    expect((await gitops.generateDiff(id)).summary.totalChanges).toBe(0);
    expect(await gitops.inspect(id)).toHaveLength(3);
  });

  it('an answer about a hook that gets lost: the hook runs once', async () => {
    repository.commit({ ...files, 'k8s/pre.yaml': job('pre', 'PreSync'), 'k8s/post.yaml': job('post', 'PostSync') });
    const id = await workflow();
    const lost = sandbox.faults.add({ match: { verb: 'create', resource: 'jobs' }, times: 2, then: { drop: 'after' } });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true });
    expect(lost.fired).toBe(2);
    const jobs = await sandbox.list('batch/v1', 'Job');
    expect(jobs.map((one) => one.metadata.name).sort()).toEqual(['post', 'pre']);
    expect(sandbox.requestsTo({ verb: 'delete', resource: 'jobs' })).toEqual([]);
  });

  it.each([['break'], ['gone'], ['stall']] as const)('watches that %s', async (watch) => {
    repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }) });
    const id = await workflow({ syncPolicy: { healthCheck: { timeout: '20s' } } });
    sandbox.faults.add({ match: { resource: 'deployments' }, then: { watch } });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true, resources: [{ health: 'Healthy' }] });
  });

  it('everything at once and by chance, with retries', async () => {
    repository.commit({ ...files, 'k8s/web.yaml': deployment('web'), 'k8s/pre.yaml': job('pre', 'PreSync') });
    const id = await workflow({ syncPolicy: { autoPrune: true, retry: { limit: 10, backoff: 'fixed' }, healthCheck: { timeout: '20s' } } });
    for (const then of [
      { status: 503 },
      { status: 429, retryAfter: 0 },
      { drop: 'before' },
      { drop: 'after' },
      { drop: 'middle' },
    ] as const)
      sandbox.faults.add({ probability: 0.05, then });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true });
    repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }), 'k8s/b.yaml': undefined });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true });
    sandbox.faults.clear();
    expect(await data('a')).toEqual({ x: '2' });
    expect(await data('b')).toBeUndefined();
    expect((await gitops.generateDiff(id)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    expect(await gitops.verifyAudit()).not.toHaveProperty('broken');
  });
});

describe('what does not', () => {
  const refused: [string, FaultRule, string][] = [
    [
      'an object that is invalid',
      { match: { verb: 'patch', name: 'b', dryRun: false }, then: { status: 422, message: 'b is no good' } },
      'b is no good',
    ],
    [
      'an admission webhook that says no',
      { match: { verb: 'patch', name: 'b', dryRun: false }, then: { admission: 'the image is not signed' } },
      'the image is not signed',
    ],
    [
      'a field that somebody else took in between',
      { match: { verb: 'patch', name: 'b', dryRun: false }, then: { status: 409, message: 'conflict with "robot"' } },
      'conflict with "robot"',
    ],
  ];
  it.each(refused)('%s stops the sync there, tried once, and the rest is known', async (_name, fault, text) => {
    repository.commit({ ...files, 'k8s/late.yaml': configMap('late', { x: '1' }, '  annotations: {argocd.argoproj.io/sync-wave: "1"}\n') });
    const id = await workflow({ syncPolicy: { retry: { limit: 3, backoff: 'fixed' } } });
    const broken = sandbox.faults.add(fault);
    const report = await gitops.syncWorkflow(id);
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_APPLY_FAILED' } });
    expect(report.message).toContain(text);
    expect(report.error).toMatchObject({ where: { resource: 'ConfigMap/b in default', file: 'k8s/b.yaml' } });
    expect(sandbox.requestsTo({ verb: 'patch', name: 'b', dryRun: false })).toHaveLength(1);
    expect(report.resources.map((one) => [one.key.name, one.action]).sort()).toEqual([
      ['a', 'created'],
      ['b', 'failed'],
      ['c', 'created'],
      ['late', 'skipped'],
    ]);
    expect(await gitops.history(id)).toMatchObject([{ status: 'failed', partial: true, rolledBack: false }]);
    broken.remove();
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true, metrics: { resourcesApplied: 2, resourcesSkipped: 2 } });
    expect(applied()).toEqual(['a', 'b', 'c', 'late']);
  });

  it('a webhook that refuses the dry run is a conflict, and nothing is written', async () => {
    repository.commit(files);
    const id = await workflow({ diffPreview: true });
    sandbox.faults.add({ match: { verb: 'patch', name: 'b' }, then: { admission: 'the image is not signed' } });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: false, error: { code: 'SYNC_BLOCKED' } });
    sandbox.expectNoWrites();
  });

  it('a server that is down throughout: nothing is written, the reason is said, nothing is lost', async () => {
    repository.commit(files);
    const id = await workflow();
    await gitops.syncWorkflow(id);
    repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }), 'k8s/b.yaml': undefined });
    const down = sandbox.faults.add({ match: { verb: 'list' }, then: { status: 500, message: 'etcd has no leader' } });
    const report = await gitops.syncWorkflow(id);
    expect(report).toMatchObject({ success: false, status: 'failed' });
    expect(report.message).toContain('etcd has no leader');
    down.remove();
    expect(await data('b')).toEqual({ x: '1' });
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true, metrics: { resourcesApplied: 1, resourcesPruned: 1 } });
  });

  it('types of an API that is down are not taken for deleted ones', async () => {
    repository.commit({ ...files, 'k8s/web.yaml': deployment('web') });
    const id = await workflow();
    await gitops.syncWorkflow(id);
    repository.commit({ 'k8s/web.yaml': undefined });
    await reopen();
    const down = sandbox.faults.add({ then: { discovery: 'incomplete', group: 'apps' } });
    await gitops.syncWorkflow(id);
    expect(await sandbox.get('apps/v1', 'Deployment', 'web')).toBeDefined();
    down.remove();
    await reopen();
    expect(await gitops.syncWorkflow(id)).toMatchObject({ success: true, metrics: { resourcesPruned: 1 } });
    expect(await sandbox.get('apps/v1', 'Deployment', 'web')).toBeUndefined();
  });
});
