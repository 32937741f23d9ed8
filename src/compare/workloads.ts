import { type KubeObject, parseApiVersion } from '../model/index.js';
import { asObject, at, type Loose } from './loose.js';

const workloadKinds = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  '/ReplicationController',
  'argoproj.io/Rollout',
]);

/** Whether an object keeps pods running. Jobs and single pods end by themselves and are none. */
export function isWorkload(object: KubeObject): boolean {
  return workloadKinds.has(`${parseApiVersion(object.apiVersion).group}/${object.kind}`);
}

/** The pod spec in a workload or pod; undefined for other kinds. */
export function podSpecOf(object: KubeObject): Loose | undefined {
  const pod = object.kind === 'Pod' ? object['spec'] : at(podTemplateOf(object), 'spec');
  return pod !== null && typeof pod === 'object' && !Array.isArray(pod) ? (pod as Loose) : undefined;
}

/** The labels of the pods of a workload or pod. */
export function podLabelsOf(object: KubeObject): Loose {
  return object.kind === 'Pod' ? asObject(object.metadata.labels) : asObject(at(podTemplateOf(object), 'metadata', 'labels'));
}

function podTemplateOf(object: KubeObject): unknown {
  return object.kind === 'CronJob' ? at(object['spec'], 'jobTemplate', 'spec', 'template') : at(object['spec'], 'template');
}

/**
 * How many pods a workload runs: by its spec, for a DaemonSet by what its controller last said. Undefined where
 * only the cluster could tell.
 */
export function podCountOf(object: KubeObject, live: KubeObject | undefined): number | undefined {
  if (object.kind === 'DaemonSet') {
    const scheduled = at(live, 'status', 'desiredNumberScheduled');
    return typeof scheduled === 'number' ? scheduled : undefined;
  }
  const replicas = at(object, 'spec', 'replicas') ?? at(live, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : 1;
}
