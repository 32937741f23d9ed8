// Tests of code that talks to a cluster, with the runner of Node:  node --test examples/testing/deployment.mjs
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { startSandbox } from 'evenkeel/testing';

/** What is under test: brings a Deployment to an image, and writes only where it has another. */
async function setImage(cluster, name, image) {
  const deployments = (await cluster.discovery()).byName('deployments');
  const live = await cluster.get(deployments, { namespace: 'default', name });
  if (live.spec.template.spec.containers[0].image === image) return false;
  const containers = [{ name: live.spec.template.spec.containers[0].name, image }];
  const desired = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { template: { spec: { containers } } },
  };
  await cluster.apply(deployments, desired, { fieldManager: 'example', force: true });
  return true;
}

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: main
          image: nginx:1.25
`;
const available = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', condition: 'Available' };

let sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ clock: 'stepped', seed: manifest });
  await sandbox.waitFor(available);
});
afterEach(() => sandbox.close());

test('an image that is there already costs no write', async () => {
  assert.equal(await setImage(sandbox.cluster, 'web', 'nginx:1.25'), false);
  sandbox.expectNoWrites();
});

test('a new image is rolled out', async () => {
  assert.equal(await setImage(sandbox.cluster, 'web', 'nginx:1.26'), true);
  await sandbox.waitFor(async () => {
    const pods = await sandbox.list('v1', 'Pod');
    return pods.length === 2 && pods.every((pod) => pod.spec.containers[0].image === 'nginx:1.26');
  });
});

test('a rollout that never comes up is told', async () => {
  await setImage(sandbox.cluster, 'web', 'nginx:missing');
  const failed = await sandbox.waitFor({ ...available, condition: 'Progressing=False' }, '15m');
  assert.match(JSON.stringify(failed.status.conditions), /ProgressDeadlineExceeded/);
});

test('a server that is overloaded for a moment is asked again', async () => {
  const overload = sandbox.faults.add({ match: { verb: 'write' }, times: 2, then: { status: 503 } });
  await setImage(sandbox.cluster, 'web', 'nginx:1.26');
  assert.equal(overload.fired, 2);
  assert.deepEqual(
    sandbox.writes().map((request) => request.status),
    [503, 503, 200],
  );
});
