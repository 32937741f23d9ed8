import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlan } from '../src/compare/index.js';
import { parseJson, stringifyJson } from '../src/model/index.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

const workflow = (extra = {}) => lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', ...extra });
const data = async (name: string) => (await lab.get('v1', 'ConfigMap', name))?.['data'];
const edit = async (name: string, patch: object, fieldManager = 'kubectl-edit') => {
  const type = (await lab.cluster.discovery()).find({ group: '', version: 'v1', kind: 'ConfigMap' });
  if (type === undefined) throw new Error('no ConfigMaps');
  await lab.cluster.patch(type, { name, namespace: 'default' }, patch, { type: 'merge', fieldManager });
};
const secret = (value: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: "${value}"}\n`;

describe('a plan', () => {
  it('is carried out as it was made, after a way through a file', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/s.yaml': secret('hunter2-in-clear') });
    const { workflowId } = await workflow();
    const plan = await lab.gitops.plan(workflowId);
    const text = stringifyJson(plan);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(Buffer.from('hunter2-in-clear').toString('base64'));
    expect(lab.writes()).toEqual([]);
    const report = await lab.gitops.syncWorkflow(workflowId, { plan: readPlan(parseJson(text), 'plan.json') });
    expect(report).toMatchObject({ success: true, metrics: { resourcesApplied: 2 } });
    expect(await data('a')).toEqual({ x: '1' });
    // What it was for is done: the same plan is not carried out twice.
    expect(await lab.gitops.syncWorkflow(workflowId, { plan })).toMatchObject({ success: false, error: { code: 'PLAN_MOVED' } });
  });

  it('is refused where Git has moved, naming the objects', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow();
    const plan = await lab.gitops.plan(workflowId);
    lab.repository.commit({ 'README.md': 'nothing that is rendered' });
    const same = await lab.gitops.plan(workflowId);
    expect(same.digest).toBe(plan.digest);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    const refused = await lab.gitops.syncWorkflow(workflowId, { plan });
    expect(refused).toMatchObject({ success: false, error: { code: 'PLAN_MOVED' } });
    expect(refused.message).toMatch(/what Git wants has changed \(revision [0-9a-f]{12} then, [0-9a-f]{12} now\): \/ConfigMap:default\/a/);
    expect(lab.writes()).toEqual([]);
  });

  it('is refused where a live object has moved, naming the fields; status and rollouts do not count', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/web.yaml': deployment('web') });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }), 'k8s/web.yaml': deployment('web', { image: 'nginx:1.26' }) });
    const plan = await lab.gitops.plan(workflowId);
    const deployments = (await lab.cluster.discovery()).find({ group: 'apps', version: 'v1', kind: 'Deployment' });
    if (deployments === undefined) throw new Error('no Deployments');
    const ref = { name: 'web', namespace: 'default' };
    await lab.cluster.patch(deployments, ref, { status: { observedGeneration: 9 } }, { type: 'merge', subresource: 'status' });
    expect((await lab.gitops.plan(workflowId)).digest).toBe(plan.digest);
    await edit('a', { data: { other: 'by hand' } });
    lab.forget();
    const refused = await lab.gitops.syncWorkflow(workflowId, { plan });
    expect(refused.error).toMatchObject({
      code: 'PLAN_MOVED',
      details: { moved: ['ConfigMap/a in default was changed in the cluster: data.other'] },
    });
    expect(lab.writes()).toEqual([]);
  });

  it('is refused where something new would be changed too', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const { workflowId } = await workflow({ autoSync: true });
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    const plan = await lab.gitops.plan(workflowId);
    await edit('b', { data: { x: 'drifted' } });
    expect((await lab.gitops.syncWorkflow(workflowId, { plan })).error).toMatchObject({
      details: { moved: ['ConfigMap/b in default would be updated too'] },
    });
  });

  it('that was changed, or is none, is refused as a file', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow();
    const plan = await lab.gitops.plan(workflowId);
    for (const bad of [null, [], {}, { ...plan, format: 'evenkeel/plan/9' }, { ...plan, changes: [] }, { ...plan, choices: undefined }])
      expect(() => readPlan(bad, 'x.json')).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });
});

describe('an approval', () => {
  it('is asked for, given, used once, and bound to exactly what it was given for', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true });
    expect((await lab.gitops.generateDiff(workflowId)).approval).toMatchObject({ state: 'needed' });
    const waits = await lab.gitops.syncWorkflow(workflowId);
    expect(waits).toMatchObject({ success: false, error: { code: 'APPROVAL_PENDING' } });
    expect(lab.writes()).toEqual([]);
    expect(await lab.gitops.history(workflowId)).toEqual([]);
    expect((await lab.gitops.getWorkflowStatus(workflowId)).approval).toMatchObject({ state: 'pending', summary: '1 to create' });

    // Git moves: what was asked for is void.
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    await expect(lab.gitops.approveWorkflow(workflowId, { reason: 'fine' })).rejects.toMatchObject({ code: 'PLAN_MOVED' });
    const approval = await lab.gitops.approveWorkflow(workflowId, { reason: 'fine' });
    expect(approval).toMatchObject({ state: 'approved', decidedBy: 'test@lab', reason: 'fine' });
    expect((await lab.gitops.generateDiff(workflowId)).approval).toMatchObject({ state: 'approved', by: 'test@lab' });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
    expect(await data('a')).toEqual({ x: '2' });

    // The same change after it was undone by hand needs another word.
    await edit('a', { data: { x: '1' } });
    expect(await lab.gitops.syncWorkflow(workflowId, { takeBack: true })).toMatchObject({ error: { code: 'APPROVAL_PENDING' } });
    expect((await lab.gitops.approvals(workflowId)).map((one) => [one.state, one.finished === true])).toEqual([
      ['pending', false],
      ['approved', true],
      ['expired', false],
    ]);
    expect((await lab.gitops.audit(workflowId)).map((entry) => entry.action).reverse()).toEqual([
      'approval-requested',
      'approve',
      'sync',
      'approval-requested',
    ]);
  });

  it('is voided by a change in the cluster', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true });
    await lab.gitops.approveWorkflow(workflowId);
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    await lab.gitops.approveWorkflow(workflowId);
    await edit('a', { data: { sneaked: 'in' } });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ error: { code: 'APPROVAL_PENDING' } });
    expect(await data('a')).toEqual({ x: '1', sneaked: 'in' });
  });

  it('can be refused, and given after all', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true });
    await lab.gitops.syncWorkflow(workflowId);
    await lab.gitops.rejectWorkflow(workflowId, { reason: 'not on a Friday' });
    const refused = await lab.gitops.syncWorkflow(workflowId);
    expect(refused.error).toMatchObject({ code: 'APPROVAL_REJECTED' });
    expect(refused.message).toContain('not on a Friday');
    await lab.gitops.approveWorkflow(workflowId);
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
  });

  it('is asked for from an impact on, and not below it', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalImpact: 'medium' });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
    await expect(lab.gitops.approveWorkflow(workflowId)).rejects.toMatchObject({ code: 'APPROVAL_NOTHING' });
    lab.repository.commit({ 'k8s/web.yaml': deployment('web') });
    const waits = await lab.gitops.syncWorkflow(workflowId);
    expect(waits.error).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(waits.message).toContain('Deployment/web has medium impact');
  });

  it('is not used up by a sync that was refused before its first write', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k8s/${i}.yaml`, configMap(`c${i}`, { x: '1' })]));
    lab.repository.commit(files);
    const { workflowId } = await workflow({ approvalRequired: true, syncPolicy: { autoPrune: true } });
    await lab.gitops.approveWorkflow(workflowId);
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k8s/${i}.yaml`, undefined])));
    await lab.gitops.approveWorkflow(workflowId);
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ error: { code: 'SYNC_PRUNE_LIMIT' } });
    expect(await lab.gitops.syncWorkflow(workflowId, { allowMassPrune: true })).toMatchObject({ success: true });
    expect((await lab.gitops.approvals(workflowId))[0]).toMatchObject({ state: 'approved', finished: true });
  });

  it('is asked for where a hook runs, whose work no diff shows', async () => {
    lab.repository.commit({
      'k8s/a.yaml': configMap('a', { x: '1' }),
      'k8s/hook.yaml': configMap('h', { x: '1' }, '  annotations: {argocd.argoproj.io/hook: PreSync}\n'),
    });
    const { workflowId } = await workflow({ approvalImpact: 'medium' });
    const waits = await lab.gitops.syncWorkflow(workflowId);
    expect(waits.error).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(waits.message).toContain('the PreSync hook ConfigMap/h runs');
    expect(lab.writes()).toEqual([]);
  });

  it('counts with the choices that it was asked for with', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true });
    await lab.gitops.approveWorkflow(workflowId);
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/b.yaml': undefined });
    expect(await lab.gitops.syncWorkflow(workflowId, { prune: true })).toMatchObject({ error: { code: 'APPROVAL_PENDING' } });
    await lab.gitops.approveWorkflow(workflowId);
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true, metrics: { resourcesPruned: 1 } });
  });

  it('that is taken back while commands run before the first write is taken back', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true, syncPolicy: { preSyncHooks: ['sleep 0.5'] } });
    await lab.gitops.approveWorkflow(workflowId);
    let rejecting: Promise<unknown> | undefined;
    const report = await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (event) => {
        if (event.type === 'command' && event.state === 'running') rejecting = lab.gitops.rejectWorkflow(workflowId, { reason: 'wait' });
      },
    });
    await rejecting;
    expect(report).toMatchObject({ success: false, error: { code: 'APPROVAL_REJECTED' } });
    expect(lab.writes()).toEqual([]);
  });

  it('of an object that is made anew covers its creation where its deletion was all that came through', async () => {
    const force = '  annotations: {argocd.argoproj.io/sync-options: Force=true}\n';
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { extra: force }) });
    const options = { approvalRequired: true, syncPolicy: { retry: { limit: 1, backoff: 'fixed' as const } } };
    const { workflowId } = await workflow(options);
    await lab.gitops.approveWorkflow(workflowId);
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { extra: force }).replaceAll('app: web', 'app: other') });
    const plan = await lab.gitops.plan(workflowId);
    expect(plan.diff.changes[0]).toMatchObject({ recreate: true });
    const approval = await lab.gitops.approveWorkflow(workflowId);
    expect(approval.changes).toHaveLength(2);
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
  });

  it('runs out', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true, approvalTimeout: '50ms' });
    await lab.gitops.approveWorkflow(workflowId);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await lab.gitops.approvals(workflowId))[0]).toMatchObject({ state: 'expired' });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ error: { code: 'APPROVAL_PENDING' } });
  });

  it('covers the attempts that follow one that failed half-way', async () => {
    let refuse = 0;
    await lab.close();
    lab = await makeLab({
      wire: (inner) => async (request) =>
        request.method === 'PATCH' && request.path.includes('/configmaps/b') && !request.path.includes('dryRun') && refuse-- > 0
          ? inner({ ...request, path: '/nothing', body: undefined, method: 'GET' }).then((answer) => ({ ...answer, status: 500 }))
          : inner(request),
    });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const { workflowId } = await workflow({ approvalRequired: true, syncPolicy: { retry: { limit: 2, backoff: 'fixed' } } });
    await lab.gitops.approveWorkflow(workflowId);
    refuse = 5;
    const attempts: number[] = [];
    const report = await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (event) => {
        if (event.type === 'retrying') attempts.push(event.attempt);
      },
    });
    expect(report).toMatchObject({ success: true });
    expect(attempts).toEqual([1]);
    expect(await data('a')).toEqual({ x: '1' });
    expect(await data('b')).toEqual({ x: '1' });
  });
});
