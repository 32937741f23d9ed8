import { expect, test } from 'vitest';
import type { KubeObject } from '../../model/index.js';
import { startControllers } from './start.js';
import { type TestHost, testHost } from './test-host.js';
import { conditionOf, deployment, podSpec, type Seen, see } from './test-objects.js';

async function started(options: Parameters<typeof testHost>[0] = {}) {
  const host = testHost(options);
  const running = startControllers(host);
  await running.settle();
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  return { host, running, pass };
}

const make = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: { [field: string]: unknown } = {},
  annotations: { [key: string]: string } = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'default', annotations },
  ...rest,
});

const get = (host: TestHost, group: string, plural: string, name: string, namespace = 'default') =>
  host.get({ group, plural }, namespace, name) as Seen | undefined;

test('an empty cluster gets a node that is ready and a default storage class, once', async () => {
  const { host, running, pass } = await started({ bare: true });
  const node = get(host, '', 'nodes', 'sandbox', '');
  expect(conditionOf(node, 'Ready')?.status).toBe('True');
  expect(node?.status?.allocatable).toMatchObject({ cpu: '64' });
  host.delete({ group: 'storage.k8s.io', plural: 'storageclasses' }, '', 'standard');
  running.stop();
  const again = startControllers(host);
  await pass(100);
  await again.settle();
  expect(host.list({ group: 'storage.k8s.io', plural: 'storageclasses' })).toEqual([]);
  again.stop();
});

test('a DaemonSet has a pod on each node that matches, and replaces them node by node', async () => {
  const { host, running, pass } = await started();
  const apply = (image: string) =>
    host.apply(
      make('apps/v1', 'DaemonSet', 'agent', {
        spec: {
          selector: { matchLabels: { app: 'agent' } },
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          template: { metadata: { labels: { app: 'agent' } }, spec: podSpec(image, { nodeSelector: { 'kubernetes.io/os': 'linux' } }) },
        },
      }),
    );
  const node = (name: string, os: string, spec = {}) =>
    host.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': os } }, spec });
  node('two', 'linux');
  node('three', 'windows');
  node('four', 'linux', { taints: [{ key: 'only', value: 'db', effect: 'NoSchedule' }] });
  apply('agent:1');
  await pass(2000);
  expect(
    see
      .pods(host)
      .map((pod) => pod.spec.nodeName)
      .sort(),
  ).toEqual(['sandbox', 'two']);
  expect(see.daemonSet(host, 'agent')?.status).toMatchObject({
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    numberReady: 2,
    numberAvailable: 2,
    updatedNumberScheduled: 2,
    numberMisscheduled: 0,
  });
  apply('agent:2');
  await pass(100);
  expect(see.pods(host).filter((pod) => pod.metadata.deletionTimestamp)).toHaveLength(1);
  await pass(8000);
  expect(see.pods(host).map((pod) => pod.spec.containers[0]?.image)).toEqual(['agent:2', 'agent:2']);
  expect(see.daemonSet(host, 'agent')?.status).toMatchObject({ updatedNumberScheduled: 2, numberAvailable: 2, observedGeneration: 2 });
  running.stop();
});

test('a CronJob makes a Job at each of its times, forbids overlap and keeps a short history', async () => {
  const { host, running, pass } = await started();
  const jobTemplate = {
    spec: { completions: 1, parallelism: 1, backoffLimit: 0, template: { spec: podSpec('busybox', { restartPolicy: 'Never' }) } },
  };
  host.apply(
    make('batch/v1', 'CronJob', 'nightly', {
      spec: { schedule: '*/5 * * * *', concurrencyPolicy: 'Allow', successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 1, jobTemplate },
    }),
  );
  const slow = {
    ...jobTemplate,
    spec: {
      ...jobTemplate.spec,
      template: { metadata: { annotations: { 'sandbox.evenkeel.dev/run-for': '7m' } }, spec: jobTemplate.spec.template.spec },
    },
  };
  host.apply(make('batch/v1', 'CronJob', 'slow', { spec: { schedule: '*/5 * * * *', concurrencyPolicy: 'Forbid', jobTemplate: slow } }));
  const jobs = (of: string) => host.list({ group: 'batch', plural: 'jobs' }, 'default').filter((job) => job.metadata.name?.startsWith(of));
  await pass(4 * 60_000);
  expect(jobs('nightly')).toHaveLength(0);
  await pass(2 * 60_000);
  expect(jobs('nightly').map((job) => job.metadata.name)).toEqual([`nightly-${Date.UTC(2026, 0, 1, 0, 5) / 60_000}`]);
  expect(get(host, 'batch', 'cronjobs', 'nightly')?.status).toMatchObject({
    lastScheduleTime: '2026-01-01T00:05:00Z',
    lastSuccessfulTime: expect.stringMatching(/^2026-01-01T00:05:0\dZ$/),
  });
  expect(get(host, 'batch', 'cronjobs', 'slow')?.status?.active).toHaveLength(1);
  await pass(5 * 60_000);
  expect(jobs('nightly')).toHaveLength(2);
  expect(jobs('slow')).toHaveLength(1);
  await pass(30 * 60_000);
  expect(jobs('nightly')).toHaveLength(2);
  host.apply(make('batch/v1', 'CronJob', 'nightly', { spec: { schedule: '*/5 * * * *', suspend: true, jobTemplate } }));
  const last = get(host, 'batch', 'cronjobs', 'nightly')?.status?.lastScheduleTime;
  await pass(30 * 60_000);
  expect(get(host, 'batch', 'cronjobs', 'nightly')?.status?.lastScheduleTime).toBe(last);
  running.stop();
});

test('claims are bound to a volume made for them, or to one that fits, and volumes go with their claims', async () => {
  const { host, running, pass } = await started();
  const claim = (name: string, spec: { [field: string]: unknown } = {}) =>
    host.apply(
      make('v1', 'PersistentVolumeClaim', name, {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } }, ...spec },
      }),
    );
  const volume = (name: string, storage: string) =>
    host.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', persistentVolumeReclaimPolicy: 'Retain' },
    });
  volume('small', '1Gi');
  volume('large', '50Gi');
  volume('right', '8Gi');
  claim('dynamic');
  claim('static', { storageClassName: 'manual' });
  claim('nowhere', { storageClassName: 'gold' });
  await pass(1000);
  const seen = (name: string) => get(host, '', 'persistentvolumeclaims', name);
  const uid = seen('dynamic')?.metadata.uid;
  expect(seen('dynamic')).toMatchObject({
    spec: { volumeName: `pvc-${uid}` },
    status: { phase: 'Bound', capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'] },
  });
  expect(get(host, '', 'persistentvolumes', `pvc-${uid}`, '')).toMatchObject({
    status: { phase: 'Bound' },
    spec: { claimRef: { name: 'dynamic', uid }, persistentVolumeReclaimPolicy: 'Delete' },
  });
  expect(seen('static')?.spec.volumeName).toBe('right');
  expect(seen('nowhere')?.status).toMatchObject({ phase: 'Pending' });
  expect(get(host, '', 'persistentvolumes', 'small', '')?.status).toMatchObject({ phase: 'Available' });
  host.apply({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gold' },
    provisioner: 'x.example.com',
    reclaimPolicy: 'Delete',
  });
  await pass(1000);
  expect(seen('nowhere')?.status).toMatchObject({ phase: 'Bound' });
  for (const name of ['dynamic', 'static']) host.delete({ group: '', plural: 'persistentvolumeclaims' }, 'default', name);
  await pass(1000);
  expect(get(host, '', 'persistentvolumes', `pvc-${uid}`, '')).toBeUndefined();
  expect(get(host, '', 'persistentvolumes', 'right', '')?.status).toMatchObject({ phase: 'Released' });
  running.stop();
});

test('a claim that a pod uses stays until the pod is gone', async () => {
  const { host, running, pass } = await started();
  host.apply(
    make('v1', 'PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }),
  );
  host.apply(
    make('v1', 'Pod', 'web', { spec: podSpec('nginx', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] }) }),
  );
  await pass(2000);
  host.delete({ group: '', plural: 'persistentvolumeclaims' }, 'default', 'data');
  await pass(2000);
  expect(get(host, '', 'persistentvolumeclaims', 'data')?.metadata.deletionTimestamp).toBeDefined();
  host.delete({ group: '', plural: 'pods' }, 'default', 'web');
  await pass(2000);
  expect(get(host, '', 'persistentvolumeclaims', 'data')).toBeUndefined();
  running.stop();
});

test('endpoints list the ready pods of a Service, under the port that it names', async () => {
  const { host, running, pass } = await started();
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: podSpec('nginx', { containers: [{ name: 'main', image: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }] }),
  };
  host.apply(deployment('web', { replicas: 2, template }));
  host.apply(make('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }] } }));
  await running.settle();
  const subsets = () => get(host, '', 'endpoints', 'web')?.subsets as { addresses?: { ip: string }[]; ports?: object[] }[] | undefined;
  const slices = () =>
    host.list({ group: 'discovery.k8s.io', plural: 'endpointslices' }, 'default') as (KubeObject & {
      endpoints: { addresses: string[]; conditions: object }[];
      ports: object[];
    })[];
  expect(subsets()).toBeUndefined();
  expect(slices()[0]?.endpoints).toEqual([]);
  await pass(2000);
  const ips = see.pods(host).map((pod) => pod.status?.podIP);
  expect(
    subsets()?.[0]
      ?.addresses?.map((a) => a.ip)
      .sort(),
  ).toEqual([...ips].sort());
  expect(subsets()?.[0]?.ports).toEqual([{ name: 'web', port: 8080, protocol: 'TCP' }]);
  expect(slices()).toHaveLength(1);
  expect(slices()[0]).toMatchObject({
    addressType: 'IPv4',
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
    ports: [{ name: 'web', port: 8080, protocol: 'TCP' }],
  });
  expect(slices()[0]?.endpoints.map((e) => e.conditions)).toEqual(Array(2).fill({ ready: true, serving: true, terminating: false }));
  host.delete({ group: '', plural: 'services' }, 'default', 'web');
  await pass(100);
  expect(slices()).toEqual([]);
  expect(get(host, '', 'endpoints', 'web')).toBeUndefined();
  running.stop();
});

test('load balancers and ingresses get an address after a moment, unless they are to wait', async () => {
  const { host, running, pass } = await started();
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  host.apply(make('v1', 'Service', 'shop', { spec }));
  host.apply(make('v1', 'Service', 'other', { spec }));
  host.apply(make('v1', 'Service', 'waits', { spec }, { 'sandbox.evenkeel.dev/load-balancer': 'pending' }));
  host.apply(make('networking.k8s.io/v1', 'Ingress', 'shop', { spec: {} }));
  await pass(100);
  expect(get(host, '', 'services', 'shop')?.status?.loadBalancer).toBeUndefined();
  await pass(2000);
  const ip = (name: string) =>
    (get(host, '', 'services', name)?.status?.loadBalancer as { ingress?: { ip: string }[] } | undefined)?.ingress?.[0]?.ip;
  expect(ip('shop')).toMatch(/^172\.20\./);
  expect(ip('other')).not.toBe(ip('shop'));
  expect(ip('waits')).toBeUndefined();
  expect(get(host, 'networking.k8s.io', 'ingresses', 'shop')?.status).toEqual({ loadBalancer: { ingress: [{ ip: '172.21.0.1' }] } });
  running.stop();
});

test('an autoscaler scales its target as told, within its bounds', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 2 }));
  const tell = (replicas: string) =>
    host.apply(
      make(
        'autoscaling/v2',
        'HorizontalPodAutoscaler',
        'web',
        { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 6 } },
        { 'sandbox.evenkeel.dev/desired-replicas': replicas },
      ),
    );
  tell('5');
  await pass(3000);
  expect(see.deployment(host, 'web')).toMatchObject({ spec: { replicas: 5 }, status: { availableReplicas: 5 } });
  const status = () => get(host, 'autoscaling', 'horizontalpodautoscalers', 'web');
  expect(status()?.status).toMatchObject({ currentReplicas: 5, desiredReplicas: 5, lastScaleTime: '2026-01-01T00:00:00Z' });
  expect(conditionOf(status(), 'ScalingLimited')?.status).toBe('False');
  tell('50');
  await pass(3000);
  expect(see.deployment(host, 'web')?.spec.replicas).toBe(6);
  expect(conditionOf(status(), 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'TooManyReplicas' });
  // Whoever sets another number is overruled.
  host.scale({ group: 'apps', plural: 'deployments' }, 'default', 'web', 3);
  await pass(3000);
  expect(see.deployment(host, 'web')?.spec.replicas).toBe(6);
  host.delete({ group: 'apps', plural: 'deployments' }, 'default', 'web', { propagationPolicy: 'Background' });
  await pass(20_000);
  expect(conditionOf(status(), 'AbleToScale')).toMatchObject({ status: 'False', reason: 'FailedGetScale' });
  running.stop();
});

test('a disruption budget says how many pods may be taken', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 4 }));
  host.apply(make('policy/v1', 'PodDisruptionBudget', 'least', { spec: { minAvailable: 3, selector: { matchLabels: { app: 'web' } } } }));
  host.apply(
    make('policy/v1', 'PodDisruptionBudget', 'most', { spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } } }),
  );
  await pass(100);
  const budget = (name: string) => get(host, 'policy', 'poddisruptionbudgets', name)?.status;
  expect(budget('least')).toMatchObject({ currentHealthy: 0, desiredHealthy: 3, disruptionsAllowed: 0, expectedPods: 4 });
  await pass(3000);
  expect(budget('least')).toMatchObject({ currentHealthy: 4, disruptionsAllowed: 1, observedGeneration: 1 });
  expect(budget('most')).toMatchObject({ desiredHealthy: 2, disruptionsAllowed: 2 });
  running.stop();
});

test('what its owner leaves goes in the background, before it in the foreground, or stays as an orphan', async () => {
  for (const propagationPolicy of ['Background', 'Foreground', 'Orphan'] as const) {
    const { host, running, pass } = await started();
    host.apply(deployment('web', { replicas: 2 }));
    await pass(3000);
    const order: string[] = [];
    host.subscribe(({ type, object }) => {
      if (type === 'deleted') order.push(object.kind);
    });
    host.delete({ group: 'apps', plural: 'deployments' }, 'default', 'web', { propagationPolicy });
    await pass(5000);
    expect(see.deployment(host, 'web')).toBeUndefined();
    if (propagationPolicy === 'Orphan') {
      expect(order).toEqual(['Deployment']);
      expect(see.replicaSets(host)[0]?.metadata.ownerReferences ?? []).toEqual([]);
      expect(see.pods(host)).toHaveLength(2);
      // A Deployment that selects them takes them over as they are.
      const before = see.pods(host).map((pod) => pod.metadata.name);
      host.apply(deployment('web', { replicas: 2 }));
      await pass(3000);
      expect(see.pods(host).map((pod) => pod.metadata.name)).toEqual(before);
    } else
      expect(order).toEqual(
        propagationPolicy === 'Background' ? ['Deployment', 'ReplicaSet', 'Pod', 'Pod'] : ['Pod', 'Pod', 'ReplicaSet', 'Deployment'],
      );
    running.stop();
  }
});

test('an object with several owners stays while one is there; an owner of an unknown kind is not judged', async () => {
  const { host, running, pass } = await started();
  const widget = (name: string) => host.apply(make('example.com/v1', 'Widget', name));
  const ref = (owner: KubeObject) => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
  });
  const [a, b] = [widget('a'), widget('b')];
  const owned = (name: string, ownerReferences: object[]) =>
    host.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ownerReferences } } as KubeObject);
  owned('both', [ref(a), ref(b)]);
  owned('strange', [{ apiVersion: 'unknown.example.com/v1', kind: 'Thing', name: 'x', uid: 'gone' }]);
  owned('ghost', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'gone' }]);
  await pass(100);
  expect(get(host, '', 'configmaps', 'ghost')).toBeUndefined();
  expect(get(host, '', 'configmaps', 'strange')).toBeDefined();
  host.delete({ group: 'example.com', plural: 'widgets' }, 'default', 'a');
  await pass(100);
  expect(get(host, '', 'configmaps', 'both')?.metadata.ownerReferences).toEqual([ref(b)]);
  host.delete({ group: 'example.com', plural: 'widgets' }, 'default', 'b');
  await pass(100);
  expect(get(host, '', 'configmaps', 'both')).toBeUndefined();
  running.stop();
});

test('a namespace begins with its service account, and goes once it is empty', async () => {
  const { host, running, pass } = await started();
  host.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await pass(100);
  expect(get(host, '', 'serviceaccounts', 'default', 'shop')).toBeDefined();
  expect(get(host, '', 'configmaps', 'kube-root-ca.crt', 'shop')).toBeDefined();
  const inShop = (object: KubeObject) => host.apply({ ...object, metadata: { ...object.metadata, namespace: 'shop' } });
  inShop(deployment('web', { replicas: 2 }));
  inShop({ ...make('example.com/v1', 'Widget', 'held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } });
  await pass(3000);
  host.delete({ group: '', plural: 'namespaces' }, '', 'shop');
  await pass(8000);
  const shop = get(host, '', 'namespaces', 'shop', '');
  expect(host.list({ group: '', plural: 'pods' }, 'shop')).toEqual([]);
  expect(conditionOf(shop, 'NamespaceContentRemaining')).toMatchObject({
    status: 'True',
    message: 'Some resources are remaining: widgets.example.com has 1 resource instances',
  });
  expect(conditionOf(shop, 'NamespaceFinalizersRemaining')?.message).toBe(
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
  const held = get(host, 'example.com', 'widgets', 'held', 'shop') as KubeObject;
  host.update({ group: 'example.com', plural: 'widgets' }, { ...held, metadata: { ...held.metadata, finalizers: [] } });
  await pass(100);
  expect(get(host, '', 'namespaces', 'shop', '')).toBeUndefined();
  running.stop();
});

test('quotas count what is there, and APIServices without a Service are available', async () => {
  const { host, running, pass } = await started();
  host.apply(
    make('v1', 'ResourceQuota', 'all', {
      spec: { hard: { pods: '10', 'requests.cpu': '4', 'requests.memory': '1Gi', 'count/deployments.apps': '5' } },
    }),
  );
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: podSpec('nginx', { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '250m', memory: '64Mi' } } }] }),
  };
  host.apply(deployment('web', { replicas: 2, template }));
  host.apply({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.apps' }, spec: {} });
  await pass(3000);
  expect(get(host, '', 'resourcequotas', 'all')?.status).toMatchObject({
    used: { pods: '2', 'requests.cpu': '500m', 'requests.memory': '128Mi', 'count/deployments.apps': '1' },
  });
  expect(conditionOf(get(host, 'apiregistration.k8s.io', 'apiservices', 'v1.apps', ''), 'Available')).toMatchObject({
    status: 'True',
    reason: 'Local',
  });
  running.stop();
});

test('many Deployments settle with a handful of writes each', async () => {
  const { host, running, pass } = await started({ pace: 0 });
  const before = host.writes;
  for (let i = 0; i < 200; i++) host.apply(deployment(`web-${i}`));
  await pass(1);
  expect(see.pods(host).filter((pod) => pod.status?.phase === 'Running')).toHaveLength(200);
  expect((host.writes - before) / 200).toBeLessThanOrEqual(13);
  const settled = host.writes;
  await pass(600_000);
  expect(host.writes).toBe(settled);
  running.stop();
});
