import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing, suspended } from '../kinds/answers.js';
import { at, number, text } from '../read.js';

/**
 * OpenKruise's CloneSet, StatefulSet and DaemonSet. An update that stops at a partition waits for somebody to
 * move it on: once it has come that far it is Suspended.
 */
export function kruiseHealth(object: unknown): Health {
  if (!seen(object)) return progressing('Waiting for the controller to see the new spec');
  const daemon = text(object, 'kind') === 'DaemonSet';
  const how = text(object, 'kind') === 'CloneSet' ? at(object, 'spec.updateStrategy') : at(object, 'spec.updateStrategy.rollingUpdate');
  const updated = number(object, daemon ? 'status.updatedNumberScheduled' : 'status.updatedReplicas') ?? 0;
  const wanted = number(object, daemon ? 'status.desiredNumberScheduled' : 'status.replicas');
  const available = number(object, daemon ? 'status.numberAvailable' : 'status.updatedAvailableReplicas');
  if (at(how, 'paused') === true) return suspended('Updates are paused');
  if (available === undefined && (!daemon || at(object, 'status.updatedNumberScheduled') === undefined))
    return suspended('Nothing is updated');

  const partition = at(how, 'partition');
  const moved = (number(object, 'metadata.generation') ?? 0) > 1;
  if (partition !== undefined && partition !== 0 && moved) return atPartition(object, updated, wanted ?? 0);
  const counts = `${available ?? 0} of ${wanted ?? 0} updated replicas are available`;
  if (daemon) {
    if (updated === wanted && available === wanted) return healthy();
    const none = updated === wanted && number(object, 'status.numberUnavailable') === wanted;
    return none ? degraded(counts) : progressing(counts);
  }
  return available === wanted ? healthy() : degraded(counts);
}

function atPartition(object: unknown, updated: number, wanted: number): Health {
  const waits = suspended('The update has come to its partition and waits for somebody to move it');
  const goes = progressing('The update has not come to its partition yet');
  if (text(object, 'kind') === 'CloneSet') return updated >= (number(object, 'status.expectedUpdatedReplicas') ?? 0) ? waits : goes;
  const partition = number(object, 'spec.updateStrategy.rollingUpdate.partition') ?? 0;
  return updated > wanted - partition ? waits : goes;
}

export function gameServerSetHealth(object: unknown): Health {
  if (!seen(object)) return progressing('Waiting for the controller to see the new spec');
  if (at(object, 'spec.updateStrategy.rollingUpdate.paused') === true) return suspended('Updates are paused');
  const count = (name: string) => number(object, `status.${name}`) ?? 0;
  const partition = number(object, 'spec.updateStrategy.rollingUpdate.partition') ?? 0;
  const wanted = count('replicas');
  if (partition !== 0 && count('updatedReplicas') >= wanted - partition) return suspended('The update has come to its partition');
  if (count('updatedReadyReplicas') === wanted) return healthy();
  return progressing(`${count('readyReplicas')} of ${wanted} game servers are ready`);
}

/** Kruise Rollouts: the phase and the state of the step together. */
export function rolloutStepHealth(object: unknown): Health {
  if (!seen(object)) return progressing('Waiting for the controller to see the new spec');
  const step = text(object, 'status.canaryStatus.currentStepState') || text(object, 'status.blueGreenStatus.currentStepState');
  const phase = text(object, 'status.phase');
  if (step === 'Completed' && phase === 'Healthy') return healthy();
  if (step === 'StepPaused' && phase === 'Progressing') return suspended('The rollout is paused and waits for somebody to move it');
  if (step === 'StepPaused' && (phase === 'Terminating' || phase === 'Disabled')) return degraded(`The rollout is ${phase}`);
  return progressing(`The rollout is ${phase || 'starting'}: ${step}`);
}

function seen(object: unknown): boolean {
  return at(object, 'status') !== undefined && number(object, 'metadata.generation') === number(object, 'status.observedGeneration');
}
