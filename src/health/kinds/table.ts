import type { Health } from '../../model/index.js';
import { ingressHealth, namespaceHealth, persistentVolumeClaimHealth, serviceHealth } from './core.js';
import { cronJobHealth } from './cron-job.js';
import { daemonSetHealth } from './daemon-set.js';
import { deploymentHealth } from './deployment.js';
import { apiServiceHealth, crdHealth, podDisruptionBudgetHealth } from './extension.js';
import { hpaHealth } from './hpa.js';
import { jobHealth } from './job.js';
import { podHealth } from './pod.js';
import { replicaSetHealth } from './replica-set.js';
import { statefulSetHealth } from './stateful-set.js';

/** The kinds that every cluster has, by `group/Kind`. */
export const builtinKinds: ReadonlyMap<string, (object: unknown) => Health | null> = new Map<string, (object: unknown) => Health | null>([
  ['/Namespace', namespaceHealth],
  ['/PersistentVolumeClaim', persistentVolumeClaimHealth],
  ['/Pod', podHealth],
  ['/ReplicationController', replicaSetHealth],
  ['/Service', serviceHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', crdHealth],
  ['apiregistration.k8s.io/APIService', apiServiceHealth],
  ['apps/DaemonSet', daemonSetHealth],
  ['apps/Deployment', deploymentHealth],
  ['apps/ReplicaSet', replicaSetHealth],
  ['apps/StatefulSet', statefulSetHealth],
  ['autoscaling/HorizontalPodAutoscaler', hpaHealth],
  ['batch/CronJob', cronJobHealth],
  ['batch/Job', jobHealth],
  ['extensions/Ingress', ingressHealth],
  ['networking.k8s.io/Ingress', ingressHealth],
  ['policy/PodDisruptionBudget', podDisruptionBudgetHealth],
]);

const builtinGroups = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'metrics.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** Groups of Kubernetes itself: a kind of theirs that has no entry above has no health. */
export function isBuiltinGroup(group: string): boolean {
  return !group.includes('.') || builtinGroups.has(group);
}
