import { expect, test } from 'vitest';
import { isReady } from './pod-facts.js';
import { startControllers } from './start.js';
import { testHost } from './test-host.js';
import { podSpec, see } from './test-objects.js';

async function started() {
  const host = testHost();
  const running = startControllers(host);
  await running.settle();
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  const apply = (spec: { [field: string]: unknown } = {}, image = 'db:1') =>
    host.apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'default' },
      spec: {
        serviceName: 'db',
        replicas: 3,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        selector: { matchLabels: { app: 'db' } },
        template: { metadata: { labels: { app: 'db' } }, spec: podSpec(image) },
        ...spec,
      },
    });
  const names = () =>
    see
      .pods(host)
      .map((pod) => pod.metadata.name)
      .sort();
  const images = () =>
    [...see.pods(host)]
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
      .map((pod) => pod.spec.containers[0]?.image);
  return { host, running, pass, apply, names, images };
}

test('pods come one after the other, each after the one before is ready', async () => {
  const { host, running, pass, apply, names } = await started();
  let early = false;
  host.subscribe(({ type, resource }) => {
    if (type === 'added' && resource.plural === 'pods') early ||= see.pods(host).filter((pod) => !isReady(pod)).length > 1;
  });
  apply();
  await pass(100);
  expect(names()).toEqual(['db-0']);
  await pass(1000);
  expect(names()).toEqual(['db-0', 'db-1']);
  await pass(3000);
  expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
  expect(early).toBe(false);
  const db = see.statefulSet(host, 'db');
  expect(db?.status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
  });
  expect(db?.status?.currentRevision).toBe(db?.status?.updateRevision);
  expect(see.pod(host, 'db-1')?.metadata.labels).toMatchObject({
    'statefulset.kubernetes.io/pod-name': 'db-1',
    'apps.kubernetes.io/pod-index': '1',
  });
  expect(see.pod(host, 'db-1')?.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
  running.stop();
});

test('an update goes from the last pod to the first and stops at what is broken', async () => {
  const { host, running, pass, apply, images } = await started();
  apply();
  await pass(6000);
  apply({}, 'db:2');
  await pass(1000);
  expect(see.statefulSet(host, 'db')?.status?.currentRevision).not.toBe(see.statefulSet(host, 'db')?.status?.updateRevision);
  await pass(10_000);
  expect(images()).toEqual(['db:2', 'db:2', 'db:2']);
  expect(see.statefulSet(host, 'db')?.status?.currentRevision).toBe(see.statefulSet(host, 'db')?.status?.updateRevision);
  apply({}, 'db:crash');
  await pass(20_000);
  expect(images()).toEqual(['db:2', 'db:2', 'db:crash']);
  expect(see.statefulSet(host, 'db')?.status).toMatchObject({ readyReplicas: 2, updatedReplicas: 1, currentReplicas: 2 });
  running.stop();
});

test('a partition keeps the pods below it, also when they are made again', async () => {
  const { host, running, pass, apply, images } = await started();
  apply();
  await pass(6000);
  apply({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }, 'db:2');
  await pass(6000);
  expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
  host.delete({ group: '', plural: 'pods' }, 'default', 'db-0');
  await pass(6000);
  expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
  apply({ updateStrategy: { type: 'OnDelete' } }, 'db:3');
  await pass(6000);
  expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
  host.delete({ group: '', plural: 'pods' }, 'default', 'db-0');
  await pass(6000);
  expect(images()).toEqual(['db:3', 'db:1', 'db:2']);
  running.stop();
});

test('scaling down takes the last first and leaves the claims', async () => {
  const { host, running, pass, apply, names } = await started();
  const volumeClaimTemplates = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ];
  apply({ volumeClaimTemplates });
  await pass(6000);
  expect(see.pod(host, 'db-2')?.spec.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-2' } }]);
  apply({ volumeClaimTemplates, replicas: 1 });
  await pass(100);
  expect(
    see
      .pods(host)
      .filter((pod) => pod.metadata.deletionTimestamp)
      .map((pod) => pod.metadata.name),
  ).toEqual(['db-2']);
  await pass(4000);
  expect(names()).toEqual(['db-0']);
  const claims = host.list({ group: '', plural: 'persistentvolumeclaims' }, 'default');
  expect(claims.map((claim) => [claim.metadata.name, (claim.status as { phase?: string }).phase])).toEqual([
    ['data-db-0', 'Bound'],
    ['data-db-1', 'Bound'],
    ['data-db-2', 'Bound'],
  ]);
  running.stop();
});

test('Parallel makes all pods at once', async () => {
  const { running, pass, apply, names } = await started();
  apply({ podManagementPolicy: 'Parallel' });
  await pass(100);
  expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
  running.stop();
});

test('as many are replaced at once as may be unavailable', async () => {
  const { host, running, pass, apply, images } = await started();
  const spec = {
    podManagementPolicy: 'Parallel',
    replicas: 5,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
  };
  apply(spec);
  await pass(5000);
  let least = 5;
  host.subscribe(({ resource }) => {
    if (resource.plural === 'pods')
      least = Math.min(least, see.pods(host).filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length);
  });
  apply(spec, 'db:2');
  await pass(30_000);
  expect(images()).toEqual(Array(5).fill('db:2'));
  expect(least).toBe(3);
  running.stop();
});

test('claims go with the pods that are scaled away, where that is asked for', async () => {
  const { host, running, pass, apply } = await started();
  const spec = {
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { resources: { requests: { storage: '1Gi' } } },
      },
    ],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
  };
  const claims = () =>
    host
      .list({ group: '', plural: 'persistentvolumeclaims' })
      .map((claim) => claim.metadata.name)
      .sort();
  apply(spec);
  await pass(10_000);
  expect(claims()).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
  apply({ ...spec, replicas: 1 });
  await pass(10_000);
  expect(claims()).toEqual(['data-db-0']);
  apply({ ...spec, replicas: 2 });
  await pass(10_000);
  expect(claims()).toEqual(['data-db-0', 'data-db-1']);
  running.stop();
});
