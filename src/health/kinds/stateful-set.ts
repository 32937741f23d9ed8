import type { Health } from '../../model/index.js';
import { isUnobserved } from '../observed.js';
import { number, text } from '../read.js';
import { healthy, progressing } from './answers.js';

/** All replicas ready and, unless updates wait for somebody (OnDelete, a partition), all of them at the new revision. */
export function statefulSetHealth(object: unknown): Health {
  if (!number(object, 'status.observedGeneration') || isUnobserved(object))
    return progressing('Waiting for the controller to see the new spec');
  const wanted = number(object, 'spec.replicas');
  const ready = number(object, 'status.readyReplicas') ?? 0;
  const updated = number(object, 'status.updatedReplicas') ?? 0;
  if (wanted !== undefined && ready < wanted) return progressing(`${ready} of ${wanted} pods are ready`);
  const strategy = text(object, 'spec.updateStrategy.type');
  const partition = number(object, 'spec.updateStrategy.rollingUpdate.partition');
  if (strategy === 'OnDelete') return healthy(`${ready} pods are ready; pods are updated when they are deleted`);
  if (strategy === 'RollingUpdate' && partition !== undefined) {
    const due = (wanted ?? 0) - partition;
    if (wanted !== undefined && updated < due) return progressing(`${updated} of ${due} pods outside the partition are updated`);
    return healthy(`${updated} pods are updated, up to the partition at ${partition}`);
  }
  const target = text(object, 'status.updateRevision');
  if (target !== text(object, 'status.currentRevision')) return progressing(`${updated} pods are at revision ${target}`);
  return healthy();
}
