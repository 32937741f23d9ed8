import { expect, test } from 'vitest';
import { startControllers } from '../start.js';
import { testHost } from '../test-host.js';
import { conditionOf, deployment, see } from '../test-objects.js';

test('a new Deployment becomes available through a ReplicaSet and pods', async () => {
  const host = testHost();
  const running = startControllers(host);
  host.apply(deployment('web', { replicas: 3 }));
  await running.settle();
  expect(see.pods(host).map((pod) => pod.status?.phase)).toEqual(['Pending', 'Pending', 'Pending']);
  expect(conditionOf(see.deployment(host, 'web'), 'Available')?.status).toBe('False');
  await host.clock.advance(2000);
  await running.settle();
  const web = see.deployment(host, 'web');
  expect(web?.status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
  expect(web?.status?.unavailableReplicas).toBeUndefined();
  expect(conditionOf(web, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  expect(conditionOf(web, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
  expect(web?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  running.stop();
});
