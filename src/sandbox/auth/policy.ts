import type { PolicyRule } from './rules.js';

/**
 * The roles and bindings that every cluster has from its beginning
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings).
 * A rule reads `VERBS GROUPS RESOURCES [NAMES]`, or `VERBS PATHS`, where lists have commas, `core` is the
 * group without a name, and `read`, `change` and `all` are several verbs.
 */
interface DefaultRole {
  rules?: string[];
  /** What roles it gathers: those labelled `aggregate-to-…`. */
  gathers?: string;
  /** What role gathers it. */
  goesTo?: string;
}

const events = 'create,patch,update core,events.k8s.io events';
const review = ['create authentication.k8s.io tokenreviews', 'create authorization.k8s.io subjectaccessreviews'];
const workloads = 'daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale';
const signer = (name: string) => ({ rules: [`approve certificates.k8s.io signers kubernetes.io/${name}`] });

const roles: { [name: string]: DefaultRole } = {
  'cluster-admin': { rules: ['* * *', '* /*'] },
  admin: { gathers: 'admin' },
  edit: { gathers: 'edit', goesTo: 'admin' },
  view: { gathers: 'view', goesTo: 'edit' },
  'system:aggregate-to-admin': {
    goesTo: 'admin',
    rules: ['create authorization.k8s.io localsubjectaccessreviews', 'all rbac.authorization.k8s.io rolebindings,roles'],
  },
  'system:aggregate-to-edit': {
    goesTo: 'edit',
    rules: [
      'read core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy',
      'impersonate core serviceaccounts',
      'change core pods,pods/attach,pods/exec,pods/portforward,pods/proxy',
      'create core pods/eviction',
      'change core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy',
      'create core serviceaccounts/token',
      `change apps ${workloads},statefulsets,statefulsets/scale`,
      'change autoscaling horizontalpodautoscalers',
      'change batch cronjobs,jobs',
      'change extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale',
      'change policy poddisruptionbudgets',
      'change networking.k8s.io ingresses,networkpolicies',
      'all coordination.k8s.io leases',
    ],
  },
  'system:aggregate-to-view': {
    goesTo: 'view',
    rules: [
      'read core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status',
      'read core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status',
      'read core namespaces',
      'read discovery.k8s.io endpointslices',
      'read apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status',
      'read autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status',
      'read batch cronjobs,cronjobs/status,jobs,jobs/status',
      'read extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale',
      'read policy poddisruptionbudgets,poddisruptionbudgets/status',
      'read networking.k8s.io ingresses,ingresses/status,networkpolicies',
    ],
  },
  'system:auth-delegator': { rules: review },
  'system:basic-user': {
    rules: [
      'create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews',
      'create authentication.k8s.io selfsubjectreviews',
    ],
  },
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': {
    rules: ['create certificates.k8s.io certificatesigningrequests/nodeclient'],
  },
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': {
    rules: ['create certificates.k8s.io certificatesigningrequests/selfnodeclient'],
  },
  'system:certificates.k8s.io:kube-apiserver-client-approver': signer('kube-apiserver-client'),
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': signer('kube-apiserver-client-kubelet'),
  'system:certificates.k8s.io:kubelet-serving-approver': signer('kubelet-serving'),
  'system:certificates.k8s.io:legacy-unknown-approver': signer('legacy-unknown'),
  'system:discovery': { rules: ['get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/'] },
  'system:heapster': { rules: ['read core events,namespaces,nodes,pods', 'read extensions deployments'] },
  'system:kube-aggregator': { rules: ['read core endpoints,services'] },
  'system:kube-controller-manager': {
    rules: [
      events,
      'create coordination.k8s.io leases',
      'get,update coordination.k8s.io leases kube-controller-manager',
      'create core secrets,serviceaccounts',
      'delete core secrets',
      'get core configmaps,namespaces,secrets,serviceaccounts',
      'update core secrets,serviceaccounts',
      ...review,
      'list,watch * *',
      'create core serviceaccounts/token',
    ],
  },
  'system:kube-dns': { rules: ['list,watch core endpoints,services'] },
  'system:kube-scheduler': {
    rules: [
      events,
      'create coordination.k8s.io leases',
      'get,update coordination.k8s.io leases kube-scheduler',
      'read core nodes',
      'delete,get,list,watch core pods',
      'create core bindings,pods/binding',
      'patch,update core pods/status',
      'read core replicationcontrollers,services',
      'read apps,extensions replicasets',
      'read apps statefulsets',
      'read policy poddisruptionbudgets',
      'read core persistentvolumeclaims,persistentvolumes',
      ...review,
      'read storage.k8s.io csinodes',
      'read core namespaces',
      'read storage.k8s.io csidrivers',
      'read storage.k8s.io csistoragecapacities',
    ],
  },
  'system:kubelet-api-admin': { rules: ['read core nodes', 'proxy core nodes', '* core nodes/log,nodes/metrics,nodes/proxy,nodes/stats'] },
  'system:monitoring': { rules: ['get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*'] },
  'system:node': {
    rules: [
      'create authentication.k8s.io tokenreviews',
      'create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews',
      'read core services',
      'create,get,list,watch core nodes',
      'patch,update core nodes/status',
      'patch,update core nodes',
      'create,patch,update core events',
      'read core pods',
      'create,delete core pods',
      'patch,update core pods/status',
      'create core pods/eviction',
      'read core configmaps,secrets',
      'get core persistentvolumeclaims,persistentvolumes',
      'get core endpoints',
      'create,get,list,watch certificates.k8s.io certificatesigningrequests',
      'create,delete,get,patch,update coordination.k8s.io leases',
      'get storage.k8s.io volumeattachments',
      'create core serviceaccounts/token',
      'get,patch,update core persistentvolumeclaims/status',
      'read storage.k8s.io csidrivers',
      'create,delete,get,patch,update storage.k8s.io csinodes',
      'read node.k8s.io runtimeclasses',
    ],
  },
  'system:node-bootstrapper': { rules: ['create,get,list,watch certificates.k8s.io certificatesigningrequests'] },
  'system:node-problem-detector': { rules: ['get core nodes', 'patch core nodes/status', events] },
  'system:node-proxier': {
    rules: ['list,watch core endpoints,services', 'read core nodes', events, 'list,watch discovery.k8s.io endpointslices'],
  },
  'system:persistent-volume-provisioner': {
    rules: [
      'create,delete,get,list,watch core persistentvolumes',
      'get,list,update,watch core persistentvolumeclaims',
      'read storage.k8s.io storageclasses',
      'watch core events',
      events,
    ],
  },
  'system:public-info-viewer': { rules: ['get /healthz,/livez,/readyz,/version,/version/'] },
  'system:service-account-issuer-discovery': { rules: ['get /.well-known/openid-configuration,/openid/v1/jwks'] },
  'system:volume-scheduler': {
    rules: [
      'get,list,patch,update,watch core persistentvolumes',
      'read storage.k8s.io storageclasses',
      'get,list,patch,update,watch core persistentvolumeclaims',
    ],
  },
};

/** Who has which of these roles. */
const bindings: { [role: string]: string[] } = {
  'cluster-admin': ['Group system:masters'],
  'system:basic-user': ['Group system:authenticated'],
  'system:discovery': ['Group system:authenticated'],
  'system:kube-controller-manager': ['User system:kube-controller-manager'],
  'system:kube-dns': ['ServiceAccount kube-dns kube-system'],
  'system:kube-scheduler': ['User system:kube-scheduler'],
  'system:monitoring': ['Group system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['User system:kube-proxy'],
  'system:public-info-viewer': ['Group system:authenticated', 'Group system:unauthenticated'],
  'system:service-account-issuer-discovery': ['Group system:serviceaccounts'],
  'system:volume-scheduler': ['User system:kube-scheduler'],
};

const verbs: { [name: string]: string } = {
  read: 'get,list,watch',
  change: 'create,delete,deletecollection,patch,update',
  all: 'create,delete,deletecollection,get,list,patch,update,watch',
};

const rbac = 'rbac.authorization.k8s.io';

function ruleOf(text: string): PolicyRule {
  const [what = '', where = '', resources, names] = text.split(' ');
  const list = (items: string) => items.split(',');
  const given = list(verbs[what] ?? what);
  if (resources === undefined) return { nonResourceURLs: where === '/*' ? ['*'] : list(where), verbs: given };
  const groups = list(where).map((g) => (g === 'core' ? '' : g));
  return { apiGroups: groups, resources: list(resources), ...(names === undefined ? {} : { resourceNames: list(names) }), verbs: given };
}

const metadata = (name: string, labels: { [key: string]: string } = {}) => ({
  name,
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
});

const label = (role: string) => ({ [`${rbac}/aggregate-to-${role}`]: 'true' });

/** The default ClusterRoles; those that gather others still without rules. */
export function defaultRoles() {
  return Object.entries(roles).map(([name, role]) => ({
    metadata: metadata(name, role.goesTo === undefined ? {} : label(role.goesTo)),
    ...(role.gathers === undefined ? {} : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: label(role.gathers) }] } }),
    ...(role.rules ? { rules: role.rules.map(ruleOf) } : {}),
  }));
}

/** The default ClusterRoleBindings. */
export function defaultBindings() {
  return Object.entries(bindings).map(([name, subjects]) => ({
    metadata: metadata(name),
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectOf) }),
  }));
}

function subjectOf(text: string) {
  const [kind, name, namespace] = text.split(' ') as [string, string, string?];
  return namespace === undefined ? { apiGroup: rbac, kind, name } : { kind, name, namespace };
}
