import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countOf } from '../numbers.js';
import { isActive, isReady } from '../pod-facts.js';
import type { Pod } from '../shapes.js';
import { startControllers } from '../start.js';
import { type TestHost, testHost } from '../test-host.js';
import { conditionOf, deployment, see } from '../test-objects.js';

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});

async function started(host = testHost()) {
  const running = startControllers(host);
  const pass = async (ms: number) => {
    await host.clock.advance(ms);
    await running.settle();
  };
  await running.settle();
  return { host, running, pass };
}

function expectHealthy(host: TestHost, name: string, replicas: number) {
  const d = see.deployment(host, name);
  expect(d?.status).toMatchObject({
    observedGeneration: d?.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
  });
  expect(d?.status?.unavailableReplicas).toBeUndefined();
  expect(conditionOf(d, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  expect(conditionOf(d, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
}

test('a new Deployment becomes available through a ReplicaSet and pods', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 3 }));
  await running.settle();
  expect(see.pods(host).map((pod) => pod.status?.phase)).toEqual(['Pending', 'Pending', 'Pending']);
  expect(conditionOf(see.deployment(host, 'web'), 'Available')?.status).toBe('False');
  expect(conditionOf(see.deployment(host, 'web'), 'Progressing')?.reason).toMatch(/NewReplicaSetCreated|ReplicaSetUpdated/);
  await pass(2000);
  expectHealthy(host, 'web', 3);
  expect(see.deployment(host, 'web')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  const [set] = see.replicaSets(host);
  expect(set?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]+$/);
  const hash = set?.metadata.labels?.['pod-template-hash'];
  for (const pod of see.pods(host))
    expect(pod.metadata).toMatchObject({
      labels: { 'pod-template-hash': hash },
      ownerReferences: [{ kind: 'ReplicaSet', controller: true }],
    });
  running.stop();
});

test('at pace 0 everything has happened when it settles', async () => {
  const { host, running } = await started(testHost({ pace: 0 }));
  host.apply(deployment('web', { replicas: 4 }));
  await running.settle();
  expectHealthy(host, 'web', 4);
  host.apply(deployment('web', { replicas: 2 }, 'nginx:1.26'));
  await running.settle();
  expectHealthy(host, 'web', 2);
  expect(see.pods(host).map((pod) => pod.spec.containers[0]?.image)).toEqual(['nginx:1.26', 'nginx:1.26']);
  running.stop();
});

test('a rolling update never has more or fewer pods than it may', async () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      amount,
      amount,
      fc.array(fc.integer({ min: 100, max: 3000 }), { minLength: 1, maxLength: 4 }),
      async (replicas, surge, unavailable, pauses) => {
        const { host, running, pass } = await started();
        const spec = { replicas, strategy: rolling(surge, unavailable) };
        host.apply(deployment('web', spec));
        await pass(3000);
        expectHealthy(host, 'web', replicas);
        const extra = countOf(surge, replicas, true);
        const fewer = countOf(unavailable, replicas, false);
        const least = replicas - Math.min(replicas, extra === 0 && fewer === 0 ? 1 : fewer);
        const seen = { most: 0, least: replicas };
        host.subscribe(({ resource }) => {
          if (resource.plural !== 'pods') return;
          const pods = (host.list({ group: '', plural: 'pods' }, 'default') as Pod[]).filter(isActive);
          seen.most = Math.max(seen.most, pods.length);
          seen.least = Math.min(seen.least, pods.filter(isReady).length);
        });
        for (const [i, ms] of pauses.entries()) {
          host.apply(deployment('web', spec, `nginx:2.${i}`));
          await pass(ms);
        }
        await pass(60_000);
        expectHealthy(host, 'web', replicas);
        expect(new Set(see.pods(host).map((pod) => pod.spec.containers[0]?.image))).toEqual(new Set([`nginx:2.${pauses.length - 1}`]));
        expect(seen.most).toBeLessThanOrEqual(replicas + extra);
        expect(seen.least).toBeGreaterThanOrEqual(least);
        running.stop();
      },
    ),
    { numRuns: 12 },
  );
});

test('controllers that are stopped and started at any moment go on from what is stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 8 }), async (moments) => {
      const host = testHost();
      let running = startControllers(host);
      host.apply(deployment('web', { replicas: 4 }));
      for (const [i, ms] of moments.entries()) {
        if (i === 2) host.apply(deployment('web', { replicas: 4 }, 'nginx:1.26'));
        await host.clock.advance(ms);
        running.stop();
        running = startControllers(host);
      }
      await host.clock.advance(30_000);
      await running.settle();
      expectHealthy(host, 'web', 4);
      expect(see.pods(host)).toHaveLength(4);
      running.stop();
    }),
    { numRuns: 10 },
  );
});

test('a rollout that cannot succeed keeps the old pods and exceeds its deadline', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 4, progressDeadlineSeconds: 60 }));
  await pass(3000);
  host.apply(deployment('web', { replicas: 4, progressDeadlineSeconds: 60 }, 'nginx:missing'));
  await pass(30_000);
  expect(conditionOf(see.deployment(host, 'web'), 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
  await pass(60_000);
  const web = see.deployment(host, 'web');
  expect(conditionOf(web, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  expect(conditionOf(web, 'Progressing')?.message).toMatch(/^ReplicaSet "web-\w+" has timed out progressing\.$/);
  expect(conditionOf(web, 'Available')?.status).toBe('True');
  expect(see.pods(host).filter(isReady)).toHaveLength(3);
  host.apply(deployment('web', { replicas: 4, progressDeadlineSeconds: 60 }));
  await pass(5000);
  expectHealthy(host, 'web', 4);
  expect(web?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  expect(see.deployment(host, 'web')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  running.stop();
});

test('Recreate ends every old pod before it makes a new one', async () => {
  const { host, running, pass } = await started();
  const spec = { replicas: 3, strategy: { type: 'Recreate' } };
  host.apply(deployment('web', spec));
  await pass(3000);
  expectHealthy(host, 'web', 3);
  let mixed = false;
  host.subscribe(() => {
    mixed ||= new Set(see.pods(host).map((pod) => pod.spec.containers[0]?.image)).size > 1;
  });
  host.apply(deployment('web', spec, 'nginx:1.26'));
  await pass(100);
  expect(see.pods(host).every((pod) => pod.metadata.deletionTimestamp)).toBe(true);
  await pass(5000);
  expectHealthy(host, 'web', 3);
  expect(mixed).toBe(false);
  running.stop();
});

test('a paused Deployment scales but does not roll out, and goes on when it is resumed', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 2 }));
  await pass(3000);
  host.apply(deployment('web', { replicas: 5, paused: true }, 'nginx:1.26'));
  await pass(3000);
  expect(see.pods(host).map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(5).fill('nginx:1.25'));
  expect(conditionOf(see.deployment(host, 'web'), 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  expect(see.deployment(host, 'web')?.status?.updatedReplicas).toBeUndefined();
  host.apply(deployment('web', { replicas: 5 }, 'nginx:1.26'));
  await pass(10_000);
  expectHealthy(host, 'web', 5);
  running.stop();
});

test('scaling in the middle of an update keeps the proportion of the sets', async () => {
  const { host, running, pass } = await started();
  const strategy = rolling(3, 2);
  host.apply(deployment('web', { replicas: 10, strategy }));
  await pass(3000);
  host.apply(deployment('web', { replicas: 10, strategy }, 'nginx:missing'));
  await pass(1000);
  const sizes = () => see.replicaSets(host).map((set) => set.spec.replicas);
  expect(sizes()).toEqual([8, 5]);
  host.apply(deployment('web', { replicas: 15, strategy }, 'nginx:missing'));
  await pass(1000);
  expect(sizes()).toEqual([11, 7]);
  running.stop();
});

test('old ReplicaSets beyond the history limit go, and a former template comes back as the newest revision', async () => {
  const { host, running, pass } = await started();
  for (const tag of ['1', '2', '3', '4']) {
    host.apply(deployment('web', { revisionHistoryLimit: 2 }, `nginx:${tag}`));
    await pass(5000);
  }
  const revision = (tag: string) =>
    see.replicaSets(host).find((set) => JSON.stringify(set.spec.template).includes(`nginx:${tag}"`))?.metadata.annotations?.[
      'deployment.kubernetes.io/revision'
    ];
  expect(['1', '2', '3', '4'].map(revision)).toEqual([undefined, '2', '3', '4']);
  host.apply(deployment('web', { revisionHistoryLimit: 2 }, 'nginx:2'));
  await pass(5000);
  expect(['2', '3', '4'].map(revision)).toEqual(['5', '3', '4']);
  const back = see.replicaSets(host).find((set) => set.metadata.annotations?.['deployment.kubernetes.io/revision-history']);
  expect(back?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('2');
  expectHealthy(host, 'web', 1);
  running.stop();
});

test('pods that are refused show as ReplicaFailure, and come once their service account is there', async () => {
  const { host, running, pass } = await started();
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { serviceAccountName: 'robot', containers: [{ name: 'main', image: 'nginx' }] },
  };
  host.apply(deployment('web', { template }));
  await pass(1000);
  const web = see.deployment(host, 'web');
  expect(conditionOf(web, 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' });
  expect(conditionOf(web, 'ReplicaFailure')?.message).toMatch(
    /^pods "web-\w+-" is forbidden: error looking up service account default\/robot: serviceaccount "robot" not found$/,
  );
  host.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } });
  await pass(3000);
  expectHealthy(host, 'web', 1);
  expect(conditionOf(see.deployment(host, 'web'), 'ReplicaFailure')).toBeUndefined();
  running.stop();
});

test('a pod that is deleted is replaced', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { replicas: 2 }));
  await pass(3000);
  const [first] = see.pods(host);
  host.delete({ group: '', plural: 'pods' }, 'default', first?.metadata.name ?? '');
  await pass(100);
  expect(see.pods(host)).toHaveLength(3);
  expect(see.deployment(host, 'web')?.status?.availableReplicas).toBe(1);
  await pass(3000);
  expectHealthy(host, 'web', 2);
  expect(see.pods(host).map((pod) => pod.metadata.name)).not.toContain(first?.metadata.name);
  running.stop();
});

test('minReadySeconds keeps a ready pod from counting as available too early', async () => {
  const { host, running, pass } = await started();
  host.apply(deployment('web', { minReadySeconds: 10 }));
  await pass(3000);
  expect(see.deployment(host, 'web')?.status).toMatchObject({ readyReplicas: 1, unavailableReplicas: 1 });
  await pass(9000);
  expectHealthy(host, 'web', 1);
  running.stop();
});

test('a refused write of one object holds up no other', async () => {
  const host = testHost();
  let refusals = 0;
  host.refuse = (resource, object) => {
    if (resource.plural !== 'replicasets' || !object.metadata.name?.startsWith('bad-') || host.clock.now() >= Date.UTC(2026, 0, 1, 0, 1))
      return undefined;
    refusals++;
    return Object.assign(new Error('admission webhook said no'), { code: 403 });
  };
  const { running, pass } = await started(host);
  host.apply(deployment('bad'));
  host.apply(deployment('good'));
  await pass(30_000);
  expectHealthy(host, 'good', 1);
  expect(conditionOf(see.deployment(host, 'bad'), 'Progressing')).toMatchObject({ status: 'False', reason: 'ReplicaSetCreateError' });
  expect(refusals).toBeLessThan(20);
  await pass(90_000);
  expectHealthy(host, 'bad', 1);
  running.stop();
});
