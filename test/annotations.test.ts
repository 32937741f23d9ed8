import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Wire, WireResponse } from '../src/model/index.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;
/** Answers in place of the server, where it returns something. */
let instead: (method: string, path: string) => WireResponse | undefined;

beforeEach(async () => {
  instead = () => undefined;
  const wire =
    (inner: Wire): Wire =>
    async (request) =>
      instead(request.method, request.path) ?? inner(request);
  lab = await makeLab({ wire });
});

afterEach(() => lab.close());

const workflow = async (extra = {}) =>
  (await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', syncPolicy: { autoPrune: true }, ...extra })).workflowId;

const annotated = (name: string, value: string) => `  annotations: {${name}: "${value}"}\n`;
const argo = (options: string) => annotated('argocd.argoproj.io/sync-options', options);
const flux = (name: string, value: string) => annotated(`kustomize.toolkit.fluxcd.io/${name}`, value);

const resource = async (kind: string, group = '', version = 'v1') => {
  const found = (await lab.cluster.discovery()).find({ group, version, kind });
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

const patch = async (kind: string, name: string, body: unknown, group = '', fieldManager = 'kubectl-edit') =>
  lab.cluster.patch(await resource(kind, group), { name, namespace: 'default' }, body, { type: 'merge', fieldManager });

const selecting = (value: string, extra = '') => deployment('web', { extra }).replaceAll('{app: web}', `{app: ${value}}`);

describe('a change that cannot be made in place', () => {
  it.each([
    ['kustomize.toolkit.fluxcd.io/force', flux('force', 'enabled')],
    ['Force=true', argo('Force=true')],
  ])('replaces the object where %s says so, and only then', async (_, allowed) => {
    lab.repository.commit({ 'k8s/web.yaml': selecting('web') });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    const before = await lab.get('apps/v1', 'Deployment', 'web');

    lab.repository.commit({ 'k8s/web.yaml': selecting('shop') });
    const refused = await lab.gitops.generateDiff(id);
    expect(refused.conflicts).toHaveLength(1);
    expect(refused.conflicts[0]).toMatchObject({ type: 'validation', resolution: 'blocked' });
    expect(refused.conflicts[0]?.description).toContain(
      'spec.selector cannot be changed in place, so this would have to replace the Deployment',
    );
    expect(refused.conflicts[0]?.suggestions.join('\n')).toMatch(
      /kustomize\.toolkit\.fluxcd\.io\/force: enabled[\s\S]*kubectl delete deployments\.apps web -n default/,
    );

    lab.repository.commit({ 'k8s/web.yaml': selecting('shop', allowed) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.conflicts).toEqual([]);
    expect(diff.changes).toMatchObject([{ type: 'update', resource: 'Deployment/web', impact: 'high', recreate: true }]);
    expect(diff.changes[0]?.diff).toMatch(/^~ Replacing Deployment\/web:\n/);
    expect(diff.changes[0]?.reasons[0]).toMatch(/^replaces the Deployment: spec\.selector cannot be changed in place/);
    expect(lab.writes().filter((r) => r.startsWith('DELETE'))).toEqual([]);

    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true, metrics: { resourcesApplied: 1 } });
    const after = await lab.get('apps/v1', 'Deployment', 'web');
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(after?.['spec']).toMatchObject({ selector: { matchLabels: { app: 'shop' } } });
    expect((await lab.gitops.generateDiff(id)).summary.totalChanges).toBe(0);

    // A rollback puts it back the same way.
    expect(await lab.gitops.rollbackWorkflow(id, 'no')).toMatchObject({ success: true });
    expect((await lab.get('apps/v1', 'Deployment', 'web'))?.['spec']).toMatchObject({ selector: { matchLabels: { app: 'web' } } });
  });

  const pod = (extra = '') => `{spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.36"${extra}}]}}`;
  const claim = (size: string) =>
    `[{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}}}]`;
  const set = (size: string) =>
    `{replicas: 1, serviceName: x, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: "busybox:1.36"}]}}, volumeClaimTemplates: ${claim(size)}}`;

  it.each([
    ['batch/v1', 'Job', `spec: {template: ${pod()}}`, `spec: {template: ${pod(', args: [x]')}}`, 'high'],
    ['apps/v1', 'StatefulSet', `spec: ${set('1Gi')}`, `spec: ${set('2Gi')}`, 'high'],
    ['v1', 'Secret', 'type: Opaque\nstringData: {a: x}', 'type: example.com/other\nstringData: {a: x}', 'high'],
    ['v1', 'ConfigMap', 'immutable: true\ndata: {a: "1"}', 'immutable: true\ndata: {a: "2"}', 'high'],
    [
      'rbac.authorization.k8s.io/v1',
      'RoleBinding',
      'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}',
      'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}',
      'high',
    ],
    [
      'v1',
      'PersistentVolumeClaim',
      'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}',
      'spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}',
      'critical',
    ],
    ['storage.k8s.io/v1', 'StorageClass', 'provisioner: example.com/a', 'provisioner: example.com/b', 'high'],
    ['v1', 'Service', 'spec: {clusterIP: 10.96.7.7, ports: [{port: 80}]}', 'spec: {clusterIP: 10.96.8.8, ports: [{port: 80}]}', 'high'],
    [
      'v1',
      'Pod',
      'spec: {containers: [{name: main, image: "busybox:1.36"}]}',
      'spec: {containers: [{name: main, image: "busybox:1.36", args: [x]}]}',
      'high',
    ],
  ])('is known for what it is in %s %s', async (apiVersion, kind, before, after, impact) => {
    const manifest = (body: string, extra = '') => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: x\n${extra}${body}\n`;
    lab.repository.commit({ 'k8s/x.yaml': manifest(before) });
    const id = await workflow({ syncPolicy: { healthCheck: { enabled: false } } });
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    const old = await lab.get(apiVersion, kind, 'x');
    lab.repository.commit({ 'k8s/x.yaml': manifest(after) });
    const refused = await lab.gitops.generateDiff(id);
    expect(refused.conflicts.map((conflict) => conflict.description).join()).toMatch(
      new RegExp(`cannot be changed in place, so this would have to replace the ${kind}: `),
    );
    lab.repository.commit({ 'k8s/x.yaml': manifest(after, flux('force', 'enabled')) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff).toMatchObject({ conflicts: [], changes: [{ recreate: true, impact }] });
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true, metrics: { resourcesApplied: 1 } });
    expect((await lab.get(apiVersion, kind, 'x'))?.metadata.uid).not.toBe(old?.metadata.uid);
  });

  it('never replaces a Namespace or a CustomResourceDefinition', async () => {
    const crd = (scope: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: boats.example.com
${flux('force', 'enabled')}spec:
  group: example.com
  scope: ${scope}
  names: {kind: Boat, plural: boats}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
    lab.repository.commit({ 'k8s/crd.yaml': crd('Namespaced') });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/crd.yaml': crd('Cluster') });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.conflicts).toMatchObject([{ type: 'validation', resource: 'CustomResourceDefinition/boats.example.com' }]);
    expect(diff.conflicts[0]?.suggestions.join()).toContain('every object of the type would go with it');
  });

  it('deletes nothing where the new one would be refused', async () => {
    lab.repository.commit({ 'k8s/web.yaml': selecting('web') });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    const broken = selecting('shop', flux('force', 'enabled')).replace('labels: {app: shop}', 'labels: {app: other}');
    lab.repository.commit({ 'k8s/web.yaml': broken });
    lab.forget();
    const report = await lab.gitops.syncWorkflow(id);
    expect(report).toMatchObject({ success: false, error: { code: 'SYNC_BLOCKED' } });
    expect(report.reason).toContain('the new one would be refused');
    expect(lab.writes()).toEqual([]);
  });

  it.each([false, true])('loses no object where the sync fails between the two (rollback %s)', async (rollbackOnFailure) => {
    lab.repository.commit({ 'k8s/web.yaml': selecting('web') });
    const id = await workflow({ rollbackOnFailure });
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/web.yaml': selecting('shop', flux('force', 'enabled')) });
    let deleted = false;
    let failed = false;
    instead = (method, path) => {
      if (method === 'DELETE' && path.includes('/deployments/web')) deleted = true;
      if (!deleted || failed || method !== 'PATCH' || path.includes('dryRun')) return undefined;
      failed = true;
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message: 'a webhook says no' };
      return { status: 403, headers: { 'content-type': 'application/json' }, body: JSON.stringify(status) };
    };
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: false });
    expect(failed).toBe(true);
    const selector = async () => (await lab.get('apps/v1', 'Deployment', 'web'))?.['spec'];
    if (rollbackOnFailure) {
      expect(await selector()).toMatchObject({ selector: { matchLabels: { app: 'web' } } });
      return;
    }
    expect(await selector()).toBeUndefined();
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    expect(await selector()).toMatchObject({ selector: { matchLabels: { app: 'shop' } } });
  });

  it('makes an object anew at every change with Force=true,Replace=true, and never without one', async () => {
    const job = (command: string) => `apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
${argo('Force=true,Replace=true')}spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36", command: [${command}]}]
`;
    lab.repository.commit({ 'k8s/job.yaml': job('one') });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    const first = await lab.get('batch/v1', 'Job', 'migrate');
    lab.forget();
    await lab.gitops.syncWorkflow(id);
    expect(lab.writes()).toEqual([]);
    lab.repository.commit({ 'k8s/job.yaml': job('two') });
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    const second = await lab.get('batch/v1', 'Job', 'migrate');
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    expect(second?.['spec']).toMatchObject({ template: { spec: { containers: [{ command: ['two'] }] } } });
  });
});

describe('annotations of other tools', () => {
  it('leave alone what says that it is not reconciled, in Git or on the cluster, and never prune it', async () => {
    lab.repository.commit({
      'k8s/git.yaml': configMap('git', { a: '1' }, flux('reconcile', 'disabled')),
      'k8s/live.yaml': configMap('live', { a: '1' }),
      'k8s/ignored.yaml': configMap('ignored', { a: '1' }, flux('ssa', 'Ignore')),
      'k8s/hook.yaml': configMap(
        'hook',
        {},
        '  annotations: {argocd.argoproj.io/hook: PreSync, kustomize.toolkit.fluxcd.io/reconcile: disabled}\n',
      ),
    });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    expect(await lab.get('v1', 'ConfigMap', 'git')).toBeUndefined();
    expect(await lab.get('v1', 'ConfigMap', 'ignored')).toBeUndefined();
    expect(await lab.get('v1', 'ConfigMap', 'hook')).toBeUndefined();
    await patch('ConfigMap', 'live', {
      metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } },
      data: { a: '9' },
    });
    lab.repository.commit({ 'k8s/live.yaml': configMap('live', { a: '2' }) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    expect(diff.warnings).toContain(
      'ConfigMap/live in default is left alone: kustomize.toolkit.fluxcd.io/reconcile: disabled on the live object',
    );
    lab.repository.commit({ 'k8s/live.yaml': undefined });
    await lab.gitops.syncWorkflow(id);
    expect((await lab.get('v1', 'ConfigMap', 'live'))?.['data']).toEqual({ a: '9' });
  });

  it('only make what says IfNotPresent, and prune it when it leaves Git', async () => {
    lab.repository.commit({
      'k8s/a.yaml': configMap('a', { x: '1' }, flux('ssa', 'IfNotPresent')),
      'k8s/b.yaml': configMap('b', { x: '1' }),
    });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    await patch('ConfigMap', 'a', { data: { x: 'theirs' } });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }, flux('ssa', 'IfNotPresent')) });
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: 'theirs' });
    lab.repository.commit({ 'k8s/a.yaml': undefined });
    await lab.gitops.syncWorkflow(id);
    expect(await lab.get('v1', 'ConfigMap', 'a')).toBeUndefined();
  });

  it('take every field that Git sets where ssa says Override or Merge', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }, flux('ssa', 'Merge')), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    for (const name of ['a', 'b']) await patch('ConfigMap', name, { data: { x: 'theirs', y: 'more' } }, '', 'some-controller');
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.conflicts.map((c) => c.resource)).toEqual(['ConfigMap/b']);
    expect(diff.resolutions).toMatchObject([{ resource: 'ConfigMap/a', resolution: 'taken', owner: 'some-controller', path: 'data.x' }]);
    lab.repository.commit({ 'k8s/b.yaml': undefined });
    await lab.gitops.syncWorkflow(id);
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '1', y: 'more' });
  });

  it('say where Override would take off what people added, and take the rest', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }, flux('ssa', 'Override')) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    await patch('ConfigMap', 'a', { data: { x: 'theirs', y: 'more' } });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.conflicts).toEqual([]);
    expect(diff.warnings).toEqual([
      'ConfigMap/a in default: ssa: Override is to take off what kubectl-edit added (data.y); here it stays, and fields that Git sets are taken',
    ]);
    await lab.gitops.syncWorkflow(id);
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '1', y: 'more' });
  });

  it('put an object as a whole where Replace=true says so', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }, argo('Replace=true')) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    await patch('ConfigMap', 'a', { data: { theirs: 'more' } });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }, argo('Replace=true')) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes[0]?.fields.map((f) => f.path).sort()).toEqual(['data.theirs', 'data.x']);
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    expect((await lab.get('v1', 'ConfigMap', 'a'))?.['data']).toEqual({ x: '2' });
    lab.forget();
    await lab.gitops.syncWorkflow(id);
    expect(lab.requests.filter((r) => !r.startsWith('GET'))).toEqual([]);
  });

  it('own what they put, also where the process ended between the put and the apply', async () => {
    const replaced = (x: string) => configMap('a', { x }, argo('Replace=true'));
    lab.repository.commit({ 'k8s/a.yaml': replaced('1') });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    const live = await lab.get('v1', 'ConfigMap', 'a');
    if (live === undefined) throw new Error('not there');
    await lab.cluster.replace(await resource('ConfigMap'), { ...live, data: { x: '2' } }, { fieldManager: 'evenkeel' });
    lab.repository.commit({ 'k8s/a.yaml': replaced('2') });
    await lab.gitops.syncWorkflow(id);
    await patch('ConfigMap', 'a', { data: { x: 'theirs' } });
    expect((await lab.gitops.generateDiff(id)).changes[0]?.fields).toMatchObject([{ path: 'data.x', before: 'theirs', after: '2' }]);
  });

  it('leave out what the server does not know where Validate=false says so', async () => {
    const typo = (extra: string) => deployment('web', { extra }).replace('spec:\n  replicas', 'spec:\n  replicaz: 3\n  replicas');
    lab.repository.commit({ 'k8s/web.yaml': typo('') });
    const id = await workflow();
    expect((await lab.gitops.generateDiff(id)).conflicts).toMatchObject([{ type: 'validation', resource: 'Deployment/web' }]);
    lab.repository.commit({ 'k8s/web.yaml': typo(argo('Validate=false')) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.conflicts).toEqual([]);
    expect(diff.warnings.join('\n')).toContain('Deployment/web in default: the server does not know spec.replicaz');
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
  });

  it('wait for a person where Prune=confirm says so', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }, argo('Prune=confirm')), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/a.yaml': undefined });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.summary.deletedResources).toBe(0);
    expect(diff.warnings.join('\n')).toContain('kubectl annotate configmaps a -n default argocd.argoproj.io/deletion-approved=');
    await patch('ConfigMap', 'a', { metadata: { annotations: { 'argocd.argoproj.io/deletion-approved': '2026-01-02T03:04:05Z' } } });
    await lab.gitops.syncWorkflow(id);
    expect(await lab.get('v1', 'ConfigMap', 'a')).toBeUndefined();
  });

  it('delete the highest wave first, and within a wave the reverse of what was installed', async () => {
    const wave = (n: string) => annotated('argocd.argoproj.io/sync-wave', n);
    lab.repository.commit({
      'k8s/keep.yaml': configMap('keep', {}),
      'k8s/a.yaml': configMap('a', {}, wave('-1')),
      'k8s/b.yaml': configMap('b', {}, wave('5')),
      'k8s/c.yaml': configMap('c', {}),
      'k8s/d.yaml': deployment('d'),
    });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/a.yaml': undefined, 'k8s/b.yaml': undefined, 'k8s/c.yaml': undefined, 'k8s/d.yaml': undefined });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes.map((c) => c.resource)).toEqual(['ConfigMap/b', 'Deployment/d', 'ConfigMap/c', 'ConfigMap/a']);
  });

  it('let a type come to be served during the sync where SkipDryRunOnMissingResource says so', async () => {
    const boat = (extra: string) =>
      `apiVersion: example.com/v1\nkind: Boat\nmetadata:\n  name: one\n  namespace: default\n${extra}spec: {}\n`;
    lab.repository.commit({ 'k8s/boat.yaml': boat('') });
    const id = await workflow();
    await expect(lab.gitops.generateDiff(id)).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN_KIND' });
    lab.repository.commit({ 'k8s/boat.yaml': boat(argo('SkipDryRunOnMissingResource=true')) });
    expect((await lab.gitops.generateDiff(id)).changes).toMatchObject([{ type: 'create', resource: 'Boat/one' }]);
    await lab.cluster.create(await resource('CustomResourceDefinition', 'apiextensions.k8s.io'), {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boats.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Boat', plural: 'boats' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
          },
        ],
      },
    });
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: true });
    expect(await lab.get('example.com/v1', 'Boat', 'one')).toBeDefined();
  });
});
