import type { ResourceName } from './host.js';

const core = (plural: string): ResourceName => ({ group: '', plural });
const of = (group: string, plural: string): ResourceName => ({ group, plural });

/** The resource types that the controllers know by name. */
export const r = {
  pods: core('pods'),
  nodes: core('nodes'),
  events: core('events'),
  services: core('services'),
  endpoints: core('endpoints'),
  namespaces: core('namespaces'),
  configMaps: core('configmaps'),
  secrets: core('secrets'),
  serviceAccounts: core('serviceaccounts'),
  claims: core('persistentvolumeclaims'),
  volumes: core('persistentvolumes'),
  replicationControllers: core('replicationcontrollers'),
  quotas: core('resourcequotas'),
  deployments: of('apps', 'deployments'),
  replicaSets: of('apps', 'replicasets'),
  statefulSets: of('apps', 'statefulsets'),
  daemonSets: of('apps', 'daemonsets'),
  revisions: of('apps', 'controllerrevisions'),
  jobs: of('batch', 'jobs'),
  cronJobs: of('batch', 'cronjobs'),
  slices: of('discovery.k8s.io', 'endpointslices'),
  ingresses: of('networking.k8s.io', 'ingresses'),
  autoscalers: of('autoscaling', 'horizontalpodautoscalers'),
  budgets: of('policy', 'poddisruptionbudgets'),
  storageClasses: of('storage.k8s.io', 'storageclasses'),
  priorityClasses: of('scheduling.k8s.io', 'priorityclasses'),
  apiServices: of('apiregistration.k8s.io', 'apiservices'),
} as const;

export function resourceId(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function objectKey(object: { metadata: { namespace?: string; name?: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}

/** Splits what `objectKey` joined. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
