import { equalJson } from '../../model/index.js';
import { type FieldErrors, forbiddenField, GoText, invalid, notSupported, required } from './field.js';
import { isSubdomain, nameProblems } from './names.js';
import { checkPort } from './pod-validation.js';
import { validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';
import { countOrPercent } from './workloads.js';

const rbacGroup = 'rbac.authorization.k8s.io';

function bindingDefaults(object: Loose): void {
  if (object.roleRef && !object.roleRef.apiGroup) object.roleRef.apiGroup = rbacGroup;
  for (const subject of object.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup;
}

function validateBinding(kinds: readonly string[]): (object: Loose) => FieldErrors {
  return (object) => {
    const out: FieldErrors = [];
    if (object.roleRef.apiGroup !== rbacGroup) out.push(notSupported('roleRef.apiGroup', object.roleRef.apiGroup, [rbacGroup]));
    if (!kinds.includes(object.roleRef.kind)) out.push(notSupported('roleRef.kind', object.roleRef.kind, kinds));
    if (!object.roleRef.name) out.push(required('roleRef.name'));
    (object.subjects ?? []).forEach((subject: Loose, i: number) => {
      const at = `subjects[${i}]`;
      if (!subject.name) out.push(required(`${at}.name`));
      if (subject.kind === 'ServiceAccount') {
        if (subject.apiGroup) out.push(notSupported(`${at}.apiGroup`, subject.apiGroup, ['']));
        if (!subject.namespace) out.push(required(`${at}.namespace`));
        for (const problem of subject.name ? nameProblems('subdomain', subject.name) : [])
          out.push(invalid(`${at}.name`, subject.name, problem));
      } else if (subject.kind === 'User' || subject.kind === 'Group') {
        if (subject.apiGroup !== rbacGroup) out.push(notSupported(`${at}.apiGroup`, subject.apiGroup, [rbacGroup]));
      } else out.push(notSupported(`${at}.kind`, subject.kind ?? '', ['Group', 'ServiceAccount', 'User']));
    });
    return out;
  };
}

const roleRefFixed = (next: Loose, old: Loose): FieldErrors =>
  equalJson(next.roleRef, old.roleRef)
    ? []
    : [
        invalid(
          'roleRef',
          new GoText(
            `rbac.RoleRef{APIGroup:${JSON.stringify(next.roleRef.apiGroup)}, Kind:${JSON.stringify(next.roleRef.kind)}, Name:${JSON.stringify(next.roleRef.name)}}`,
          ),
          'cannot change roleRef',
        ),
      ];

function validateRules(namespaced: boolean): (object: Loose) => FieldErrors {
  return ({ rules }) => {
    const out: FieldErrors = [];
    (rules ?? []).forEach((rule: Loose, i: number) => {
      const at = `rules[${i}]`;
      if ((rule.verbs ?? []).length === 0) out.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
      if ((rule.nonResourceURLs ?? []).length > 0) {
        if (namespaced)
          out.push(invalid(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
        if ((rule.apiGroups ?? []).length > 0 || (rule.resources ?? []).length > 0)
          out.push(
            invalid(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
          );
        return;
      }
      if ((rule.apiGroups ?? []).length === 0) out.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
      if ((rule.resources ?? []).length === 0) out.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
    });
    return out;
  };
}

const autoscaler: Strategy = {
  status: true,
  defaults(object, type) {
    const { spec } = object;
    spec.minReplicas ??= 1;
    if (type.version === 'v1') return;
    if ((spec.metrics ?? []).length === 0)
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
    if (!spec.behavior) return;
    const up = {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    };
    const down = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
    spec.behavior.scaleUp = { ...up, ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...down, ...spec.behavior.scaleDown };
  },
  validate({ spec }) {
    const out: FieldErrors = [];
    if (spec.minReplicas !== undefined && spec.minReplicas < 1)
      out.push(invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1'));
    if (spec.maxReplicas < 1) out.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0'));
    if (spec.minReplicas !== undefined && spec.maxReplicas < spec.minReplicas)
      out.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'));
    if (!spec.scaleTargetRef.kind) out.push(required('spec.scaleTargetRef.kind'));
    if (!spec.scaleTargetRef.name) out.push(required('spec.scaleTargetRef.name'));
    return out;
  },
};

const disruptionBudget: Strategy = {
  status: true,
  generation: true,
  validate({ spec }) {
    const out: FieldErrors = [];
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
      out.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
    if (spec.minAvailable !== undefined) out.push(...countOrPercent(spec.minAvailable, 'spec.minAvailable'));
    if (spec.maxUnavailable !== undefined) out.push(...countOrPercent(spec.maxUnavailable, 'spec.maxUnavailable'));
    if (spec.selector) out.push(...validateSelector(spec.selector, 'spec.selector'));
    return out;
  },
};

const ingress: Strategy = {
  status: true,
  generation: true,
  validate({ spec }) {
    const out: FieldErrors = [];
    if ((spec.rules ?? []).length === 0 && !spec.defaultBackend)
      out.push(invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified'));
    if (spec.defaultBackend) validateBackend(spec.defaultBackend, 'spec.defaultBackend', out);
    (spec.rules ?? []).forEach((rule: Loose, i: number) => {
      const at = `spec.rules[${i}]`;
      if (rule.host && !isSubdomain(rule.host.replace(/^\*\./, '')))
        for (const problem of nameProblems('subdomain', rule.host)) out.push(invalid(`${at}.host`, rule.host, problem));
      if (rule.http && (rule.http.paths ?? []).length === 0) out.push(required(`${at}.http.paths`));
      (rule.http?.paths ?? []).forEach((path: Loose, j: number) => {
        validatePath(path, `${at}.http.paths[${j}]`, out);
      });
    });
    if (spec.ingressClassName !== undefined)
      for (const problem of nameProblems('subdomain', spec.ingressClassName))
        out.push(invalid('spec.ingressClassName', spec.ingressClassName, problem));
    return out;
  },
};

function validatePath(path: Loose, at: string, out: FieldErrors): void {
  const types = ['Exact', 'ImplementationSpecific', 'Prefix'];
  if (path.pathType === undefined || path.pathType === null) out.push(required(`${at}.pathType`, 'pathType must be specified'));
  else if (!types.includes(path.pathType)) out.push(notSupported(`${at}.pathType`, path.pathType, types));
  else if (path.pathType !== 'ImplementationSpecific') {
    if (!path.path?.startsWith('/')) out.push(invalid(`${at}.path`, path.path ?? '', 'must be an absolute path'));
    else
      for (const bad of ['//', '/./', '/../', '%2f', '%2F'])
        if (path.path.includes(bad)) out.push(invalid(`${at}.path`, path.path, `must not contain '${bad}'`));
  } else if (path.path && !path.path.startsWith('/')) out.push(invalid(`${at}.path`, path.path, 'must be an absolute path'));
  validateBackend(path.backend ?? {}, `${at}.backend`, out);
}

function validateBackend(backend: Loose, at: string, out: FieldErrors): void {
  if (backend.resource && backend.service) out.push(invalid(at, '', 'cannot set both resource and service backends'));
  if (backend.resource) return;
  if (!backend.service) {
    out.push(required(at, 'cannot set resource and service backends'));
    return;
  }
  const { service } = backend;
  if (!service.name) out.push(required(`${at}.service.name`));
  else for (const problem of nameProblems('label1035', service.name)) out.push(invalid(`${at}.service.name`, service.name, problem));
  const port = service.port ?? {};
  if (port.name && port.number) out.push(invalid(at, '', 'cannot set both port name & port number'));
  else if (port.number) checkPort(port.number, `${at}.service.port.number`, out);
  else if (!port.name) out.push(required(at, 'port name or number is required'));
}

const networkPolicy: Strategy = {
  generation: true,
  defaults({ spec }) {
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    spec.policyTypes ??= (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: ({ spec }) => validateSelector(spec.podSelector ?? {}, 'spec.podSelector'),
};

const webhooks: Strategy = {
  generation: true,
  defaults(object, type) {
    for (const hook of object.webhooks ?? []) {
      hook.failurePolicy ??= 'Fail';
      hook.matchPolicy ??= 'Equivalent';
      hook.namespaceSelector ??= {};
      hook.objectSelector ??= {};
      hook.timeoutSeconds ??= 10;
      if (type.kind === 'MutatingWebhookConfiguration') hook.reinvocationPolicy ??= 'Never';
      for (const rule of hook.rules ?? []) rule.scope ??= '*';
      if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
    }
  },
  validate(object) {
    const out: FieldErrors = [];
    (object.webhooks ?? []).forEach((hook: Loose, i: number) => {
      const at = `webhooks[${i}]`;
      if (!hook.name) out.push(required(`${at}.name`));
      else if (hook.name.split('.').length < 3 || !isSubdomain(hook.name))
        out.push(invalid(`${at}.name`, hook.name, 'should be a domain with at least three segments separated by dots'));
      if (!hook.sideEffects) out.push(required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
      if ((hook.admissionReviewVersions ?? []).length === 0)
        out.push(required(`${at}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
      if (hook.timeoutSeconds < 1 || hook.timeoutSeconds > 30)
        out.push(invalid(`${at}.timeoutSeconds`, hook.timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
    });
    return out;
  },
};

const fixed = (field: string) => (next: Loose, old: Loose) =>
  equalJson(next[field], old[field]) ? [] : [invalid(field, next[field] ?? null, 'field is immutable')];

const storageClass: Strategy = {
  defaults(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: (object) => (object.provisioner ? [] : [required('provisioner')]),
  validateUpdate(next, old) {
    const out: FieldErrors = [];
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy'])
      if (!equalJson(next[field], old[field])) out.push(forbiddenField(field, `updates to ${field} are forbidden.`));
    if (next.volumeBindingMode !== old.volumeBindingMode)
      out.push(invalid('volumeBindingMode', next.volumeBindingMode, 'field is immutable'));
    return out;
  },
};

const priorityClass: Strategy = {
  defaults(object) {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareCreate({ metadata }) {
    metadata.generation = 1;
  },
  validate: (object) =>
    object.value > 1_000_000_000 && !object.metadata.name?.startsWith('system-')
      ? [forbiddenField('value', 'maximum allowed value of a user defined priority is 1000000000')]
      : [],
  validateUpdate: (next, old) => [
    ...(next.value === old.value ? [] : [forbiddenField('Value', 'may not be changed in an update.')]),
    ...(next.preemptionPolicy === old.preemptionPolicy ? [] : [forbiddenField('PreemptionPolicy', 'may not be changed in an update.')]),
  ],
};

const csiDriver: Strategy = {
  generation: true,
  defaults({ spec }) {
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
  },
};

export const cluster: { [resource: string]: Strategy } = {
  'roles.rbac.authorization.k8s.io': { name: 'path', validate: validateRules(true) },
  'clusterroles.rbac.authorization.k8s.io': { name: 'path', validate: validateRules(false) },
  'rolebindings.rbac.authorization.k8s.io': {
    name: 'path',
    defaults: bindingDefaults,
    validate: validateBinding(['Role', 'ClusterRole']),
    validateUpdate: roleRefFixed,
  },
  'clusterrolebindings.rbac.authorization.k8s.io': {
    name: 'path',
    defaults: bindingDefaults,
    validate: validateBinding(['ClusterRole']),
    validateUpdate: roleRefFixed,
  },
  'horizontalpodautoscalers.autoscaling': autoscaler,
  'poddisruptionbudgets.policy': disruptionBudget,
  'ingresses.networking.k8s.io': ingress,
  'ingressclasses.networking.k8s.io': {
    generation: true,
    defaults({ spec }) {
      if (spec.parameters) spec.parameters.scope ??= 'Cluster';
    },
    validate: ({ spec }) =>
      spec.controller && !spec.controller.includes('/')
        ? [invalid('spec.controller', spec.controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
        : [],
    validateUpdate: ({ spec }, old) =>
      spec.controller === old.spec.controller ? [] : [invalid('spec.controller', spec.controller, 'field is immutable')],
  },
  'networkpolicies.networking.k8s.io': networkPolicy,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': {
    status: true,
    generation: true,
    defaults({ spec }) {
      spec.failurePolicy ??= 'Fail';
      if (!spec.matchConstraints) return;
      spec.matchConstraints.matchPolicy ??= 'Equivalent';
      spec.matchConstraints.namespaceSelector ??= {};
      spec.matchConstraints.objectSelector ??= {};
      for (const rule of spec.matchConstraints.resourceRules ?? []) rule.scope ??= '*';
    },
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': { generation: true },
  'storageclasses.storage.k8s.io': storageClass,
  'csidrivers.storage.k8s.io': csiDriver,
  'priorityclasses.scheduling.k8s.io': priorityClass,
  'runtimeclasses.node.k8s.io': { validate: (o) => (o.handler ? [] : [required('handler')]), validateUpdate: fixed('handler') },
  'endpointslices.discovery.k8s.io': {
    generation: true,
    defaults(object) {
      for (const port of object.ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
    },
    validateUpdate: fixed('addressType'),
  },
  'certificatesigningrequests.certificates.k8s.io': {
    status: true,
    defaults({ spec }) {
      spec.usages ??= ['digital signature', 'key encipherment'];
    },
    fields: { 'spec.signerName': (o) => (o['spec'] as Loose)?.signerName ?? '' },
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    status: true,
    generation: true,
    defaults({ spec }) {
      spec.matchingPrecedence ||= 1000;
    },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': { status: true, generation: true },
  'apiservices.apiregistration.k8s.io': { status: true },
  'volumeattachments.storage.k8s.io': { status: true },
  'resourceclaims.resource.k8s.io': { status: true },
};
