import type { GvkSelector } from '../resource/index.js';
import type { FieldSpec, NameReference } from './field-spec.js';
import { sortConfig, type TransformerConfig } from './transformer-config.js';

/**
 * The fields that Kustomize 5 knows without being told. Most are fields of pods, and pods stand in few places:
 * where a kind holds its pod's spec, and from there which fields.
 */
const podSpecs: { [kind: string]: string } = {
  Pod: 'spec',
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
  ReplicationController: 'spec/template/spec',
};

const withoutControllers = ['Pod', 'PodTemplate', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob'];
const withoutTemplates = ['Pod', 'StatefulSet', 'Deployment', 'ReplicationController', 'CronJob', 'Job', 'DaemonSet'];

function inPods(kinds: readonly string[], fields: readonly string[], podVersion?: string): FieldSpec[] {
  return kinds.flatMap((kind) =>
    fields.map((field) => ({
      ...(kind === 'Pod' && podVersion !== undefined ? { version: podVersion } : {}),
      kind,
      path: `${podSpecs[kind]}/${field}`,
    })),
  );
}

function of(kind: string | GvkSelector, ...paths: string[]): FieldSpec[] {
  const selector = typeof kind === 'string' ? (kind === '' ? {} : { kind }) : kind;
  return paths.map((path) => ({ ...selector, path }));
}

const created = (specs: FieldSpec[]) => specs.map((spec) => ({ ...spec, create: true }));

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

function dataReferences(source: string, ref: string): string[] {
  return ['containers', 'initContainers'].flatMap((containers) => [
    `${containers}/env/valueFrom/${source}KeyRef/name`,
    `${containers}/envFrom/${ref}/name`,
  ]);
}

const configMapFields = [
  'volumes/configMap/name',
  ...dataReferences('configMap', 'configMapRef'),
  'volumes/projected/sources/configMap/name',
];
const secretFields = [
  'volumes/secret/secretName',
  ...dataReferences('secret', 'secretRef'),
  'imagePullSecrets/name',
  'volumes/projected/sources/secret/name',
];

const scaled = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'];

const nameReference: NameReference[] = [
  ...scaled.map((kind) => ({ kind, fieldSpecs: of('HorizontalPodAutoscaler', 'spec/scaleTargetRef/name') })),
  {
    kind: 'ConfigMap',
    version: 'v1',
    fieldSpecs: [
      ...inPods(withoutControllers, configMapFields, 'v1'),
      ...of('Node', 'spec/configSource/configMap'),
      ...of('Role', 'rules/resourceNames'),
      ...of('ClusterRole', 'rules/resourceNames'),
      ...of('Ingress', 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap'),
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fieldSpecs: [
      ...inPods(withoutControllers, secretFields, 'v1'),
      ...of(
        'Ingress',
        'spec/tls/secretName',
        'metadata/annotations/ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ),
      ...of('ServiceAccount', 'imagePullSecrets/name'),
      ...of('StorageClass', 'parameters/secretName', 'parameters/adminSecretName', 'parameters/userSecretName', 'parameters/secretRef'),
      ...of('Role', 'rules/resourceNames'),
      ...of('ClusterRole', 'rules/resourceNames'),
      ...of(
        { group: 'serving.knative.dev', version: 'v1', kind: 'Service' },
        'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      ),
      ...of('PersistentVolume', 'spec/azureFile/secretName'),
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fieldSpecs: [
      ...of({ group: 'apps', kind: 'StatefulSet' }, 'spec/serviceName'),
      ...of(
        'Ingress',
        'spec/rules/http/paths/backend/serviceName',
        'spec/backend/serviceName',
        'spec/rules/http/paths/backend/service/name',
        'spec/defaultBackend/service/name',
      ),
      ...of({ group: 'apiregistration.k8s.io', kind: 'APIService' }, 'spec/service/name'),
      ...of({ group: admission, kind: 'ValidatingWebhookConfiguration' }, 'webhooks/clientConfig/service'),
      ...of({ group: admission, kind: 'MutatingWebhookConfiguration' }, 'webhooks/clientConfig/service'),
    ],
  },
  { kind: 'Role', group: rbac, fieldSpecs: of({ group: rbac, kind: 'RoleBinding' }, 'roleRef/name') },
  {
    kind: 'ClusterRole',
    group: rbac,
    fieldSpecs: [
      ...of({ group: rbac, kind: 'RoleBinding' }, 'roleRef/name'),
      ...of({ group: rbac, kind: 'ClusterRoleBinding' }, 'roleRef/name'),
    ],
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fieldSpecs: [
      ...of({ group: rbac, kind: 'RoleBinding' }, 'subjects'),
      ...of({ group: rbac, kind: 'ClusterRoleBinding' }, 'subjects'),
      ...inPods(withoutTemplates, ['serviceAccountName']),
    ],
  },
  { kind: 'PersistentVolumeClaim', version: 'v1', fieldSpecs: inPods(withoutTemplates, ['volumes/persistentVolumeClaim/claimName']) },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fieldSpecs: [...of('PersistentVolumeClaim', 'spec/volumeName'), ...of('ClusterRole', 'rules/resourceNames')],
  },
  {
    kind: 'StorageClass',
    version: 'v1',
    group: 'storage.k8s.io',
    fieldSpecs: [
      ...of('PersistentVolume', 'spec/storageClassName'),
      ...of('PersistentVolumeClaim', 'spec/storageClassName'),
      ...of('StatefulSet', 'spec/volumeClaimTemplates/spec/storageClassName'),
    ],
  },
  { kind: 'PriorityClass', version: 'v1', group: 'scheduling.k8s.io', fieldSpecs: inPods(withoutTemplates, ['priorityClassName']) },
  // The group is what Kustomize has: it never matches, and so neither does this.
  { kind: 'IngressClass', version: 'v1', group: 'networking.k8s.io/v1', fieldSpecs: of('Ingress', 'spec/ingressClassName') },
  {
    kind: 'ValidatingAdmissionPolicy',
    group: admission,
    fieldSpecs: of({ group: admission, kind: 'ValidatingAdmissionPolicyBinding' }, 'spec/policyName'),
  },
];

const commandFields = ['containers', 'initContainers'].flatMap((containers) =>
  ['args', 'command', 'env/value', 'volumeMounts/mountPath'].map((field) => `${containers}/${field}`),
);

const varReference: FieldSpec[] = [
  ...inPods(['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'StatefulSet'], commandFields),
  ...inPods(['DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet'], ['volumes/nfs/server']),
  ...of('CronJob', 'spec/jobTemplate/spec/template/volumes/nfs/server'),
  ...of('Deployment', 'spec/template/metadata/annotations'),
  ...of('Ingress', 'spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'),
  ...of('Service', 'spec/ports/port', 'spec/ports/targetPort'),
  ...of('StatefulSet', 'spec/volumeClaimTemplates/spec/nfs/server'),
  ...of('PersistentVolume', 'spec/nfs/server'),
  ...of('', 'metadata/labels', 'metadata/annotations'),
];

/** Labels or annotations of an object and of the objects that it is the template of. */
function metadataFields(field: 'labels' | 'annotations'): FieldSpec[] {
  const isLabels = field === 'labels';
  return created([
    ...of('', `metadata/${field}`),
    ...of({ version: 'v1', kind: 'ReplicationController' }, `spec/template/metadata/${field}`),
    ...['Deployment', 'ReplicaSet', 'DaemonSet'].flatMap((kind) => of(kind, `spec/template/metadata/${field}`)),
    ...of(isLabels ? { group: 'apps', kind: 'StatefulSet' } : 'StatefulSet', `spec/template/metadata/${field}`),
    ...(isLabels ? of({ group: 'apps', kind: 'StatefulSet' }, 'spec/volumeClaimTemplates[]/metadata/labels') : []),
    ...of({ group: 'batch', kind: 'Job' }, `spec/template/metadata/${field}`),
    ...of({ group: 'batch', kind: 'CronJob' }, `spec/jobTemplate/metadata/${field}`, `spec/jobTemplate/spec/template/metadata/${field}`),
  ]);
}

const affinityFields = ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
  `affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
]);

const selectors: FieldSpec[] = [
  ...created([
    ...of({ version: 'v1', kind: 'Service' }, 'spec/selector'),
    ...of({ version: 'v1', kind: 'ReplicationController' }, 'spec/selector'),
    ...['Deployment', 'ReplicaSet', 'DaemonSet'].flatMap((kind) => of(kind, 'spec/selector/matchLabels')),
    ...of({ group: 'apps', kind: 'StatefulSet' }, 'spec/selector/matchLabels'),
  ]),
  ...inPods(['Deployment', 'StatefulSet'], [...affinityFields, 'topologySpreadConstraints/labelSelector/matchLabels']).map((spec) => ({
    ...spec,
    group: 'apps',
  })),
  ...of({ group: 'batch', kind: 'Job' }, 'spec/selector/matchLabels'),
  ...of({ group: 'batch', kind: 'CronJob' }, 'spec/jobTemplate/spec/selector/matchLabels'),
  ...of({ group: 'policy', kind: 'PodDisruptionBudget' }, 'spec/selector/matchLabels'),
  ...of(
    { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
    'spec/podSelector/matchLabels',
    'spec/ingress/from/podSelector/matchLabels',
    'spec/egress/to/podSelector/matchLabels',
  ),
];

export const defaultConfig: TransformerConfig = sortConfig({
  namePrefix: of('', 'metadata/name'),
  nameSuffix: of('', 'metadata/name'),
  namespace: [
    ...created(of('Namespace', 'metadata/name')),
    ...created(of({ group: 'apiregistration.k8s.io', kind: 'APIService' }, 'spec/service/namespace')),
    ...of({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }, 'spec/conversion/webhook/clientConfig/service/namespace'),
  ],
  commonLabels: [...selectors, ...metadataFields('labels')],
  labels: [],
  templateLabels: metadataFields('labels'),
  commonAnnotations: metadataFields('annotations'),
  nameReference,
  varReference,
  images: created(
    of(
      '',
      'spec/containers[]/image',
      'spec/initContainers[]/image',
      'spec/template/spec/containers[]/image',
      'spec/template/spec/initContainers[]/image',
    ),
  ),
  replicas: created(scaled.flatMap((kind) => of(kind, 'spec/replicas'))),
});
