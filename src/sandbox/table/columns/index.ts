import * as cluster from './cluster.js';
import { type Column, doc, name } from './column.js';
import * as network from './network.js';
import { podConditions, pods, podTemplates } from './pods.js';
import * as storage from './storage.js';
import * as workloads from './workloads.js';

export { type Column, doc, name as nameColumn } from './column.js';
export { scales } from './workloads.js';

/** Columns by stored resource: those of Kubernetes 1.26. */
export const columns: { [resource: string]: Column[] } = {
  'pods.': pods,
  'podtemplates.': podTemplates,
  'deployments.apps': workloads.deployments,
  'statefulsets.apps': workloads.statefulSets,
  'replicasets.apps': workloads.replicaSets,
  'daemonsets.apps': workloads.daemonSets,
  'controllerrevisions.apps': workloads.controllerRevisions,
  'replicationcontrollers.': workloads.replicationControllers,
  'jobs.batch': workloads.jobs,
  'cronjobs.batch': workloads.cronJobs,
  'horizontalpodautoscalers.autoscaling': workloads.autoscalers,
  'poddisruptionbudgets.policy': workloads.disruptionBudgets,
  'services.': network.services,
  'endpoints.': network.endpoints,
  'endpointslices.discovery.k8s.io': network.endpointSlices,
  'ingresses.networking.k8s.io': network.ingresses,
  'ingressclasses.networking.k8s.io': network.ingressClasses,
  'networkpolicies.networking.k8s.io': network.networkPolicies,
  'persistentvolumeclaims.': storage.claims,
  'persistentvolumes.': storage.volumes,
  'storageclasses.storage.k8s.io': storage.storageClasses,
  'volumeattachments.storage.k8s.io': storage.volumeAttachments,
  'csinodes.storage.k8s.io': storage.csiNodes,
  'csidrivers.storage.k8s.io': storage.csiDrivers,
  'csistoragecapacities.storage.k8s.io': storage.csiCapacities,
  'configmaps.': cluster.configMaps,
  'secrets.': cluster.secrets,
  'serviceaccounts.': cluster.serviceAccounts,
  'namespaces.': cluster.namespaces,
  'nodes.': cluster.nodes,
  'events.': cluster.events,
  'resourcequotas.': cluster.resourceQuotas,
  'rolebindings.rbac.authorization.k8s.io': cluster.roleBindings,
  'clusterrolebindings.rbac.authorization.k8s.io': cluster.clusterRoleBindings,
  'leases.coordination.k8s.io': cluster.leases,
  'priorityclasses.scheduling.k8s.io': cluster.priorityClasses,
  'runtimeclasses.node.k8s.io': cluster.runtimeClasses,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': cluster.webhookConfigurations,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': cluster.webhookConfigurations,
  'certificatesigningrequests.certificates.k8s.io': cluster.certificateRequests,
  'flowschemas.flowcontrol.apiserver.k8s.io': cluster.flowSchemas,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': cluster.priorityLevels,
  'apiservices.apiregistration.k8s.io': cluster.apiServices,
};

/** Of resources without columns of their own. */
export const defaultColumns: Column[] = [
  name,
  {
    name: 'Created At',
    type: 'date',
    description: doc('meta.ObjectMeta.creationTimestamp'),
    cell: (o) => o.metadata.creationTimestamp,
  },
];

/** What a row says beside its cells, by stored resource. */
export const rowConditions: { [resource: string]: typeof podConditions } = { 'pods.': podConditions };
