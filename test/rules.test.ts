import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

const workflow = (extra = {}) => lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', ...extra });
const data = async (name: string) => (await lab.get('v1', 'ConfigMap', name))?.['data'];
const typeOf = async (group: string, kind: string) => {
  const found = (await lab.cluster.discovery()).find({ group, version: 'v1', kind });
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};
const edit = async (name: string, patch: object, fieldManager: string) =>
  lab.cluster.patch(await typeOf('', 'ConfigMap'), { name, namespace: 'default' }, patch, { type: 'merge', fieldManager });
const replicas = async () => ((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec'] as { replicas?: number } | undefined)?.replicas;

describe('conflict rules', () => {
  it('take, yield, ignore and block by field and manager; every decision is a row', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { take: 'git', yield: 'git', ignore: 'git', block: 'git' }) });
    const { workflowId } = await workflow({
      conflictRules: [
        { kind: 'ConfigMap', path: 'data.take', manager: 'robot-*', action: 'take' },
        { path: 'data.yield', action: 'yield' },
        { name: 'a', path: 'data.ig*', action: 'ignore' },
        { path: 'data.block', action: 'block' },
      ],
    });
    await lab.gitops.syncWorkflow(workflowId);
    for (const field of ['take', 'yield', 'ignore']) await edit('a', { data: { [field]: 'robot' } }, 'robot-7');
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.conflicts).toEqual([]);
    expect(diff.resolutions.map((row) => [row.path, row.resolution, row.owner, row.ours, row.theirs, row.base])).toEqual([
      ['data.ignore', 'ignored', 'robot-7', 'git', 'robot', 'git'],
      ['data.take', 'taken', 'robot-7', 'git', 'robot', 'git'],
      ['data.yield', 'yielded', 'robot-7', 'git', 'robot', 'git'],
    ]);
    expect(diff.changes[0]?.fields).toMatchObject([{ path: 'data.take', before: 'robot', after: 'git' }]);
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: true, metrics: { conflictsResolved: 2 } });
    expect(await data('a')).toEqual({ take: 'git', yield: 'robot', ignore: 'robot', block: 'git' });
    lab.forget();
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    expect(lab.writes()).toEqual([]);

    // A rule that blocks counts before the default of taking back what people's tools did.
    await edit('a', { data: { block: 'by hand' } }, 'kubectl-edit');
    const blocked = await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect(blocked).toMatchObject({ success: false, error: { code: 'SYNC_BLOCKED' } });
  });

  it('count from the moment they are written, though nothing else changed', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'git' }) });
    const options = { repository: await lab.gitops.registerRepository({ id: 'r', url: lab.repository.path }), targetPath: 'k8s', id: 'w' };
    await lab.gitops.createWorkflow({ ...options, conflictRules: [{ path: 'data.x', action: 'yield' }] });
    await lab.gitops.syncWorkflow('w');
    await edit('a', { data: { x: 'theirs' } }, 'robot');
    await lab.gitops.syncWorkflow('w');
    expect(await data('a')).toEqual({ x: 'theirs' });
    await lab.gitops.createWorkflow({ ...options, conflictRules: [{ path: 'data.x', action: 'take' }] });
    expect((await lab.gitops.generateDiff('w')).summary.totalChanges).toBe(1);
    await lab.gitops.syncWorkflow('w');
    expect(await data('a')).toEqual({ x: 'git' });
  });
});

describe('what is taken back', () => {
  it('is taken although the status moves meanwhile, and not once the field itself has moved', async () => {
    let between: (() => Promise<unknown>) | undefined;
    await lab.close();
    lab = await makeLab({
      wire: (inner) => async (request) => {
        const write = request.method === 'PATCH' && request.path.includes('/deployments/web') && !request.path.includes('dryRun');
        if (write && between !== undefined) await between();
        return inner(request);
      },
    });
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 1 }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const type = await typeOf('apps', 'Deployment');
    const ref = { name: 'web', namespace: 'default' };
    const scale = (n: number) => lab.cluster.patch(type, ref, { spec: { replicas: n } }, { type: 'merge', fieldManager: 'kubectl-edit' });
    await scale(4);
    await lab.sandbox.settle();
    let moves = 3;
    between = async () => {
      if (moves-- > 0)
        await lab.cluster.patch(type, ref, { status: { collisionCount: 10 - moves } }, { type: 'merge', subresource: 'status' });
    };
    expect(await lab.gitops.syncWorkflow(workflowId, { takeBack: true })).toMatchObject({ success: true });
    expect(await replicas()).toBe(1);
    between = undefined;
    await scale(4);
    between = async () => {
      between = undefined;
      await scale(7);
    };
    expect(await lab.gitops.syncWorkflow(workflowId, { takeBack: true })).toMatchObject({
      success: false,
      error: { code: 'SYNC_APPLY_FAILED' },
    });
    expect(await replicas()).toBe(7);
  });
});

describe('ignore_differences', () => {
  it('by pointer: neither the diff nor the apply touches the field, also where nobody else owns it', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'git', y: '1' }) });
    const { workflowId } = await workflow({ ignoreDifferences: [{ kind: 'ConfigMap', jsonPointers: ['/data/x'] }] });
    await lab.gitops.syncWorkflow(workflowId);
    expect(await data('a')).toEqual({ x: 'git', y: '1' });
    await edit('a', { data: { x: 'theirs' } }, 'kubectl-edit');
    expect((await lab.gitops.generateDiff(workflowId)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'git again', y: '2' }) });
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.changes[0]?.fields.map((field) => field.path)).toEqual(['data.y']);
    expect(diff.resolutions).toMatchObject([{ path: 'data.x', resolution: 'ignored', ours: 'git again', theirs: 'theirs' }]);
    await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect(await data('a')).toEqual({ x: 'theirs', y: '2' });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'once more', y: '3' }) });
    await lab.gitops.syncWorkflow(workflowId);
    expect(await data('a')).toEqual({ x: 'theirs', y: '3' });
  });

  it('by manager: what it sets is left to it', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'git', y: '1' }) });
    const { workflowId } = await workflow({ ignoreDifferences: [{ managers: ['mesh-*'] }] });
    await lab.gitops.syncWorkflow(workflowId);
    await edit('a', { data: { x: 'mesh' } }, 'mesh-injector');
    expect((await lab.gitops.generateDiff(workflowId)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    await lab.gitops.syncWorkflow(workflowId);
    expect(await data('a')).toEqual({ x: 'mesh', y: '1' });
  });

  it('never shows what is in a Secret', async () => {
    const secret = (value: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: "${value}"}\n`;
    lab.repository.commit({ 'k8s/s.yaml': secret('first-secret') });
    const { workflowId } = await workflow({ ignoreDifferences: [{ kind: 'Secret', jsonPointers: ['/stringData/k'] }] });
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/s.yaml': secret('second-secret') });
    const text = JSON.stringify(await lab.gitops.generateDiff(workflowId));
    for (const word of ['first-secret', 'second-secret']) {
      expect(text).not.toContain(word);
      expect(text).not.toContain(Buffer.from(word).toString('base64'));
    }
  });
});

describe('a Secret', () => {
  it('whose value was changed by hand is drift, also where Git says stringData', async () => {
    lab.repository.commit({ 'k8s/s.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: from-git}\n' });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const patch = { data: { k: Buffer.from('by-hand').toString('base64') } };
    await lab.cluster.patch(await typeOf('', 'Secret'), { name: 's', namespace: 'default' }, patch, {
      type: 'merge',
      fieldManager: 'kubectl-edit',
    });
    expect((await lab.gitops.generateDiff(workflowId)).conflicts).toMatchObject([{ path: 'data.k', owner: 'kubectl-edit' }]);
    await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect((await lab.get('v1', 'Secret', 's'))?.['data']).toEqual({ k: Buffer.from('from-git').toString('base64') });
  });
});

describe('an autoscaler', () => {
  const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 9
`;

  it('in Git is never fought over replicas, whoever owns the field', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }), 'k8s/hpa.yaml': autoscaler });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    expect(await replicas()).toBe(2);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 3, image: 'nginx:1.26' }) });
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.resolutions).toMatchObject([{ path: 'spec.replicas', resolution: 'yielded', ours: 3, theirs: 2 }]);
    await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect(await replicas()).toBe(2);
    await lab.cluster.patch(
      await typeOf('apps', 'Deployment'),
      { name: 'web', namespace: 'default' },
      { spec: { replicas: 6 } },
      { type: 'merge', subresource: 'scale', fieldManager: 'kube-controller-manager' },
    );
    lab.forget();
    expect(await lab.gitops.syncWorkflow(workflowId, { takeBack: true })).toMatchObject({ success: true });
    expect(lab.writes()).toEqual([]);
    expect(await replicas()).toBe(6);
  });
});
