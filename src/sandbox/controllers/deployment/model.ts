import type { World } from '../framework.js';
import { countOf } from '../numbers.js';
import type { Workload, WorkloadStatus } from '../shapes.js';

export interface Deployment extends Workload {
  spec: Workload['spec'] & {
    paused?: boolean;
    progressDeadlineSeconds?: number;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
  };
  status?: DeploymentStatus;
}

export interface DeploymentStatus extends WorkloadStatus {
  updatedReplicas?: number;
  unavailableReplicas?: number;
  collisionCount?: number;
}

export type ReplicaSet = Workload;

export const hashLabel = 'pod-template-hash';
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const historyAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** One look at a Deployment and what belongs to it. */
export interface Rollout {
  world: World;
  deployment: Deployment;
  /** The set with the current template; undefined until it is made. */
  current: ReplicaSet | undefined;
  /** Every other set, oldest first. */
  old: ReplicaSet[];
}

export const isRecreate = (d: Deployment): boolean => d.spec.strategy?.type === 'Recreate';
export const replicasOf = (object: Workload): number => object.spec.replicas ?? 1;
export const availableOf = (object: Workload): number => object.status?.availableReplicas ?? 0;
export const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);
export const allSets = ({ current, old }: Rollout): ReplicaSet[] => (current ? [...old, current] : old);

/** How many pods a rolling update may have too many and too few. Both zero would never move: then one may be missing. */
export function limits(d: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (isRecreate(d)) return { maxSurge: 0, maxUnavailable: 0 };
  const total = replicasOf(d);
  const { maxSurge = '25%', maxUnavailable = '25%' } = d.spec.strategy?.rollingUpdate ?? {};
  const surge = countOf(maxSurge, total, true);
  const unavailable = countOf(maxUnavailable, total, false);
  return { maxSurge: surge, maxUnavailable: Math.min(total, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

/** Whether every replica is of the current template, and available. */
export function isComplete(d: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(d);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)
  );
}
