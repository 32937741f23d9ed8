import type { Health } from '../../model/index.js';
import { isUnobserved } from '../observed.js';
import { at, conditionsAt, findCondition, number } from '../read.js';
import { degraded, healthy, progressing, suspended } from './answers.js';

/** As `kubectl rollout status`: the new pods are up to date, the old ones gone, the new ones available. */
export function deploymentHealth(object: unknown): Health {
  if (at(object, 'spec.paused') === true) return suspended('Deployment is paused');
  if (isUnobserved(object)) return progressing('Waiting for the controller to see the new spec');
  const conditions = conditionsAt(object);
  if (findCondition(conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded')
    return degraded(findCondition(conditions, 'Progressing')?.message || 'The rollout exceeded its progress deadline');
  const wanted = number(object, 'spec.replicas');
  const all = number(object, 'status.replicas') ?? 0;
  const updated = number(object, 'status.updatedReplicas') ?? 0;
  const available = number(object, 'status.availableReplicas') ?? 0;
  if (wanted !== undefined && updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  if (all > updated) return progressing(`${all - updated} old replicas have still to go`);
  if (available < updated) return progressing(`${available} of ${updated} updated replicas are available`);
  return healthy();
}
