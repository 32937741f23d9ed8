import type { Health } from '../../model/index.js';
import { isUnobserved } from '../observed.js';
import { number, text } from '../read.js';
import { healthy, progressing } from './answers.js';

/** Every node that should run a pod runs an updated, available one. */
export function daemonSetHealth(object: unknown): Health {
  if (isUnobserved(object)) return progressing('Waiting for the controller to see the new spec');
  const wanted = number(object, 'status.desiredNumberScheduled') ?? 0;
  const updated = number(object, 'status.updatedNumberScheduled') ?? 0;
  const available = number(object, 'status.numberAvailable') ?? 0;
  if (text(object, 'spec.updateStrategy.type') === 'OnDelete')
    return healthy(`${updated} of ${wanted} pods are updated; pods are updated when they are deleted`);
  if (updated < wanted) return progressing(`${updated} of ${wanted} pods are updated`);
  if (available < wanted) return progressing(`${available} of ${wanted} updated pods are available`);
  return healthy();
}
