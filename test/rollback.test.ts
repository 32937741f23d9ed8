import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

const workflow = (extra = {}) =>
  lab.gitops.workflow({
    repo: lab.repository.path,
    targetPath: 'k8s',
    syncPolicy: { autoPrune: true, healthCheck: { timeout: '2s' } },
    ...extra,
  });
const data = async (name: string) => (await lab.get('v1', 'ConfigMap', name))?.['data'];
const typeOf = async (kind: 'ConfigMap' | 'Deployment') => {
  const found = (await lab.cluster.discovery()).find({ group: kind === 'ConfigMap' ? '' : 'apps', version: 'v1', kind });
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

describe('a rollback by hand', () => {
  it('puts back what was changed, deletes what was made, and makes anew what was pruned', async () => {
    const good = lab.repository.commit({
      'k8s/a.yaml': configMap('a', { x: '1', y: '1' }),
      'k8s/gone.yaml': configMap('gone', { x: '1' }),
    });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({
      'k8s/a.yaml': configMap('a', { x: '2', z: '2' }),
      'k8s/new.yaml': configMap('new', { x: '1' }),
      'k8s/gone.yaml': undefined,
    });
    await lab.gitops.syncWorkflow(workflowId);
    expect(await data('a')).toEqual({ x: '2', z: '2' });

    const preview = await lab.gitops.previewRollback(workflowId);
    expect(preview.diff.summary).toMatchObject({ createdResources: 1, updatedResources: 1, deletedResources: 1, conflictCount: 0 });
    const report = await lab.gitops.rollbackWorkflow(workflowId, 'it was wrong');
    expect(report).toMatchObject({ success: true, restored: good });
    expect(await data('a')).toEqual({ x: '1', y: '1' });
    expect(await data('gone')).toEqual({ x: '1' });
    expect(await lab.get('v1', 'ConfigMap', 'new')).toBeUndefined();
    expect((await lab.gitops.history(workflowId)).map((run) => [run.id.split('-')[0], run.status, run.partial, run.rolledBack])).toEqual([
      ['rollback', 'succeeded', false, false],
      ['sync', 'succeeded', false, true],
      ['sync', 'succeeded', false, false],
    ]);
  });

  it('is idempotent, needs no Git, and holds the workflow until a newer revision or a person', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const bad = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'bad' }) });
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.git('branch', '-m', 'main', 'elsewhere');
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'bad')).success).toBe(true);
    lab.forget();
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'bad')).success).toBe(true);
    expect(lab.writes()).toEqual([]);
    lab.repository.git('branch', '-m', 'elsewhere', 'main');

    expect((await lab.gitops.getWorkflowStatus(workflowId)).hold).toMatchObject({ revision: bad, reason: 'bad', by: 'test@lab' });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: false, error: { code: 'WORKFLOW_HELD' } });
    expect(await data('a')).toEqual({ x: '1' });
    expect(await lab.gitops.resumeWorkflow(workflowId)).toBe(true);
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    expect(await data('a')).toEqual({ x: 'bad' });

    await lab.gitops.rollbackWorkflow(workflowId, 'again');
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'good' }) });
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    expect(await data('a')).toEqual({ x: 'good' });
    expect((await lab.gitops.getWorkflowStatus(workflowId)).hold).toBeUndefined();
  });

  it('goes to a revision, a run or a time, and names what it does not know', async () => {
    const { workflowId } = await workflow();
    const revisions: string[] = [];
    const runs: string[] = [];
    for (const x of ['1', '2', '3']) {
      revisions.push(lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x }) }));
      runs.push((await lab.gitops.syncWorkflow(workflowId)).id);
    }
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'r', { revision: (revisions[0] as string).slice(0, 10) })).success).toBe(true);
    expect(await data('a')).toEqual({ x: '1' });
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'r', { run: runs[1] })).success).toBe(true);
    expect(await data('a')).toEqual({ x: '2' });
    await expect(lab.gitops.rollbackWorkflow(workflowId, 'r', { run: 'sync-none' })).rejects.toMatchObject({
      code: 'ROLLBACK_TARGET_UNKNOWN',
    });
    await expect(lab.gitops.rollbackWorkflow(workflowId, 'r', { revision: 'ffffffff' })).rejects.toMatchObject({
      code: 'ROLLBACK_TARGET_UNKNOWN',
    });
    await expect(lab.gitops.rollbackWorkflow(workflowId, 'r', { time: new Date().toISOString() })).rejects.toMatchObject({
      code: 'ROLLBACK_NOTHING',
    });
    await expect(lab.gitops.rollbackWorkflow(workflowId, 'r', { time: 'yesterday' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('gives back fields that belonged to others before they were adopted', async () => {
    const configMaps = await typeOf('ConfigMap');
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default', labels: { team: 'red' } },
      data: { x: 'theirs', own: '1' },
    };
    await lab.cluster.create(configMaps, theirs, { fieldManager: 'kubectl-create' });
    lab.repository.commit({ 'k8s/other.yaml': configMap('other', { x: '1' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'ours', added: '1' }) });
    expect((await lab.gitops.syncWorkflow(workflowId, { adopt: true })).success).toBe(true);
    expect(await data('a')).toEqual({ x: 'ours', added: '1', own: '1' });
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'not ours')).success).toBe(true);
    const back = await lab.get('v1', 'ConfigMap', 'a');
    expect(back?.['data']).toEqual({ x: 'theirs', own: '1' });
    expect(back?.metadata.labels).toEqual({ team: 'red' });
    expect(back?.metadata.managedFields?.map((entry) => entry.manager)).toEqual(['kubectl-create']);
    expect(await lab.gitops.inspect(workflowId)).toHaveLength(1);
  });

  it('leaves replicas to an autoscaler', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2, image: 'nginx:1.26' }) });
    await lab.gitops.syncWorkflow(workflowId);
    await lab.cluster.patch(
      await typeOf('Deployment'),
      { name: 'web', namespace: 'default' },
      { spec: { replicas: 4 } },
      { type: 'merge', subresource: 'scale', fieldManager: 'kube-controller-manager' },
    );
    expect((await lab.gitops.rollbackWorkflow(workflowId, 'bad image')).success).toBe(true);
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).toMatchObject({
      replicas: 4,
      template: { spec: { containers: [{ image: 'nginx:1.25' }] } },
    });
  });
});

describe('a rollback after a failure', () => {
  it('happens by itself where the workflow says so, and the bad revision does not come back', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web'), 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ rollbackOnFailure: true, autoSync: true, syncInterval: '1s' });
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({
      'k8s/web.yaml': deployment('web', { image: 'nginx:missing' }),
      'k8s/a.yaml': configMap('a', { x: '2' }),
      'k8s/b.yaml': configMap('b', { x: '1' }),
    });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_HEALTH_TIMEOUT' }, rollback: { success: true } });
    expect(report.reason).toMatch(/rolled back$/);
    expect(await data('a')).toEqual({ x: '1' });
    expect(await lab.get('v1', 'ConfigMap', 'b')).toBeUndefined();
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).toMatchObject({
      template: { spec: { containers: [{ image: 'nginx:1.25' }] } },
    });

    lab.forget();
    await lab.gitops.startAutoSync();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(lab.writes()).toEqual([]);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:1.27' }) });
    const started = Date.now();
    while (!JSON.stringify((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).includes('nginx:1.27')) {
      if (Date.now() - started > 10_000) throw new Error('the newer revision did not come');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await lab.gitops.stopAutoSync();
    // A script that rolls back once more after the automatic rollback is told that all is well.
    expect((await lab.gitops.history(workflowId)).map((run) => run.id.split('-')[0])).toContain('rollback');
  });
});

describe('a rollback that does not come to its end', () => {
  const failing = () => {
    let refuse = false;
    return {
      refuse: (on: boolean) => {
        refuse = on;
      },
      wire:
        (inner: Lab['sandbox']['wire']): Lab['sandbox']['wire'] =>
        async (request) => {
          if (refuse && request.method === 'PATCH' && request.path.includes('/configmaps/b') && !request.path.includes('dryRun'))
            return { ...(await inner({ ...request, method: 'GET', path: '/api/v1/none', body: undefined })), status: 403 };
          return inner(request);
        },
    };
  };

  /** A good state, a bad one, and a rollback of it that the server refused half-way. */
  const halfRolledBack = async () => {
    const fault = failing();
    await lab.close();
    lab = await makeLab({ wire: fault.wire });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'good' }), 'k8s/b.yaml': configMap('b', { x: 'good' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const bad = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'bad' }), 'k8s/b.yaml': configMap('b', { x: 'bad' }) });
    await lab.gitops.syncWorkflow(workflowId);
    fault.refuse(true);
    expect(await lab.gitops.rollbackWorkflow(workflowId, 'first')).toMatchObject({ success: false });
    fault.refuse(false);
    return { workflowId, bad };
  };

  it('is done once more by the next one, and restores the good state, also after a resume', async () => {
    const { workflowId, bad } = await halfRolledBack();
    expect(await data('b')).toEqual({ x: 'bad' });
    expect(await lab.gitops.rollbackWorkflow(workflowId, 'second')).toMatchObject({ success: true });
    expect([await data('a'), await data('b')]).toEqual([{ x: 'good' }, { x: 'good' }]);
    expect((await lab.gitops.getWorkflowStatus(workflowId)).hold).toMatchObject({ revision: bad });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ error: { code: 'WORKFLOW_HELD' } });
  });

  it('after a resume still goes to the good state', async () => {
    const { workflowId } = await halfRolledBack();
    await lab.gitops.resumeWorkflow(workflowId);
    expect(await lab.gitops.rollbackWorkflow(workflowId, 'second')).toMatchObject({ success: true });
    expect([await data('a'), await data('b')]).toEqual([{ x: 'good' }, { x: 'good' }]);
  });

  it('is finished first where its process was stopped, and the bad revision stays held', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'good' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const bad = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'bad' }) });
    await lab.gitops.syncWorkflow(workflowId);
    const stop = new AbortController();
    const report = await lab.gitops.rollbackWorkflow(workflowId, 'by hand', {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'started') stop.abort();
      },
    });
    expect(report.success).toBe(false);
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ error: { code: 'WORKFLOW_HELD' } });
    expect(await data('a')).toEqual({ x: 'good' });
    expect((await lab.gitops.getWorkflowStatus(workflowId)).hold).toMatchObject({ revision: bad });
  });

  it('leaves the hold until a newer revision is really applied', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'good' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const bad = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'bad' }) });
    await lab.gitops.syncWorkflow(workflowId);
    await lab.gitops.rollbackWorkflow(workflowId, 'bad');
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'newer' }, '  namespace: nowhere\n') });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: false, error: { code: 'SYNC_BLOCKED' } });
    expect((await lab.gitops.getWorkflowStatus(workflowId)).hold).toMatchObject({ revision: bad });
  });
});

describe('a sync that was stopped in the middle', () => {
  it('is undone by itself, and not the good one before it', async () => {
    const stop = new AbortController();
    let armed = false;
    await lab.close();
    lab = await makeLab({
      wire: (inner) => async (request) => {
        const answer = await inner(request);
        if (armed && request.method === 'PATCH' && !request.path.includes('dryRun')) stop.abort();
        return answer;
      },
    });
    const { workflowId } = await workflow();
    for (const x of ['1', '2']) {
      lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x }) });
      await lab.gitops.syncWorkflow(workflowId);
    }
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '3' }) });
    armed = true;
    expect(await lab.gitops.syncWorkflow(workflowId, { signal: stop.signal })).toMatchObject({ status: 'cancelled' });
    armed = false;
    expect(await data('a')).toEqual({ x: '3' });
    expect(await lab.gitops.rollbackWorkflow(workflowId, 'half done')).toMatchObject({ success: true });
    expect(await data('a')).toEqual({ x: '2' });
  });
});
