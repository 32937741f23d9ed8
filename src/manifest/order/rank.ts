/**
 * The order in which kinds are installed: what others need comes first. It is Helm's and Argo CD's order in
 * substance; where they differ from it is said beside the entry.
 */
const core = '';
const tiers: readonly (readonly [group: string, kind: string])[][] = [
  [[core, 'Namespace']],
  // Before all else that may use them, which Helm leaves to a separate folder of the chart.
  [['apiextensions.k8s.io', 'CustomResourceDefinition']],
  [
    ['scheduling.k8s.io', 'PriorityClass'],
    ['node.k8s.io', 'RuntimeClass'],
    ['flowcontrol.apiserver.k8s.io', 'PriorityLevelConfiguration'],
    ['flowcontrol.apiserver.k8s.io', 'FlowSchema'],
  ],
  [['networking.k8s.io', 'NetworkPolicy']],
  [[core, 'ResourceQuota']],
  [[core, 'LimitRange']],
  [['policy', 'PodSecurityPolicy']],
  [['policy', 'PodDisruptionBudget']],
  [[core, 'ServiceAccount']],
  [[core, 'Secret']],
  [[core, 'ConfigMap']],
  [
    ['storage.k8s.io', 'StorageClass'],
    ['storage.k8s.io', 'CSIDriver'],
    ['storage.k8s.io', 'VolumeAttributesClass'],
  ],
  [[core, 'PersistentVolume']],
  [[core, 'PersistentVolumeClaim']],
  [['rbac.authorization.k8s.io', 'ClusterRole']],
  [['rbac.authorization.k8s.io', 'ClusterRoleBinding']],
  [['rbac.authorization.k8s.io', 'Role']],
  [['rbac.authorization.k8s.io', 'RoleBinding']],
  [
    [core, 'Service'],
    ['networking.k8s.io', 'IngressClass'],
    ['networking.k8s.io', 'ServiceCIDR'],
  ],
  [
    [core, 'Endpoints'],
    ['discovery.k8s.io', 'EndpointSlice'],
  ],
  [['resource.k8s.io', 'DeviceClass']],
  [
    ['resource.k8s.io', 'ResourceClaimTemplate'],
    ['resource.k8s.io', 'ResourceClaim'],
  ],
  [['apps', 'DaemonSet']],
  [[core, 'Pod']],
  [[core, 'ReplicationController']],
  [['apps', 'ReplicaSet']],
  [['apps', 'Deployment']],
  [['autoscaling', 'HorizontalPodAutoscaler']],
  [['apps', 'StatefulSet']],
  [['batch', 'Job']],
  [['batch', 'CronJob']],
  [['networking.k8s.io', 'Ingress']],
];

/** After the workloads that answer for them: once these stand, the API server asks those for every request. */
const lastTiers: readonly (readonly [group: string, kind: string])[][] = [
  [['apiregistration.k8s.io', 'APIService']],
  [
    ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicy'],
    ['admissionregistration.k8s.io', 'MutatingAdmissionPolicy'],
  ],
  [
    ['admissionregistration.k8s.io', 'ValidatingAdmissionPolicyBinding'],
    ['admissionregistration.k8s.io', 'MutatingAdmissionPolicyBinding'],
  ],
  [
    ['admissionregistration.k8s.io', 'MutatingWebhookConfiguration'],
    ['admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'],
  ],
];

const builtinRank = tiers.length;
const customRank = tiers.length + 1;
const ranks = new Map<string, number>();
for (const [rank, tier] of tiers.entries()) for (const [group, kind] of tier) ranks.set(`${group}/${kind}`, rank);
for (const [index, tier] of lastTiers.entries()) for (const [group, kind] of tier) ranks.set(`${group}/${kind}`, customRank + 1 + index);

/**
 * Where a kind stands in the order of installation; smaller comes first. Built-in kinds without a place of
 * their own come after the workloads, custom kinds after those, webhooks and aggregated APIs last.
 */
export function installRank(kind: { group: string; kind: string }): number {
  const known = ranks.get(`${kind.group}/${kind.kind}`);
  if (known !== undefined) return known;
  return isBuiltinGroup(kind.group) ? builtinRank : customRank;
}

const builtinGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions']);

/** Groups of Kubernetes itself: the old short ones and those under k8s.io that it serves without CRDs. */
function isBuiltinGroup(group: string): boolean {
  return builtinGroups.has(group) || builtinK8sGroups.has(group);
}

const builtinK8sGroups = new Set(
  'admissionregistration apiextensions apiregistration authentication authorization certificates coordination discovery events networking node rbac.authorization resource scheduling storage storagemigration flowcontrol.apiserver internal.apiserver'
    .split(' ')
    .map((name) => `${name}.k8s.io`),
);

/**
 * Which kinds may be applied beside each other, without waiting: Namespaces, then definitions of types, then
 * what workloads read, then workloads, then what stands in front of them and custom kinds, then what
 * answers the cluster's requests. Within a stage the rank is the order in which requests are begun.
 */
export function installStage(key: { group: string; kind: string }): number {
  const rank = installRank(key);
  const bounds = [
    { group: core, kind: 'Namespace' },
    { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
    { group: core, kind: 'Service' },
    { group: 'batch', kind: 'CronJob' },
  ].map(installRank);
  const custom = installRank({ group: 'example.com', kind: 'Custom' });
  const stage = [...bounds, custom].findIndex((bound) => rank <= bound);
  return stage < 0 ? bounds.length + 1 : stage;
}
