import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

const workflow = (extra = {}) => lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', ...extra });

describe('a sync', () => {
  it('creates what Git has, waits for its health, and then has nothing to do', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }), 'k8s/config.yaml': configMap('settings', { a: '1' }) });
    const { workflowId } = await workflow();
    const before = await lab.gitops.generateDiff(workflowId);
    expect(before.summary).toMatchObject({ totalChanges: 2, createdResources: 2, conflictCount: 0 });
    expect(before.changes.map((c) => c.diff)).toEqual([
      '+ Creating ConfigMap/settings with 1 key',
      '+ Creating Deployment/web with 2 replicas',
    ]);
    expect(lab.writes()).toEqual([]);

    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: true, status: 'succeeded', metrics: { resourcesApplied: 2, resourcesProcessed: 2 } });
    expect(report.resources.find((r) => r.key.kind === 'Deployment')).toMatchObject({ action: 'created', health: 'Healthy' });
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['status']).toMatchObject({ readyReplicas: 2 });

    expect((await lab.gitops.generateDiff(workflowId)).summary.totalChanges).toBe(0);
    lab.forget();
    const second = await lab.gitops.syncWorkflow(workflowId);
    expect(second.metrics).toMatchObject({ resourcesApplied: 0, resourcesSkipped: 2 });
    expect(lab.writes()).toEqual([]);
    expect(lab.requests.filter((r) => r.includes('dryRun'))).toEqual([]);
    expect(lab.lists()).toHaveLength(2);
  });

  it('shows a changed field as data, applies it, and asks about nothing else', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web'), 'k8s/config.yaml': configMap('settings', { a: '1' }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:1.26' }) });
    lab.forget();
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.changes).toHaveLength(1);
    expect(diff.changes[0]).toMatchObject({
      type: 'update',
      resource: 'Deployment/web',
      namespace: 'default',
      group: 'apps',
      impact: 'medium',
      fields: [{ path: 'spec.template.spec.containers[name=main].image', before: 'nginx:1.25', after: 'nginx:1.26', owners: ['evenkeel'] }],
      diff: '~ Updating Deployment/web:\n  image: nginx:1.25 -> nginx:1.26',
    });
    expect(lab.requests.filter((r) => r.includes('dryRun=All'))).toHaveLength(1);
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report.metrics).toMatchObject({ resourcesApplied: 1, resourcesSkipped: 1 });
  });

  it('prunes what left Git only where it is told to, and only what carries its mark', async () => {
    lab.repository.commit({
      'k8s/a.yaml': configMap('a', { x: '1' }),
      'k8s/b.yaml': configMap('b', { x: '1' }),
      'k8s/c.yaml': configMap('c', { x: '1' }),
    });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/b.yaml': undefined, 'k8s/c.yaml': undefined });
    const configMaps = (await lab.cluster.discovery()).find({ group: '', version: 'v1', kind: 'ConfigMap' });
    if (configMaps === undefined) throw new Error('no ConfigMaps');
    await lab.cluster.patch(
      configMaps,
      { name: 'c', namespace: 'default' },
      { metadata: { annotations: { 'evenkeel.dev/tracking': 'other:/ConfigMap:default/d' } } },
      { type: 'merge' },
    );

    const kept = await lab.gitops.syncWorkflow(workflowId);
    expect(kept.metrics.resourcesPruned).toBe(0);
    expect((await lab.gitops.generateDiff(workflowId)).warnings.join()).toContain('would be deleted with --prune: ConfigMap/b in default');

    const pruned = await lab.gitops.syncWorkflow(workflowId, { prune: true });
    expect(pruned.metrics.resourcesPruned).toBe(1);
    expect(await lab.get('v1', 'ConfigMap', 'b')).toBeUndefined();
    expect(await lab.get('v1', 'ConfigMap', 'c')).toBeDefined();
  });

  it('refuses to delete most of what there is, or everything, unless told so', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k8s/${i}.yaml`, configMap(`c${i}`, { x: '1' })]));
    lab.repository.commit(files);
    const { workflowId } = await workflow({ syncPolicy: { autoPrune: true } });
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k8s/${i}.yaml`, undefined])));
    const refused = await lab.gitops.syncWorkflow(workflowId);
    expect(refused).toMatchObject({ success: false, error: { code: 'SYNC_PRUNE_LIMIT' } });
    expect(await lab.get('v1', 'ConfigMap', 'c0')).toBeDefined();
    const allowed = await lab.gitops.syncWorkflow(workflowId, { allowMassPrune: true });
    expect(allowed.metrics.resourcesPruned).toBe(7);
  });

  it('stops at fields that people changed by hand, and takes them back when told to', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const deployments = (await lab.cluster.discovery()).find({ group: 'apps', version: 'v1', kind: 'Deployment' });
    if (deployments === undefined) throw new Error('no Deployments');
    await lab.cluster.patch(
      deployments,
      { name: 'web', namespace: 'default' },
      { spec: { replicas: 5 } },
      { type: 'merge', fieldManager: 'kubectl-edit' },
    );

    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.conflicts).toHaveLength(1);
    expect(diff.conflicts[0]).toMatchObject({
      type: 'out_of_sync',
      resource: 'Deployment/web',
      path: 'spec.replicas',
      owner: 'kubectl-edit',
      ours: 2,
      theirs: 5,
      base: 2,
    });
    lab.forget();
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: false, error: { code: 'SYNC_BLOCKED' } });
    expect(lab.writes()).toEqual([]);

    const report = await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect(report).toMatchObject({ success: true, metrics: { conflictsResolved: 1 } });
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).toMatchObject({ replicas: 2 });
    lab.forget();
    await lab.gitops.syncWorkflow(workflowId);
    expect(lab.writes()).toEqual([]);
  });

  it('never fights an autoscaler over replicas', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }) });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    const deployments = (await lab.cluster.discovery()).find({ group: 'apps', version: 'v1', kind: 'Deployment' });
    if (deployments === undefined) throw new Error('no Deployments');
    await lab.cluster.patch(
      deployments,
      { name: 'web', namespace: 'default' },
      { spec: { replicas: 4 } },
      { type: 'merge', subresource: 'scale', fieldManager: 'kube-controller-manager' },
    );
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2, image: 'nginx:1.26' }) });
    const report = await lab.gitops.syncWorkflow(workflowId, { takeBack: true });
    expect(report).toMatchObject({ success: true, metrics: { conflictsResolved: 1 } });
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).toMatchObject({
      replicas: 4,
      template: { spec: { containers: [{ image: 'nginx:1.26' }] } },
    });
    lab.forget();
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    expect(lab.requests.filter((r) => r.startsWith('PATCH'))).toEqual([]);
  });

  it('leaves objects alone that exist and are not ours, until told to adopt them', async () => {
    const configMaps = (await lab.cluster.discovery()).find({ group: '', version: 'v1', kind: 'ConfigMap' });
    if (configMaps === undefined) throw new Error('no ConfigMaps');
    await lab.cluster.create(
      configMaps,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data: { a: 'theirs' } },
      { fieldManager: 'kubectl-create' },
    );
    lab.repository.commit({ 'k8s/config.yaml': configMap('settings', { a: 'ours' }) });
    const { workflowId } = await workflow();
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.conflicts[0]).toMatchObject({ type: 'resource_exists', resource: 'ConfigMap/settings' });
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(false);
    expect((await lab.gitops.syncWorkflow(workflowId, { adopt: true })).success).toBe(true);
    expect((await lab.get('v1', 'ConfigMap', 'settings'))?.['data']).toEqual({ a: 'ours' });
  });

  it('never shows a Secret value, and shows that one changed', async () => {
    const secret = (value: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: ${value}\n  user: anna\n`;
    lab.repository.commit({ 'k8s/s.yaml': secret('hunter2hunter2') });
    const { workflowId } = await workflow();
    await lab.gitops.syncWorkflow(workflowId);
    lab.repository.commit({ 'k8s/s.yaml': secret('correct-horse') });
    const diff = await lab.gitops.generateDiff(workflowId);
    const text = JSON.stringify(diff);
    for (const value of [
      'hunter2',
      'correct-horse',
      Buffer.from('hunter2hunter2').toString('base64'),
      Buffer.from('correct-horse').toString('base64'),
    ])
      expect(text).not.toContain(value);
    const changed = diff.changes[0]?.fields.filter((f) => f.before !== undefined || f.after !== undefined) ?? [];
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.map((f) => f.path).join()).toContain('password');
    expect(changed.map((f) => f.path).join()).not.toContain('user');
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    expect((await lab.get('v1', 'Secret', 's'))?.['data']).toMatchObject({ password: Buffer.from('correct-horse').toString('base64') });
  });

  it('takes a kind that comes with its CustomResourceDefinition', async () => {
    lab.repository.commit({
      'k8s/crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, listKind: BoatList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {keel: {type: string}}}}}}
`,
      'k8s/boat.yaml': 'apiVersion: example.com/v1\nkind: Boat\nmetadata: {name: b}\nspec: {keel: even}\n',
    });
    const { workflowId } = await workflow();
    expect((await lab.gitops.generateDiff(workflowId)).summary).toMatchObject({ createdResources: 2, conflictCount: 0 });
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
    expect((await lab.get('example.com/v1', 'Boat', 'b'))?.['spec']).toEqual({ keel: 'even' });
    lab.forget();
    await (await lab.reopen()).syncWorkflow(workflowId);
    expect(lab.writes()).toEqual([]);
  });

  it('says what it waits for, and fails with it when the time is over', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:missing' }) });
    const { workflowId } = await workflow({ syncPolicy: { healthCheck: { timeout: '2s' } } });
    const waited: string[] = [];
    const report = await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (e) => e.type === 'waiting' && waited.push(e.for.map((w) => w.why).join()),
    });
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_HEALTH_TIMEOUT' } });
    expect(waited.join()).toMatch(/ImagePullBackOff|ErrImagePull/);
    expect(report.reason).toMatch(/nginx:missing/);
    expect((await lab.gitops.getWorkflowStatus(workflowId)).status).toBe('failed');
  });

  it('is refused while another sync of the workflow runs, naming who holds it', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:missing' }) });
    const { workflowId } = await workflow({ syncPolicy: { healthCheck: { timeout: '3s' } } });
    const other = await lab.reopen();
    let second: unknown;
    const first = lab.gitops.syncWorkflow(workflowId, {
      onEvent: (e) => {
        if (e.type === 'waiting' && second === undefined) second = other.syncWorkflow(workflowId).catch((error: unknown) => error);
      },
    });
    await first;
    expect(await second).toMatchObject({ code: 'STORE_LOCKED', details: { holder: { pid: process.pid } } });
  });

  it('stops cleanly when it is cancelled and says what was done', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:missing' }) });
    const { workflowId } = await workflow();
    const abort = new AbortController();
    const report = await lab.gitops.syncWorkflow(workflowId, {
      signal: abort.signal,
      onEvent: (e) => e.type === 'waiting' && abort.abort(),
    });
    expect(report).toMatchObject({ status: 'cancelled', success: false, metrics: { resourcesApplied: 1 } });
    expect(report.message).toContain('1 of 1 changes');
    expect((await lab.gitops.history(workflowId))[0]).toMatchObject({ status: 'cancelled' });
  });

  it('runs hooks in their phases and deletes them as their policies say', async () => {
    const job = (name: string, phase: string, policy: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations: {argocd.argoproj.io/hook: ${phase}, argocd.argoproj.io/hook-delete-policy: ${policy}}
spec:
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: "alpine:3", command: ["true"]}]}}
`;
    lab.repository.commit({
      'k8s/web.yaml': deployment('web'),
      'k8s/before.yaml': job('before', 'PreSync', 'HookSucceeded'),
      'k8s/after.yaml': job('after', 'PostSync', 'BeforeHookCreation'),
    });
    const { workflowId } = await workflow();
    const seen: string[] = [];
    const report = await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (e) => {
        if (e.type === 'hook') seen.push(`${e.phase} ${e.resource} ${e.state}`);
        if (e.type === 'resource') seen.push(`${e.result.key.kind} ${e.result.action}`);
      },
    });
    expect(report.success).toBe(true);
    expect(seen).toEqual([
      'PreSync Job/before running',
      'PreSync Job/before succeeded',
      'Deployment created',
      'PostSync Job/after running',
      'PostSync Job/after succeeded',
    ]);
    expect(await lab.get('batch/v1', 'Job', 'before')).toBeUndefined();
    expect(await lab.get('batch/v1', 'Job', 'after')).toBeDefined();
    lab.forget();
    await lab.gitops.syncWorkflow(workflowId);
    expect(lab.writes()).toEqual([]);
  });
});

describe('a kind', () => {
  it('that came to be served since the cluster was first asked is known', async () => {
    const crd = (kind: string, plural: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind}}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
    lab.repository.commit({
      'crds/boat.yaml': crd('Boat', 'boats'),
      'boats/boat.yaml': 'apiVersion: example.com/v1\nkind: Boat\nmetadata: {name: b}\n',
    });
    const definitions = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'crds' });
    const boats = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'boats' });
    expect(await lab.gitops.syncWorkflow(boats.workflowId)).toMatchObject({ error: { code: 'MANIFEST_UNKNOWN_KIND' } });
    await lab.gitops.syncWorkflow(definitions.workflowId);
    expect(await lab.gitops.syncWorkflow(boats.workflowId)).toMatchObject({ success: true, metrics: { resourcesApplied: 1 } });
  });
});

describe('retries', () => {
  it('end at once when a newer revision comes, and belong to it from then on', async () => {
    const marker = join(lab.folder, 'ready');
    const syncPolicy = { retry: { limit: 3, backoff: 'fixed' as const, maxDuration: '5m' }, preSyncHooks: [`test -f ${marker}`] };
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ syncPolicy });
    const attempts: number[] = [];
    const report = await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (event) => {
        if (event.type !== 'retrying') return;
        attempts.push(event.attempt);
        if (attempts.length === 2) lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
        if (attempts.length === 4) writeFileSync(marker, '');
      },
    });
    expect(report).toMatchObject({ success: true });
    // Two of the first revision, two of the second: each revision has all of its retries.
    expect(attempts).toEqual([1, 2, 1, 2]);
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '2' });
  });

  it('are not made for what cannot pass by itself, and not beyond their time', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const never = { preSyncHooks: ['exit 1'], retry: { limit: 9, backoff: 'exponential' as const, maxDuration: '1ms' } };
    const { workflowId } = await workflow({ syncPolicy: never });
    const attempts: number[] = [];
    const onEvent = (event: { type: string }) => void (event.type === 'retrying' && attempts.push(1));
    expect(await lab.gitops.syncWorkflow(workflowId, { onEvent })).toMatchObject({ success: false });
    expect(attempts).toEqual([]);
    await workflow({ syncPolicy: { ...never, retry: { limit: 1, backoff: 'fixed' } } });
    expect(await lab.gitops.syncWorkflow(workflowId, { onEvent })).toMatchObject({ success: false });
    expect(attempts).toEqual([1]);
    lab.repository.commit({ 'k8s/a.yaml': 'apiVersion: v1\nkind: Nonsense\nmetadata: {name: x}\n' });
    attempts.length = 0;
    expect(await lab.gitops.syncWorkflow(workflowId, { onEvent })).toMatchObject({ error: { code: 'MANIFEST_UNKNOWN_KIND' } });
    expect(attempts).toEqual([]);
  });
});

describe('the contract', () => {
  it('gives the same workflow for the same options, and refuses one that differs', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const first = await workflow({ autoSync: true, diffPreview: true, rollbackOnFailure: true });
    expect(first).toEqual({
      workflowId: expect.stringMatching(/^workflow-/),
      repositoryId: expect.stringMatching(/^repo-/),
      status: 'created',
      autoSync: true,
      diffPreview: true,
      rollbackOnFailure: true,
    });
    expect((await workflow()).workflowId).toBe(first.workflowId);
    await lab.gitops.createWorkflow({ id: 'named', repository: first.repositoryId, targetPath: 'k8s' });
    await expect(lab.gitops.createWorkflow({ id: 'named', repository: first.repositoryId, targetPath: 'other' })).rejects.toMatchObject({
      code: 'WORKFLOW_EXISTS',
    });
  });

  it('names a misspelt option and the nearest known one', async () => {
    await expect(workflow({ autoSnyc: true })).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      hint: 'Did you mean "autoSync"?',
      where: { field: 'autoSnyc' },
    });
    await expect(workflow({ syncPolicy: { retry: { limt: 3 } } })).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      hint: 'Did you mean "limit"?',
      where: { field: 'syncPolicy.retry.limt' },
    });
    const { workflowId } = await workflow();
    const call = lab.gitops as unknown as { [name: string]: (id: string, ...rest: unknown[]) => Promise<unknown> };
    for (const [name, rest] of [
      ['syncWorkflow', [{ prnue: true }]],
      ['generateDiff', [{ prunes: true }]],
      ['plan', [{ adop: true }]],
      ['rollbackWorkflow', ['why', { revison: 'abc' }]],
      ['approveWorkflow', [{ reasn: 'x' }]],
    ] as const)
      await expect(call[name]?.(workflowId, ...rest), name).rejects.toMatchObject({
        code: 'OPTION_UNKNOWN',
        hint: expect.stringMatching(/Did you mean/),
      });
    await expect(call['syncWorkflow']?.(workflowId, { prune: 'yes' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(workflow({ syncInterval: 'soon' })).rejects.toMatchObject({ code: 'OPTION_INVALID', where: { field: 'syncInterval' } });
    await expect(lab.gitops.syncWorkflow('workflow-x')).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  });

  it('reports status with the fields of the contract', async () => {
    const revision = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId, repositoryId } = await workflow();
    expect(await lab.gitops.getWorkflowStatus(workflowId)).toMatchObject({ status: 'active' });
    await lab.gitops.syncWorkflow(workflowId);
    expect(await lab.gitops.getWorkflowStatus(workflowId)).toMatchObject({
      id: workflowId,
      status: 'synced',
      autoSync: false,
      repository: repositoryId,
      lastSyncResult: {
        id: expect.stringMatching(/^sync-/),
        status: 'succeeded',
        startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        commitHash: revision,
        metrics: {
          duration: expect.stringMatching(/^\d+\.\ds$/),
          resourcesProcessed: 1,
          resourcesApplied: 1,
          resourcesSkipped: 0,
          conflictsResolved: 0,
        },
      },
    });
    expect((await lab.gitops.listWorkflows()).map((w) => w.id)).toEqual([workflowId]);
  });

  it('keeps workflows with auto-sync in sync: new commits and changes by hand', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const { workflowId } = await workflow({ autoSync: true, syncInterval: '1s' });
    const synced: string[] = [];
    let next: () => void = () => {};
    const sync = () => new Promise<void>((resolve) => (next = resolve));
    const first = sync();
    await lab.gitops.startAutoSync((event) => {
      if (event.type === 'synced' && event.report.metrics.resourcesApplied > 0) {
        synced.push(event.workflowId);
        next();
      }
    });
    await expect(lab.gitops.startAutoSync()).rejects.toMatchObject({ code: 'AUTO_SYNC_RUNNING' });
    await first;
    const second = sync();
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    await second;
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '2' });
    const third = sync();
    const configMaps = (await lab.cluster.discovery()).find({ group: '', version: 'v1', kind: 'ConfigMap' });
    if (configMaps === undefined) throw new Error('no ConfigMaps');
    await lab.cluster.patch(
      configMaps,
      { name: 'a', namespace: 'default' },
      { data: { x: 'by hand' } },
      { type: 'merge', fieldManager: 'kubectl-edit' },
    );
    await third;
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '2' });
    await lab.gitops.stopAutoSync();
    expect(synced).toEqual([workflowId, workflowId, workflowId]);
  });
});
