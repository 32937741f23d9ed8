import type { Health, HealthStatus } from '../../model/index.js';
import { degraded, healthy, progressing, suspended } from '../kinds/answers.js';
import { at, conditionsAt, isFilled, list, number, text } from '../read.js';

const phases = new Map<string, HealthStatus>([
  ['Healthy', 'Healthy'],
  ['Degraded', 'Degraded'],
  ['Progressing', 'Progressing'],
  ['Paused', 'Suspended'],
]);

/**
 * Argo Rollouts. The controller sums up in status.phase since 1.1; before that the strategy's own fields tell.
 * observedGeneration is text here, and in releases before 1.0 a hash of the spec, which says nothing to us.
 */
export function rolloutHealth(object: unknown): Health {
  if (!generationSeen(object) || !workloadSeen(object)) return progressing('Waiting for the rollout controller to see the new spec');
  const phase = text(object, 'status.phase');
  if (phase !== '') return { status: phases.get(phase) ?? 'Unknown', message: text(object, 'status.message') };
  for (const c of conditionsAt(object)) {
    if (c.type === 'InvalidSpec') return degraded(c.message);
    if (c.type === 'Progressing' && (c.reason === 'RolloutAborted' || c.reason === 'ProgressDeadlineExceeded')) return degraded(c.message);
  }
  if (list(object, 'status.pauseConditions').length > 0 || at(object, 'spec.paused') === true) return suspended('The rollout is paused');
  if (at(object, 'status.currentPodHash') === undefined) return progressing('Waiting for the rollout controller to report');
  return replicas(object) ?? strategy(object) ?? healthy();
}

function generationSeen(object: unknown): boolean {
  if (!isFilled(at(object, 'status'))) return false;
  const seen = text(object, 'status.observedGeneration');
  const wanted = number(object, 'metadata.generation') ?? 0;
  return !/^[0-9]+$/.test(seen) || Number(seen) >= wanted;
}

function workloadSeen(object: unknown): boolean {
  if (at(object, 'spec.workloadRef') === undefined) return true;
  const wanted = text(object, ['metadata', 'annotations', 'rollout.argoproj.io/workload-generation']);
  return wanted === text(object, 'status.workloadObservedGeneration');
}

function replicas(object: unknown): Health | undefined {
  const wanted = number(object, 'spec.replicas') ?? 1;
  const updated = number(object, 'status.updatedReplicas') ?? 0;
  const available = number(object, 'status.availableReplicas') ?? 0;
  if (updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  return available < updated ? progressing(`${available} of ${updated} updated replicas are available`) : undefined;
}

function strategy(object: unknown): Health | undefined {
  const current = text(object, 'status.currentPodHash');
  const stable = text(object, 'status.stableRS') || text(object, 'status.canary.stableRS');
  if (at(object, 'spec.strategy.blueGreen') !== undefined) {
    if (text(object, 'status.blueGreen.activeSelector') !== current)
      return progressing('Waiting for the active service to be switched over');
    return stable !== '' && stable !== current ? progressing('Waiting for the analysis to finish') : undefined;
  }
  if (at(object, 'spec.strategy.canary') === undefined) return undefined;
  const old = (number(object, 'status.replicas') ?? 0) - (number(object, 'status.updatedReplicas') ?? 0);
  if (old > 0) return progressing(`${old} old replicas have still to go`);
  return stable !== current ? progressing('Waiting for the steps of the rollout') : undefined;
}
