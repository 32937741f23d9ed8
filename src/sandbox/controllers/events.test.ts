import { expect, test } from 'vitest';
import type { KubeObject } from '../../model/index.js';
import { startControllers } from './start.js';
import { type TestHost, testHost } from './test-host.js';
import { deployment } from './test-objects.js';

type Event = KubeObject & {
  involvedObject: { kind: string; name: string; fieldPath?: string };
  source: { component?: string; host?: string };
  reason: string;
  message: string;
  type: string;
  count?: number;
  series?: { count: number };
  reportingComponent: string;
};
const resource = { group: '', plural: 'events' };
const events = (host: TestHost) => host.list(resource) as Event[];
const told = (host: TestHost, kind: string) =>
  events(host)
    .filter((e) => e.involvedObject.kind === kind)
    .map((e) => `${e.type} ${e.reason} ${e.source.component ?? e.reportingComponent}: ${e.message}`);

async function started(pace = 1) {
  const host = testHost({ pace });
  const running = startControllers(host);
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  await running.settle();
  return { host, running, pass };
}

test('a Deployment is told of as in a cluster, from scaling to the start of its container', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 2 }));
  await pass(3000);
  const [set] = host.list({ group: 'apps', plural: 'replicasets' });
  const pods = host.list({ group: '', plural: 'pods' }).map((pod) => pod.metadata.name);
  expect(told(host, 'Deployment')).toEqual([
    `Normal ScalingReplicaSet deployment-controller: Scaled up replica set ${set?.metadata.name} from 0 to 2`,
  ]);
  expect(told(host, 'ReplicaSet')).toEqual(pods.map((name) => `Normal SuccessfulCreate replicaset-controller: Created pod: ${name}`));
  expect(told(host, 'Pod').slice().sort()).toEqual(
    [
      ...pods.map((name) => `Normal Scheduled default-scheduler: Successfully assigned default/${name} to sandbox`),
      'Normal Pulling kubelet: Pulling image "nginx:1.25"',
      'Normal Pulled kubelet: Successfully pulled image "nginx:1.25" in 500ms (500ms including waiting)',
      'Normal Pulled kubelet: Container image "nginx:1.25" already present on machine',
      ...pods.flatMap(() => ['Normal Created kubelet: Created container: main', 'Normal Started kubelet: Started container main']),
    ].sort(),
  );
  const start = events(host).find((e) => e.reason === 'Started');
  expect(start).toMatchObject({ involvedObject: { fieldPath: 'spec.containers{main}' }, source: { host: 'sandbox' }, count: 1 });
  host.apply(deployment('web', { replicas: 1 }));
  await pass(3000);
  expect(told(host, 'Deployment')[1]).toBe(
    `Normal ScalingReplicaSet deployment-controller: Scaled down replica set ${set?.metadata.name} from 2 to 1`,
  );
  expect(told(host, 'ReplicaSet').at(-1)).toMatch(/^Normal SuccessfulDelete replicaset-controller: Deleted pod: web-/);
  expect(told(host, 'Pod').filter((line) => line.includes('Killing'))).toEqual(['Normal Killing kubelet: Stopping container main']);
  running.stop();
});

test('what is told again is counted, and what comes in ever new words is combined', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('crash', {}, 'nginx:crash'));
  host.apply(deployment('many', { replicas: 30 }));
  await pass(120_000);
  const back = events(host).filter((e) => e.reason === 'BackOff');
  expect(back).toHaveLength(1);
  expect(back[0]).toMatchObject({
    type: 'Warning',
    message: expect.stringMatching(/^Back-off restarting failed container main in pod crash-.*_default\(uid-/),
  });
  expect(back[0]?.count).toBeGreaterThan(2);
  const created = events(host).filter((e) => e.reason === 'SuccessfulCreate' && e.involvedObject.name.startsWith('many-'));
  expect(created).toHaveLength(11);
  expect(created.at(-1)).toMatchObject({
    count: 20,
    message: expect.stringMatching(/^\(combined from similar events\): Created pod: many-/),
  });
  running.stop();
});

test('events go an hour after they were last told, also after a restart', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web'));
  await pass(1_800_000);
  expect(events(host).length).toBeGreaterThan(5);
  running.stop();
  const again = startControllers(host);
  host.apply(deployment('late'));
  await pass(1_805_000);
  await again.settle();
  const names = new Set(events(host).map((e) => e.involvedObject.name.slice(0, 4)));
  expect([...names]).toEqual(['late']);
  await pass(3_600_000);
  await again.settle();
  expect(events(host)).toEqual([]);
  again.stop();
});

test('no more than ten thousand are kept', async () => {
  const { host, running, pass } = await started(0);
  for (let i = 0; i < 1700; i++) host.apply(deployment(`web-${i}`));
  await pass(1);
  const kept = events(host);
  expect(kept.length).toBeLessThanOrEqual(10_000);
  expect(kept.length).toBeGreaterThan(8000);
  running.stop();
});

test('what cannot be scheduled, pulled, mounted or made says why', async () => {
  const { host, running, pass } = await started();
  const pod = (name: string, image: string, spec: object = {}) =>
    host.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'main', image }], ...spec },
    });
  pod('nowhere', 'app', { nodeSelector: { disk: 'ssd' } });
  pod('missing', 'app:missing');
  pod('mount', 'app', { volumes: [{ name: 'v', configMap: { name: 'absent' } }] });
  pod('probe', 'app:never-ready', { containers: [{ name: 'main', image: 'app:never-ready', readinessProbe: { httpGet: { port: 80 } } }] });
  pod('env', 'app', { containers: [{ name: 'main', image: 'app', envFrom: [{ secretRef: { name: 'absent' } }] }] });
  host.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { serviceAccountName: 'robot', containers: [{ name: 'db', image: 'pg' }] } },
    },
  });
  await pass(10_000);
  const of = (name: string) =>
    events(host)
      .filter((e) => e.involvedObject.name === name && e.type === 'Warning')
      .map((e) => `${e.reason}: ${e.message}`);
  expect(of('nowhere')).toEqual(["FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."]);
  expect(of('missing')).toEqual([
    expect.stringMatching(/^Failed: Failed to pull image "app:missing": rpc error/),
    'Failed: Error: ErrImagePull',
    'Failed: Error: ImagePullBackOff',
  ]);
  expect(of('mount')).toEqual(['FailedMount: MountVolume.SetUp failed for volume "v" : configmap "absent" not found']);
  expect(of('probe')).toEqual(['Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503']);
  expect(of('env')).toEqual(['Failed: Error: secret "absent" not found']);
  expect(of('db')[0]).toMatch(/^FailedCreate: create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: /);
  running.stop();
});
