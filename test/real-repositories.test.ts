import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, makeLab } from './support/lab.js';

const bundle = join(import.meta.dirname, '../../shared/repos/argocd-example-apps.bundle');
if (!existsSync(bundle)) console.log(`Real repositories skipped: there is no ${bundle}.`);

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

/** Public repositories as they are: synced, healthy, nothing left to do, and nothing written by a second sync. */
describe.skipIf(!existsSync(bundle))('argocd-example-apps', () => {
  it.each([
    ['guestbook', 2],
    ['sock-shop', 29],
    ['sync-waves', 4],
  ])('%s', async (path, objects) => {
    const { workflowId } = await lab.gitops.workflow({ repo: bundle, branch: 'master', targetPath: path });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: true, metrics: { resourcesApplied: objects } });
    const resources = await lab.gitops.inspect(workflowId);
    expect(resources).toHaveLength(objects);
    expect(resources.filter((r) => r.sync !== 'synced' || (r.health !== null && r.health.status !== 'Healthy'))).toEqual([]);
    expect((await lab.gitops.generateDiff(workflowId)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
    lab.forget();
    expect((await lab.gitops.syncWorkflow(workflowId)).metrics.resourcesApplied).toBe(0);
    expect(lab.writes()).toEqual([]);
  });

  /** Writes by their kind and name: creations by the kind, since their names are in the body. */
  const written = () =>
    lab.writes().map((request) => {
      const [method, path = ''] = request.split(' ');
      const parts = (path.split('?')[0] as string).split('/');
      return method === 'POST' ? `POST ${parts.at(-1)}` : `${method} ${parts.slice(-2).join(' ')}`;
    });

  it('pre-post-sync: a Job before and one after, deleted when they have succeeded', async () => {
    const { workflowId } = await lab.gitops.workflow({ repo: bundle, branch: 'master', targetPath: 'pre-post-sync' });
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.hooks.map((hook) => `${hook.phase} ${hook.resource}`)).toEqual([
      'PreSync Job/pre-post-sync-before',
      'PostSync Job/pre-post-sync-after',
    ]);
    lab.forget();
    expect(await lab.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true, metrics: { resourcesApplied: 2 } });
    expect(written()).toEqual([
      'POST jobs',
      'DELETE jobs pre-post-sync-before',
      'PATCH services pre-post-sync-kustomize-guestbook-ui',
      'PATCH deployments pre-post-sync-kustomize-guestbook-ui',
      'POST jobs',
      'DELETE jobs pre-post-sync-after',
    ]);
  });

  it('sync-waves: the schema, the backend, the page up, the frontend, the page down', async () => {
    const { workflowId } = await lab.gitops.workflow({ repo: bundle, branch: 'master', targetPath: 'sync-waves' });
    const seen: string[] = [];
    await lab.gitops.syncWorkflow(workflowId, {
      onEvent: (event) => {
        if (event.type === 'hook' && event.state !== 'running')
          seen.push(`${event.phase} ${event.resource.replace(/schema.*/, 'schema')} ${event.state}`);
        if (event.type === 'resource') seen.push(`${event.result.key.kind}/${event.result.key.name}`);
        if (event.type === 'healthy') seen.push(`${event.key.kind}/${event.key.name} healthy`);
      },
    });
    const order = [
      'PreSync Job/upgrade-sql-schema succeeded',
      'Service/backend',
      'ReplicaSet/backend',
      'ReplicaSet/backend healthy',
      'Sync Job/maint-page-up succeeded',
      'Service/frontend',
      'ReplicaSet/frontend',
      'ReplicaSet/frontend healthy',
      'Sync Job/maint-page-down succeeded',
    ];
    expect(seen.filter((line) => order.includes(line))).toEqual(order);
    const jobs = await lab.cluster.list((await lab.cluster.discovery()).find({ group: 'batch', version: 'v1', kind: 'Job' }) as never, {
      namespace: 'default',
    });
    expect(jobs.items.map((job) => (job.metadata.name ?? '').replace(/schema.*/, 'schema')).sort()).toEqual([
      'maint-page-down',
      'maint-page-up',
      'upgrade-sql-schema',
    ]);
  });
});

/** The chart `blue-green` of argocd-example-apps, as Helm prints it: a kind whose controller is not there. */
describe('a Rollout', () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {plural: rollouts, singular: rollout, kind: Rollout}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
  const rollout = (tag: string) => `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: blue-green}
spec:
  replicas: 1
  selector: {matchLabels: {app: blue-green}}
  strategy: {blueGreen: {activeService: blue-green, previewService: blue-green-preview}}
  template:
    metadata: {labels: {app: blue-green}}
    spec: {containers: [{name: helm-guestbook, image: "gcr.io/heptio-images/ks-guestbook-demo:${tag}"}]}
`;
  const service = (name: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}], selector: {app: blue-green}}\n`;

  it('comes after its definition, and is as healthy as its conditions say', async () => {
    lab.repository.commit({
      'app/crd.yaml': definition,
      'app/rollout.yaml': rollout('0.1'),
      'app/services.yaml': `${service('blue-green')}---\n${service('blue-green-preview')}`,
    });
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'app' });
    const syncing = lab.gitops.syncWorkflow(workflowId, { healthTimeout: '20s' });
    const type = async () =>
      (await lab.cluster.discovery({ refresh: true })).find({ group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' });
    const ref = { name: 'blue-green', namespace: 'default' };
    let resource = await type();
    const until = Date.now() + 20_000;
    while (resource === undefined || (await lab.cluster.get(resource, ref)) === undefined) {
      if (Date.now() > until) throw new Error('no Rollout came');
      await new Promise((resolve) => setTimeout(resolve, 50));
      resource = await type();
    }
    const waiting = async (text: string) => {
      while (!((await lab.gitops.getWorkflowStatus(workflowId)).waitingFor ?? '').includes(text)) {
        if (Date.now() > until) throw new Error(`the status never said ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await waiting('Waiting for Rollout/blue-green in default');
    const say = (status: object) => lab.cluster.patch(resource, ref, { status }, { type: 'merge', subresource: 'status' });
    await say({ observedGeneration: '1', phase: 'Progressing', message: 'the preview is being looked at' });
    await waiting('the preview is being looked at');
    await say({ observedGeneration: '1', phase: 'Healthy', message: '' });
    expect(await syncing).toMatchObject({ success: true, metrics: { resourcesApplied: 4 } });
    lab.repository.commit({ 'app/rollout.yaml': rollout('0.2') });
    const report = lab.gitops.syncWorkflow(workflowId, { healthTimeout: '20s' });
    await waiting('Rollout/blue-green');
    await say({ observedGeneration: '2', phase: 'Healthy', message: '' });
    expect(await report).toMatchObject({ success: true, metrics: { resourcesApplied: 1 } });
  });
});
