import type { Schema } from './types.js';

/**
 * Lists that merge by keys, of Kubernetes 1.21.2: the document that Kustomize 5 carries. What is newer is
 * replaced whole, as Kustomize does.
 *
 * `field: 'Type'` leads on, `field: ['key', …]` is a list merged by these keys (none: by value), and
 * `field: [['key', …], 'Type']` also knows its items.
 */
const types: { [type: string]: { [field: string]: string | string[] | [string[], string] | { items: string } } } = {
  Meta: { finalizers: [], ownerReferences: ['uid'] },
  Object: { metadata: 'Meta' },
  Conditions: { conditions: ['type'] },
  WithConditions: { metadata: 'Meta', status: 'Conditions' },
  ComponentStatus: { metadata: 'Meta', conditions: ['type'] },
  Container: { env: ['name'], ports: ['containerPort', 'protocol'], volumeDevices: ['devicePath'], volumeMounts: ['mountPath'] },
  EphemeralContainer: { env: ['name'], volumeDevices: ['devicePath'], volumeMounts: ['mountPath'] },
  ClaimSource: { volumeClaimTemplate: 'Object' },
  Volume: { ephemeral: 'ClaimSource' },
  PodSpec: {
    containers: [['name'], 'Container'],
    ephemeralContainers: [['name'], 'EphemeralContainer'],
    initContainers: [['name'], 'Container'],
    hostAliases: ['ip'],
    imagePullSecrets: ['name'],
    topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
    volumes: [['name'], 'Volume'],
  },
  PodStatus: { conditions: ['type'], podIPs: ['ip'] },
  Pod: { metadata: 'Meta', spec: 'PodSpec', status: 'PodStatus' },
  PodTemplateSpec: { metadata: 'Meta', spec: 'PodSpec' },
  PodTemplate: { metadata: 'Meta', template: 'PodTemplateSpec' },
  WorkloadSpec: { template: 'PodTemplateSpec' },
  Workload: { metadata: 'Meta', spec: 'WorkloadSpec', status: 'Conditions' },
  StatefulSetSpec: { template: 'PodTemplateSpec', volumeClaimTemplates: { items: 'WithConditions' } },
  StatefulSet: { metadata: 'Meta', spec: 'StatefulSetSpec', status: 'Conditions' },
  JobTemplateSpec: { metadata: 'Meta', spec: 'WorkloadSpec' },
  CronJobSpec: { jobTemplate: 'JobTemplateSpec' },
  CronJob: { metadata: 'Meta', spec: 'CronJobSpec' },
  CSINodeSpec: { drivers: ['name'] },
  CSINode: { metadata: 'Meta', spec: 'CSINodeSpec' },
  WebhookConfiguration: { metadata: 'Meta', webhooks: ['name'] },
  NodeSpec: { podCIDRs: [] },
  NodeStatus: { addresses: ['type'], conditions: ['type'] },
  Node: { metadata: 'Meta', spec: 'NodeSpec', status: 'NodeStatus' },
  ServiceSpec: { ports: ['port', 'protocol'] },
  Service: { metadata: 'Meta', spec: 'ServiceSpec', status: 'Conditions' },
  ServiceAccount: { metadata: 'Meta', secrets: ['name'] },
};

/** Kinds whose shape is not the bare `Object`. */
const shapes: { [type: string]: string } = {
  CSINode: 'storage.k8s.io/v1 storage.k8s.io/v1beta1',
  ComponentStatus: 'v1',
  CronJob: 'batch/v1 batch/v1beta1',
  Pod: 'v1',
  PodTemplate: 'v1',
  StatefulSet: 'apps/v1',
  Node: 'v1',
  Service: 'v1',
  ServiceAccount: 'v1',
};

/** Every kind by group and version, those without a namespace behind the bar. */
const kinds: { [apiVersion: string]: string } = {
  v1: 'Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount | ComponentStatus Namespace Node PersistentVolume',
  'admissionregistration.k8s.io/v1': '| MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1beta1': '| MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1': '| CustomResourceDefinition',
  'apiextensions.k8s.io/v1beta1': '| CustomResourceDefinition',
  'apiregistration.k8s.io/v1': '| APIService',
  'apiregistration.k8s.io/v1beta1': '| APIService',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'authentication.k8s.io/v1': 'TokenRequest TokenReview',
  'authentication.k8s.io/v1beta1': 'TokenReview',
  'authorization.k8s.io/v1': 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'authorization.k8s.io/v1beta1': 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'autoscaling/v1': 'HorizontalPodAutoscaler Scale',
  'autoscaling/v2beta1': 'HorizontalPodAutoscaler',
  'autoscaling/v2beta2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'batch/v1beta1': 'CronJob',
  'certificates.k8s.io/v1': '| CertificateSigningRequest',
  'certificates.k8s.io/v1beta1': '| CertificateSigningRequest',
  'coordination.k8s.io/v1': 'Lease',
  'coordination.k8s.io/v1beta1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'discovery.k8s.io/v1beta1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'events.k8s.io/v1beta1': 'Event',
  'extensions/v1beta1': 'Ingress',
  'flowcontrol.apiserver.k8s.io/v1beta1': '| FlowSchema PriorityLevelConfiguration',
  'networking.k8s.io/v1': 'Ingress NetworkPolicy | IngressClass',
  'networking.k8s.io/v1beta1': 'Ingress | IngressClass',
  'node.k8s.io/v1': '| RuntimeClass',
  'node.k8s.io/v1beta1': '| RuntimeClass',
  'policy/v1': 'PodDisruptionBudget',
  'policy/v1beta1': 'Eviction PodDisruptionBudget | PodSecurityPolicy',
  'rbac.authorization.k8s.io/v1': 'Role RoleBinding | ClusterRole ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1beta1': 'Role RoleBinding | ClusterRole ClusterRoleBinding',
  'scheduling.k8s.io/v1': '| PriorityClass',
  'scheduling.k8s.io/v1beta1': '| PriorityClass',
  'storage.k8s.io/v1': '| CSIDriver CSINode StorageClass VolumeAttachment',
  'storage.k8s.io/v1beta1': 'CSIStorageCapacity | CSIDriver CSINode StorageClass VolumeAttachment',
};

const special: { [kind: string]: string } = {
  APIService: 'WithConditions',
  DaemonSet: 'Workload',
  Deployment: 'Workload',
  Job: 'Workload',
  MutatingWebhookConfiguration: 'WebhookConfiguration',
  Namespace: 'WithConditions',
  PersistentVolumeClaim: 'WithConditions',
  PodDisruptionBudget: 'WithConditions',
  ReplicaSet: 'Workload',
  ReplicationController: 'Workload',
  ValidatingWebhookConfiguration: 'WebhookConfiguration',
};

/** Known to the document, and nothing in it merges. */
const opaque: Schema = { field: () => opaque, elements: () => opaque, mergeKeys: undefined };

const made = new Map<string, Schema>();

function typeSchema(type: string): Schema {
  const known = made.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, Schema>();
  const schema: Schema = { field: (name) => fields.get(name) ?? opaque, elements: () => opaque, mergeKeys: undefined };
  made.set(type, schema);
  for (const [name, entry] of Object.entries(types[type] as object)) fields.set(name, entrySchema(entry));
  return schema;
}

function entrySchema(entry: string | string[] | [string[], string] | { items: string }): Schema {
  if (typeof entry === 'string') return typeSchema(entry);
  if (!Array.isArray(entry)) return { field: () => opaque, elements: () => typeSchema(entry.items), mergeKeys: undefined };
  const [keys, items] = Array.isArray(entry[0]) ? [entry[0], entry[1] as string] : [entry as string[], undefined];
  return { field: () => opaque, elements: () => (items === undefined ? opaque : typeSchema(items)), mergeKeys: keys };
}

interface BuiltinKind {
  shape: string;
  clusterScoped: boolean;
}

/** By apiVersion, then by kind: asked for at every step of every object, so that no key is put together for it. */
const builtinKinds = new Map<string, Map<string, BuiltinKind>>();
for (const [apiVersion, text] of Object.entries(kinds)) {
  const own = new Map<string, BuiltinKind>();
  for (const [i, part] of text.split('|').entries())
    for (const kind of part.split(' ').filter((each) => each !== '')) {
      const shape = (shapes[kind]?.split(' ').includes(apiVersion) ? kind : special[kind]) ?? 'Object';
      own.set(kind, { shape, clusterScoped: i === 1 });
    }
  builtinKinds.set(apiVersion, own);
}

export function builtinSchema(apiVersion: string, kind: string): Schema | undefined {
  const known = builtinKinds.get(apiVersion)?.get(kind);
  return known === undefined ? undefined : typeSchema(known.shape);
}

/** `undefined` for kinds that are not built in. */
export function isBuiltinClusterScoped(apiVersion: string, kind: string): boolean | undefined {
  return builtinKinds.get(apiVersion)?.get(kind)?.clusterScoped;
}

/** A type of the document by its full name, such as `io.k8s.api.core.v1.Container`. */
export function builtinType(name: string): Schema {
  const type = name.slice(name.lastIndexOf('.') + 1);
  const own = type === 'ObjectMeta' ? 'Meta' : type;
  return Object.hasOwn(types, own) ? typeSchema(own) : opaque;
}
