import type { Health } from '../../model/index.js';
import { isUnobserved } from '../observed.js';
import { conditionsAt, findCondition, number } from '../read.js';
import { degraded, healthy, progressing } from './answers.js';

/** ReplicaSet and ReplicationController: as many available replicas as are wanted, and none that could not be made. */
export function replicaSetHealth(object: unknown): Health {
  if (isUnobserved(object)) return progressing('Waiting for the controller to see the new spec');
  const failure = findCondition(conditionsAt(object), 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(failure.message);
  const wanted = number(object, 'spec.replicas');
  const available = number(object, 'status.availableReplicas') ?? 0;
  if (wanted !== undefined && available < wanted) return progressing(`${available} of ${wanted} replicas are available`);
  return healthy();
}
