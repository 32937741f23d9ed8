import { expect, test } from 'vitest';
import type { KubeObject } from '../../model/index.js';
import type { Pod } from './shapes.js';
import { startControllers } from './start.js';
import { testHost } from './test-host.js';
import { conditionOf, podSpec, see } from './test-objects.js';

async function started(pace = 1) {
  const host = testHost({ pace });
  const running = startControllers(host);
  await running.settle();
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  const pod = (name: string, image: string, extra: { [field: string]: unknown } = {}, annotations: { [key: string]: string } = {}) =>
    host.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', annotations }, spec: podSpec(image, extra) });
  return { host, running, pass, pod };
}

const container = (pod: Pod | undefined, i = 0) => pod?.status?.containerStatuses?.[i];

test('a pod is scheduled, creates its containers, runs and is ready', async () => {
  const { host, running, pass, pod } = await started();
  pod('web', 'nginx');
  await running.settle();
  let web = see.pod(host, 'web');
  expect(web?.spec.nodeName).toBe('sandbox');
  expect(web?.status).toMatchObject({ phase: 'Pending', startTime: '2026-01-01T00:00:00Z' });
  expect(container(web)).toMatchObject({ ready: false, state: { waiting: { reason: 'ContainerCreating' } } });
  expect(conditionOf(web, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [main]',
  });
  await pass(1000);
  web = see.pod(host, 'web');
  expect(web?.status?.phase).toBe('Running');
  expect(web?.status?.podIP).toMatch(/^10\.244\./);
  expect(container(web)).toMatchObject({ ready: true, started: true, restartCount: 0, image: 'docker.io/library/nginx:latest' });
  for (const type of ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']) expect(conditionOf(web, type)?.status).toBe('True');
  running.stop();
});

test('a crashing container backs off longer each time, as far as five minutes', async () => {
  const { host, running, pass, pod } = await started();
  pod('web', 'nginx:crash');
  await pass(3000);
  expect(container(see.pod(host, 'web'))).toMatchObject({
    restartCount: 1,
    ready: false,
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: expect.stringMatching(/^back-off 10s restarting failed container=main pod=web_default\(/),
      },
    },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  });
  expect(see.pod(host, 'web')?.status?.phase).toBe('Running');
  await pass(12_000);
  expect(container(see.pod(host, 'web'))?.restartCount).toBe(2);
  await pass(10_000);
  expect(container(see.pod(host, 'web'))?.restartCount).toBe(2);
  await pass(3_600_000);
  const last = container(see.pod(host, 'web'));
  expect(last?.state?.waiting?.message).toContain('back-off 5m0s');
  expect(last?.restartCount).toBeGreaterThan(10);
  expect(last?.restartCount).toBeLessThan(25);
  running.stop();
});

test('even at pace 0 a crash loop waits between its turns', async () => {
  const { host, running, pass, pod } = await started(0);
  pod('web', 'nginx:crash');
  await running.settle();
  expect(container(see.pod(host, 'web'))?.state?.waiting?.reason).toBe('CrashLoopBackOff');
  const before = host.writes;
  await pass(60_000);
  expect(host.writes - before).toBeLessThan(10);
  running.stop();
});

test('images that are missing, memory that runs out, pods that are slow or never ready', async () => {
  const { host, running, pass, pod } = await started();
  pod('missing', 'shop/app:missing');
  pod('oom', 'app:1', {}, { 'sandbox.evenkeel.dev/behaviour': 'oom' });
  pod('slow', 'app:slow');
  pod('never', 'app:1', {}, { 'sandbox.evenkeel.dev/behaviour': 'never-ready' });
  pod('after', 'app:1', {}, { 'sandbox.evenkeel.dev/ready-after': '5s' });
  pod('probe', 'app:1', { containers: [{ name: 'main', image: 'app', readinessProbe: { initialDelaySeconds: 7 } }] });
  await pass(1500);
  const waiting = (name: string) => container(see.pod(host, name))?.state?.waiting;
  const ready = (name: string) => container(see.pod(host, name))?.ready;
  expect(waiting('missing')).toMatchObject({
    reason: 'ErrImagePull',
    message: expect.stringContaining('docker.io/shop/app:missing: not found'),
  });
  await pass(3000);
  expect(waiting('missing')).toEqual({ reason: 'ImagePullBackOff', message: 'Back-off pulling image "shop/app:missing"' });
  expect(container(see.pod(host, 'oom'))?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  expect(['slow', 'never', 'after', 'probe'].map(ready)).toEqual([false, false, false, false]);
  await pass(4000);
  expect(['slow', 'never', 'after', 'probe'].map(ready)).toEqual([false, false, true, true]);
  await pass(25_000);
  expect(['slow', 'never'].map(ready)).toEqual([true, false]);
  running.stop();
});

test('a pod waits for its ConfigMaps and Secrets, and goes on once they are there', async () => {
  const { host, running, pass, pod } = await started();
  pod('env', 'app', { containers: [{ name: 'main', image: 'app', envFrom: [{ configMapRef: { name: 'settings' } }] }] });
  pod('key', 'app', {
    containers: [{ name: 'main', image: 'app', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } }] }],
  });
  pod('volume', 'app', { volumes: [{ name: 'v', configMap: { name: 'settings' } }] });
  pod('optional', 'app', { volumes: [{ name: 'v', configMap: { name: 'settings', optional: true } }] });
  await pass(2000);
  const waiting = (name: string) => container(see.pod(host, name))?.state?.waiting;
  expect(waiting('env')).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "settings" not found' });
  expect(waiting('key')).toEqual({ reason: 'CreateContainerConfigError', message: 'secret "keys" not found' });
  expect(waiting('volume')).toMatchObject({
    reason: 'ContainerCreating',
    message: expect.stringContaining('configmap "settings" not found'),
  });
  expect(container(see.pod(host, 'optional'))?.ready).toBe(true);
  const make = (kind: string, name: string, data: object): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'default' },
    data,
  });
  host.apply(make('ConfigMap', 'settings', {}));
  host.apply(make('Secret', 'keys', {}));
  await pass(100);
  expect(container(see.pod(host, 'env'))?.ready).toBe(true);
  expect(container(see.pod(host, 'volume'))?.ready).toBe(true);
  expect(waiting('key')?.message).toBe("couldn't find key a in Secret default/keys");
  host.apply(make('Secret', 'keys', { a: 'eA==' }));
  await pass(100);
  expect(container(see.pod(host, 'key'))?.ready).toBe(true);
  running.stop();
});

test('init containers run in order before the others', async () => {
  const { host, running, pass, pod } = await started();
  pod('web', 'app', {
    initContainers: [
      { name: 'one', image: 'busybox', command: ['sleep', '2'] },
      { name: 'two', image: 'busybox', command: ['sh', '-c', 'echo hi && sleep 3'] },
    ],
  });
  await pass(1000);
  const init = () => see.pod(host, 'web')?.status?.initContainerStatuses?.map((c) => Object.keys(c.state ?? {})[0]);
  expect(init()).toEqual(['running', 'waiting']);
  expect(conditionOf(see.pod(host, 'web'), 'Initialized')).toMatchObject({
    status: 'False',
    message: 'containers with incomplete status: [one two]',
  });
  expect(container(see.pod(host, 'web'))?.state?.waiting?.reason).toBe('PodInitializing');
  await pass(3000);
  expect(init()).toEqual(['terminated', 'running']);
  await pass(3000);
  expect(init()).toEqual(['terminated', 'terminated']);
  expect(see.pod(host, 'web')?.status?.phase).toBe('Running');
  expect(conditionOf(see.pod(host, 'web'), 'Initialized')?.status).toBe('True');
  running.stop();
});

test('pods that no node takes say why, and are scheduled when one does', async () => {
  const { host, running, pass, pod } = await started();
  pod('gpu', 'app', { nodeSelector: { gpu: 'yes' } });
  pod('claim', 'app', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] });
  pod('asked', 'app', {}, { 'sandbox.evenkeel.dev/behaviour': 'unschedulable' });
  await pass(2000);
  const why = (name: string) => conditionOf(see.pod(host, name), 'PodScheduled')?.message;
  expect(why('gpu')).toBe("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
  expect(why('claim')).toBe('0/1 nodes are available: persistentvolumeclaim "data" not found.');
  expect(conditionOf(see.pod(host, 'asked'), 'PodScheduled')).toMatchObject({ status: 'False', reason: 'Unschedulable' });
  host.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'big', labels: { gpu: 'yes' } }, spec: {} });
  host.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await pass(2000);
  expect(see.pod(host, 'gpu')).toMatchObject({ spec: { nodeName: 'big' }, status: { phase: 'Running' } });
  expect(see.pod(host, 'claim')?.status?.phase).toBe('Running');
  running.stop();
});

test('a pod that is not restarted ends, and a deleted pod goes after its containers stop', async () => {
  const { host, running, pass, pod } = await started();
  pod('once', 'busybox', { restartPolicy: 'Never' });
  pod('bad', 'busybox', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'exit 3'] }] });
  pod('stays', 'nginx');
  await pass(5000);
  expect(see.pod(host, 'once')?.status?.phase).toBe('Succeeded');
  expect(conditionOf(see.pod(host, 'once'), 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  expect(see.pod(host, 'bad')?.status?.phase).toBe('Failed');
  expect(container(see.pod(host, 'bad'))?.state?.terminated?.exitCode).toBe(3);
  host.delete({ group: '', plural: 'pods' }, 'default', 'stays');
  await pass(100);
  expect(see.pod(host, 'stays')?.metadata.deletionTimestamp).toBeDefined();
  await pass(1000);
  expect(see.pod(host, 'stays')).toBeUndefined();
  running.stop();
});
