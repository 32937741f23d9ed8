import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Wire } from '../src/model/index.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;
let refuse: (method: string, path: string) => boolean;

beforeEach(async () => {
  refuse = () => false;
  const wire =
    (inner: Wire): Wire =>
    async (request) => {
      if (!refuse(request.method, request.path)) return inner(request);
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403, message: 'it is forbidden' };
      return { status: 403, headers: { 'content-type': 'application/json' }, body: JSON.stringify(status) };
    };
  lab = await makeLab({ wire });
});

afterEach(() => lab.close());

const workflow = async (extra = {}) =>
  (await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', syncPolicy: { autoPrune: true }, ...extra })).workflowId;

const create = async (object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}) => {
  const slash = object.apiVersion.indexOf('/');
  const discovery = await lab.cluster.discovery({ refresh: true });
  const resource = discovery.find({
    group: slash < 0 ? '' : object.apiVersion.slice(0, slash),
    version: object.apiVersion.slice(slash + 1),
    kind: object.kind,
  });
  if (resource === undefined) throw new Error(`no ${object.kind}`);
  await lab.cluster.create(resource, object);
};

const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

describe('what a change reaches', () => {
  it('says who goes on with the old values of a ConfigMap, and how to restart them', async () => {
    const web = deployment('web', { replicas: 2 }).replace(
      'image: "nginx:1.25"',
      'image: "nginx:1.25", envFrom: [{configMapRef: {name: settings}}]',
    );
    lab.repository.commit({ 'k8s/web.yaml': web, 'k8s/settings.yaml': configMap('settings', { a: '1' }) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/settings.yaml': configMap('settings', { a: '2' }) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes).toMatchObject([
      {
        resource: 'ConfigMap/settings',
        impact: 'medium',
        reasons: [
          'Deployment/web reads its environment from it; its 2 pods do not restart by this and keep the old values until they are restarted',
        ],
      },
    ]);
    expect(diff.warnings).toEqual([
      'ConfigMap/settings in default changes, and Deployment/web goes on with the old values until it is restarted: kubectl rollout restart deployment/web -n default',
    ]);
    lab.repository.commit({ 'k8s/web.yaml': web.replace('nginx:1.25', 'nginx:1.26') });
    const both = await lab.gitops.generateDiff(id);
    expect(both.changes[0]?.reasons).toEqual(['Deployment/web reads its environment from it and is restarted by this sync']);
    expect(both.warnings).toEqual([]);
  });

  it('counts what lives in a Namespace that goes, and tolerates what may not be seen', async () => {
    lab.repository.commit({
      'k8s/shop.yaml': namespace('shop'),
      'k8s/a.yaml': configMap('a', {}, '  namespace: shop\n'),
      'k8s/keep.yaml': configMap('keep', {}),
    });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    for (const name of ['one', 'two']) await create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' } });
    await create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    lab.repository.commit({ 'k8s/shop.yaml': undefined, 'k8s/a.yaml': undefined });
    const of = async () => (await lab.gitops.generateDiff(id)).changes.find((change) => change.resource === 'Namespace/shop');
    expect(await of()).toMatchObject({
      type: 'delete',
      impact: 'critical',
      reasons: ['deletes everything that lives in the namespace', 'what else lives in it goes too: 2 Secrets, 1 PersistentVolumeClaim'],
    });
    refuse = (method, path) => method === 'GET' && path.includes('/namespaces/shop/secrets');
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes.find((change) => change.resource === 'Namespace/shop')?.reasons).toEqual([
      'deletes everything that lives in the namespace',
      'what else lives in it goes too: 1 PersistentVolumeClaim',
      'whether it has objects of Secret could not be seen',
    ]);
    expect(diff.warnings).toContain('Secret could not be listed in namespace shop, which is deleted');
  });

  it('counts the objects that a CustomResourceDefinition takes with it', async () => {
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`;
    lab.repository.commit({ 'k8s/crd.yaml': crd, 'k8s/keep.yaml': configMap('keep', {}) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    for (const name of ['one', 'two', 'three'])
      await create({ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name, namespace: 'default' } });
    lab.repository.commit({ 'k8s/crd.yaml': undefined });
    const next = await lab.reopen();
    expect((await next.generateDiff(id)).changes).toMatchObject([
      { type: 'delete', impact: 'critical', reasons: ['deletes every object of the type', 'takes 3 Boats with it'] },
    ]);
  });

  it('goes on without what the cluster ceases to answer', async () => {
    lab.repository.commit({ 'k8s/shop.yaml': namespace('shop'), 'k8s/keep.yaml': configMap('keep', {}) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/shop.yaml': undefined });
    refuse = (method, path) => method === 'GET' && path.includes('/namespaces/shop/');
    lab.forget();
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes).toMatchObject([
      {
        impact: 'critical',
        reasons: [
          'deletes everything that lives in the namespace',
          expect.stringMatching(/^whether it has objects of .* and \d+ more could not be seen$/),
        ],
      },
    ]);
    expect(diff.warnings.join('\n')).toMatch(/\d+ types could not be listed in namespace shop/);
  });

  it('names the disruption budget of pods that restart, and asks for it only then', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2 }), 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    await create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    });
    await expect
      .poll(async () => (await lab.get('policy/v1', 'PodDisruptionBudget', 'web'))?.['status'])
      .toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2 });
    const asked = () => lab.requests.filter((request) => request.includes('poddisruptionbudgets'));

    lab.forget();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    await lab.gitops.syncWorkflow(id);
    expect(asked()).toEqual([]);

    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 2, image: 'nginx:1.26' }) });
    const diff = await lab.gitops.generateDiff(id);
    expect(diff.changes[0]?.reasons).toEqual([
      'restarts 2 pods',
      'PodDisruptionBudget/web allows 0 disruptions now; a rollout does not ask it, only evictions (node drains) do',
      'changes the image of container main',
    ]);
    expect(asked()).toHaveLength(1);

    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 1 }) });
    expect((await lab.gitops.generateDiff(id)).changes[0]?.reasons).toEqual([
      'scales from 2 to 1',
      'PodDisruptionBudget/web allows 0 disruptions now; scaling down does not ask it, only evictions (node drains) do',
    ]);
  });
});

it('costs a sync in which nothing changes no request', async () => {
  lab.repository.commit({
    'k8s/shop.yaml': namespace('shop'),
    'k8s/web.yaml': deployment('web'),
    'k8s/a.yaml': configMap('a', {}, '  namespace: shop\n'),
    'k8s/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: nobody}\nspec: {selector: {app: nobody}, ports: [{port: 80}]}\n',
  });
  const id = await workflow();
  await lab.gitops.syncWorkflow(id);
  lab.forget();
  await lab.gitops.syncWorkflow(id);
  expect(lab.requests.filter((request) => !/^GET \S+\?limit=500&labelSelector=/.test(request))).toEqual([]);
  expect(lab.requests).toHaveLength(4);
});

describe('warnings', () => {
  it('tell of what is newly not fixed, on its way out, or without effect', async () => {
    lab.repository.commit({
      'k8s/web.yaml': deployment('web', { image: 'nginx' }),
      'k8s/fixed.yaml': deployment('fixed', {
        image: 'registry.test:5000/nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000',
      }),
      'k8s/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n',
      'k8s/budget.yaml':
        'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n',
    });
    const id = await workflow();
    expect((await lab.gitops.generateDiff(id)).warnings).toEqual([
      'Deployment/web in default: container main runs nginx, which may be another image tomorrow; name a version or a digest',
      'Service/shop in default selects no pods: neither a workload of this workflow nor a pod of the cluster has its labels',
      'PodDisruptionBudget/web in default never lets a pod be evicted (minAvailable is 1 of 1 pod): draining a node waits for ever',
    ]);
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx', replicas: 3 }) });
    expect((await lab.gitops.generateDiff(id)).warnings).toEqual([]);
  });

  it('name what pods wait for, and read no Secret for it', async () => {
    const pod =
      'serviceAccountName: runner, containers: [{name: main, image: "nginx:1.25", envFrom: [{configMapRef: {name: here}}, {secretRef: {name: there}}, {secretRef: {name: nowhere}}, {secretRef: {name: maybe, optional: true}}, {secretRef: {name: issued}}, {configMapRef: {name: hooked}}]}]';
    lab.repository.commit({
      'k8s/web.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {${pod}}}}\n`,
      'k8s/here.yaml': configMap('here', {}),
      'k8s/hook.yaml': configMap('hooked', {}, '  annotations: {argocd.argoproj.io/hook: PreSync}\n'),
      'k8s/issued.yaml':
        'apiVersion: example.com/v1\nkind: SealedSecret\nmetadata: {name: issued, namespace: default, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}\n',
    });
    await create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'there', namespace: 'default' }, stringData: { a: 'x' } });
    const id = await workflow();
    lab.forget();
    expect((await lab.gitops.generateDiff(id)).warnings).toEqual([
      'Secret/nowhere in default is neither in Git nor in the cluster, and Deployment/web reads its environment from it: its pods do not start until it is there',
      'ServiceAccount/runner in default is neither in Git nor in the cluster, and Deployment/web runs as it: its pods do not start until it is there',
    ]);
    expect(lab.requests.filter((request) => request.includes('/secrets/'))).toEqual([]);
  });

  it('foretell that a sync is refused for what it would delete', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k8s/c${i}.yaml`, configMap(`c${i}`, {})]));
    lab.repository.commit(files);
    const id = await workflow();
    await lab.gitops.syncWorkflow(id);
    lab.repository.commit(
      Object.fromEntries(
        Object.keys(files)
          .slice(0, 6)
          .map((file) => [file, undefined]),
      ),
    );
    const limited = await lab.gitops.generateDiff(id);
    expect(limited.warnings[0]).toMatch(/^A sync of this is refused: this sync would delete 6 of 8 objects, .*--allow-mass-prune/);
    const refused = await lab.gitops.syncWorkflow(id);
    expect(refused).toMatchObject({ success: false, error: { code: 'SYNC_PRUNE_LIMIT' } });
    expect(limited.warnings[0]).toContain(refused.error?.['message'] as string);

    lab.repository.commit({ ...Object.fromEntries(Object.keys(files).map((file) => [file, undefined])), 'k8s/note.txt': 'empty' });
    const empty = await lab.gitops.generateDiff(id);
    expect(empty.warnings[0]).toMatch(/^A sync of this is refused: Git has no objects at this path/);
    expect(await lab.gitops.syncWorkflow(id)).toMatchObject({ success: false, error: { code: 'SYNC_EMPTY_RENDER' } });
  });
});
