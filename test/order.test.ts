import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-order-'));
  lab = await makeLab({ gitops: { commandDirectory: folder } });
});

afterEach(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const workflow = (extra = {}) => lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', ...extra });
const wave = (n: number) => `  annotations: {argocd.argoproj.io/sync-wave: "${n}"}\n`;
const hook = (name: string, phase: string, extra = '', command = '') => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {argocd.argoproj.io/hook: ${phase}${extra}}
spec:
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox${command}"}]}}
`;
/** What was written, in order: `kind name`, without what controllers do. */
const written = () =>
  lab.writes().map((request) => {
    const [method, path = ''] = request.split(' ');
    const parts = (path.split('?')[0] as string).split('/');
    const last = parts.at(-1) as string;
    return `${{ PATCH: 'apply', POST: 'create', DELETE: 'delete' }[method as string] ?? method} ${method === 'POST' ? last : `${parts.at(-2)} ${last}`}`;
  });

describe('the order of a mixed sync', () => {
  it('is phases, waves, what others need first, deletions in reverse before PostSync', async () => {
    const old = Object.fromEntries([0, 1, 2, 3].map((n) => [`k8s/old${n}.yaml`, configMap(`old${n}`, { x: '1' }, wave(n))]));
    lab.repository.commit(old);
    const { workflowId } = await workflow({ syncPolicy: { autoPrune: true } });
    await lab.gitops.syncWorkflow(workflowId);
    const log = join(folder, 'log');
    await workflow({ syncPolicy: { autoPrune: true, preSyncHooks: [`echo pre >> ${log}`], postSyncHooks: [`echo post >> ${log}`] } });
    lab.repository.commit({
      ...Object.fromEntries(Object.keys(old).map((file) => [file, undefined])),
      'k8s/pre.yaml': hook('pre', 'PreSync'),
      'k8s/mid.yaml': hook('mid', 'Sync', ', argocd.argoproj.io/sync-wave: "1"'),
      'k8s/post.yaml': hook('post', 'PostSync'),
      'k8s/early.yaml': configMap('early', { x: '1' }, `  namespace: late\n${wave(-1)}`),
      'k8s/web.yaml': deployment('web'),
      'k8s/boat.yaml': 'apiVersion: example.com/v1\nkind: Boat\nmetadata: {name: boat}\nspec: {}\n',
      'k8s/five.yaml': configMap('five', { x: '1' }, wave(5)),
      'k8s/ns.yaml': `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: late\n${wave(7)}`,
      'k8s/crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: boats.example.com
${wave(9)}spec:
  group: example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]
`,
    });
    lab.forget();
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: true });
    expect(written()).toEqual([
      'create jobs',
      'apply namespaces late',
      'apply configmaps early',
      'apply customresourcedefinitions boats.example.com',
      'apply deployments web',
      'apply boats boat',
      'create jobs',
      'apply configmaps five',
      'delete configmaps old3',
      'delete configmaps old2',
      'delete configmaps old1',
      'delete configmaps old0',
      'create jobs',
    ]);
    expect(readFileSync(log, 'utf8')).toBe('pre\npost\n');
  });
});

describe('commands around a sync', () => {
  const env = 'echo "$EVENKEEL_PHASE $EVENKEEL_WORKFLOW $EVENKEEL_REVISION $EVENKEEL_RUN_ID"';

  it('know what they are run for; their output is kept; with nothing to do they do not run', async () => {
    const revision = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ syncPolicy: { preSyncHooks: [env, 'echo two >&2'], postSyncHooks: [env] } });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(await lab.gitops.runOutputs(report.id)).toEqual([
      { phase: 'pre-sync', command: env, output: `pre-sync ${workflowId} ${revision} ${report.id}\n`, status: 'succeeded', message: '' },
      { phase: 'pre-sync', command: 'echo two >&2', output: 'two\n', status: 'succeeded', message: '' },
      { phase: 'post-sync', command: env, output: `post-sync ${workflowId} ${revision} ${report.id}\n`, status: 'succeeded', message: '' },
    ]);
    const idle = await lab.gitops.syncWorkflow(workflowId);
    expect(await lab.gitops.runOutputs(idle.id)).toEqual([]);
  });

  it('that fail before it keep anything from being written, and say what they printed', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ syncPolicy: { preSyncHooks: ['echo the gate is shut; exit 3'] } });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_COMMAND_FAILED' } });
    expect(report.message).toContain('exit status 3 (the gate is shut)');
    expect(lab.writes()).toEqual([]);
  });

  it('that fail after it fail the sync, which is put back where the workflow says so', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    await workflow();
    const { workflowId } = await workflow({ rollbackOnFailure: true });
    await lab.gitops.syncWorkflow(workflowId);
    await workflow({ rollbackOnFailure: true, syncPolicy: { postSyncHooks: ['exit 1'] } });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: false, rollback: { success: true } });
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '1' });
  });

  it('end with their time limit, children included', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ syncPolicy: { preSyncHooks: ['sleep 600 & echo $! > child; wait'], hookTimeout: '300ms' } });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report.message).toContain('not finished after 0.3s');
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    const state = () => {
      try {
        return /^State:\t(.)/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1];
      } catch {
        return undefined;
      }
    };
    while (state() !== undefined && state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe('hooks', () => {
  it('that fail run those of SyncFail, and what their policies say is deleted', async () => {
    lab.repository.commit({
      'k8s/pre.yaml': hook('pre', 'PreSync', ', argocd.argoproj.io/hook-delete-policy: HookFailed', ':fail'),
      'k8s/fail.yaml': hook('fail', 'SyncFail', ', argocd.argoproj.io/hook-delete-policy: HookSucceeded'),
      'k8s/a.yaml': configMap('a', { x: '1' }),
    });
    const { workflowId } = await workflow({ syncPolicy: { healthCheck: { timeout: '3s' } } });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: false });
    expect(await lab.get('v1', 'ConfigMap', 'a')).toBeUndefined();
    expect(written()).toEqual(['create jobs', 'delete jobs pre', 'create jobs', 'delete jobs fail']);
  });

  it('delete nothing that no hook has made', async () => {
    const type = (await lab.cluster.discovery()).find({ group: '', version: 'v1', kind: 'ConfigMap' });
    if (type === undefined) throw new Error('no ConfigMaps');
    const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'precious', namespace: 'default' }, data: { x: 'theirs' } };
    const made = await lab.cluster.create(type, foreign, { fieldManager: 'kubectl-create' });
    lab.repository.commit({
      'k8s/hook.yaml': configMap('precious', { x: 'ours' }, '  annotations: {argocd.argoproj.io/hook: PreSync}\n'),
      'k8s/a.yaml': configMap('a', { x: '1' }),
    });
    const { workflowId } = await workflow();
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_HOOK_FAILED' } });
    expect(report.message).toContain('no hook has made');
    expect((await lab.get('v1', 'ConfigMap', 'precious'))?.metadata.uid).toBe(made.object.metadata.uid);
    expect(await lab.get('v1', 'ConfigMap', 'a')).toBeUndefined();
  });
});
