import { equalJson } from '../../model/index.js';
import { nonNegative, oneOf } from './check.js';
import {
  type FieldErrors,
  forbiddenField,
  GoText,
  goIntOrString,
  goSelector,
  goStringMap,
  goStruct,
  invalid,
  notSupported,
  required,
} from './field.js';
import { annotationErrors, labelErrors } from './names.js';
import { validatePodTemplate } from './pod/spec.js';
import { defaultPodTemplate } from './pod-defaults.js';
import {
  immutableSelector,
  isEmptySelector,
  isReadable,
  mismatch,
  selects,
  validateSelector,
  validateWorkloadSelector,
} from './selector.js';
import type { Loose, Strategy, UpdateStep } from './types.js';

const percentText =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count or a percentage that must not be negative. */
export function countOrPercent(value: string | number | undefined, at: string): FieldErrors {
  if (typeof value === 'string') return /^[0-9]+%$/.test(value) ? [] : [invalid(at, goIntOrString(value), percentText)];
  return nonNegative(value, at);
}

/** A percentage over all there is. */
export function overHundred(value: string | number | undefined, at: string): FieldErrors {
  return typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [invalid(at, goIntOrString(value), 'must not be greater than 100%')]
    : [];
}

const isZero = (value: unknown) => value === 0 || (typeof value === 'string' && (Number.parseInt(value, 10) || 0) === 0);

/** What runs for as long as it is there restarts always and has no deadline. */
function lasting(template: Loose, at: string, kind: string): FieldErrors {
  const out: FieldErrors = [];
  if (template.spec?.restartPolicy !== 'Always')
    out.push(notSupported(`${at}.spec.restartPolicy`, template.spec?.restartPolicy ?? '', ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined)
    out.push(forbiddenField(`${at}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  return out;
}

function replicaTemplate(spec: Loose): FieldErrors {
  if (spec.selector && !isReadable(spec.selector)) return [invalid('spec.selector', goSelector(spec.selector), 'invalid label selector')];
  return [
    ...mismatch(spec.selector, spec.template, 'spec.template'),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...lasting(spec.template, 'spec.template', 'ReplicaSet'),
  ];
}

const counts = (object: Loose, at: string, fields: readonly string[]): FieldErrors =>
  fields.flatMap((f) => nonNegative(object?.[f], `${at}.${f}`));

/** Numbers of a status that cannot be more than all, or than each other. */
function validateReplicaStatus(status: Loose, fields: readonly string[], most = 'replicas'): FieldErrors {
  const out = counts(status, 'status', ['replicas', ...fields, 'observedGeneration', 'collisionCount']);
  for (const field of fields)
    if ((status?.[field] ?? 0) > (status?.[most] ?? 0))
      out.push(invalid(`status.${field}`, status[field], `cannot be greater than status.${most}`));
  return out;
}

const deployment: Strategy = {
  status: true,
  generation: true,
  defaults({ spec }) {
    defaultPodTemplate(spec.template);
    spec.replicas ??= 1;
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status') {
      const out = validateReplicaStatus(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']);
      if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0))
        out.push(invalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas'));
      return out;
    }
    const out: FieldErrors = [
      ...nonNegative(spec.replicas, 'spec.replicas'),
      ...validateWorkloadSelector(spec, 'deployment'),
      ...replicaTemplate(spec),
      ...validateDeploymentStrategy(spec.strategy),
      ...counts(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ];
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
      out.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'));
    return out;
  },
  validateUpdate: ({ spec }, old, { subresource }) => (subresource === '' ? immutableSelector(spec, old.spec) : []),
};

function validateDeploymentStrategy(strategy: Loose): FieldErrors {
  const at = 'spec.strategy.rollingUpdate';
  if (strategy.type === 'Recreate')
    return strategy.rollingUpdate ? [forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (strategy.type !== 'RollingUpdate') {
    const rolling = strategy.rollingUpdate ? '(*apps.RollingUpdateDeployment)(0xc000000000)' : '(*apps.RollingUpdateDeployment)(nil)';
    const shown = new GoText(`apps.DeploymentStrategy{Type:${JSON.stringify(strategy.type)}, RollingUpdate:${rolling}}`);
    return [notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate'])];
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const out = [...countOrPercent(maxUnavailable, `${at}.maxUnavailable`), ...countOrPercent(maxSurge, `${at}.maxSurge`)];
  if (isZero(maxUnavailable) && isZero(maxSurge))
    out.push(invalid(`${at}.maxUnavailable`, goIntOrString(maxUnavailable), 'may not be 0 when `maxSurge` is 0'));
  return [...out, ...overHundred(maxUnavailable, `${at}.maxUnavailable`)];
}

/** Kinds whose object is looked at by itself and once more as a change. */
const twice: UpdateStep[] = ['metadata', 'object', 'change of metadata', 'object', 'change'];

const replicaSet: Strategy = {
  status: true,
  generation: true,
  updateSteps: twice,
  defaults({ spec }) {
    spec.template ??= {};
    defaultPodTemplate(spec.template);
    spec.replicas ??= 1;
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status') return validateReplicaStatus(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
    return [
      ...counts(spec, 'spec', ['replicas', 'minReadySeconds']),
      ...validateWorkloadSelector(spec, 'deployment'),
      ...replicaTemplate(spec),
    ];
  },
  validateUpdate: ({ spec }, old, { subresource }) => (subresource === '' ? immutableSelector(spec, old.spec) : []),
  fields: { 'status.replicas': (o) => String((o['status'] as Loose)?.replicas ?? 0) },
};

const replicationController: Strategy = {
  status: true,
  generation: true,
  updateSteps: twice,
  defaults(object) {
    const { spec, metadata } = object;
    if (spec.template) defaultPodTemplate(spec.template);
    const labels = spec.template?.metadata?.labels;
    if (labels && Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
    spec.replicas ??= 1;
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status') return validateReplicaStatus(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
    const out = nonNegative(spec.minReadySeconds, 'spec.minReadySeconds');
    const selector = spec.selector ?? {};
    if (Object.keys(selector).length === 0) out.push(required('spec.selector'));
    out.push(...nonNegative(spec.replicas, 'spec.replicas'));
    if (!spec.template) return [...out, required('spec.template')];
    const labels = spec.template.metadata?.labels;
    if (Object.keys(selector).length > 0 && !selects({ matchLabels: selector }, labels))
      out.push(invalid('spec.template.metadata.labels', goStringMap(labels), '`selector` does not match template `labels`'));
    return [
      ...out,
      ...validatePodTemplate(spec.template, 'spec.template'),
      ...lasting(spec.template, 'spec.template', 'ReplicationController'),
    ];
  },
};

const templateGeneration = 'deprecated.daemonset.template.generation';

const daemonSet: Strategy = {
  status: true,
  generation: true,
  updateSteps: twice,
  defaults({ spec }) {
    defaultPodTemplate(spec.template);
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
  },
  prepareCreate({ metadata }) {
    metadata.annotations = { ...metadata.annotations, [templateGeneration]: '1' };
  },
  prepareUpdate(next, old) {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const count = equalJson(next.spec.template, old.spec.template) ? before : before + 1;
    if (count > 0) next.metadata.annotations = { ...next.metadata.annotations, [templateGeneration]: String(count) };
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status')
      return counts(status, 'status', [
        'currentNumberScheduled',
        'numberMisscheduled',
        'desiredNumberScheduled',
        'numberReady',
        'observedGeneration',
        'updatedNumberScheduled',
        'numberAvailable',
        'numberUnavailable',
        'collisionCount',
      ]);
    const out = spec.selector ? validateSelector(spec.selector, 'spec.selector') : [];
    const labels = spec.template?.metadata?.labels;
    if (isReadable(spec.selector) && !(spec.selector && selects(spec.selector, labels)))
      out.push(invalid('spec.template.metadata.labels', goStringMap(labels), '`selector` does not match template `labels`'));
    if (spec.selector && isEmptySelector(spec.selector))
      out.push(invalid('spec.selector', goSelector(spec.selector), 'empty selector is invalid for daemonset'));
    return [
      ...out,
      ...validatePodTemplate(spec.template, 'spec.template'),
      ...lasting(spec.template, 'spec.template', 'DaemonSet'),
      ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...validateDaemonStrategy(spec.updateStrategy),
      ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ];
  },
  validateUpdate: ({ spec }, old, { subresource }) => (subresource === '' ? immutableSelector(spec, old.spec) : []),
};

function validateDaemonStrategy(strategy: Loose): FieldErrors {
  const at = 'spec.updateStrategy';
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate') {
    const rolling = strategy.rollingUpdate ? '(*apps.RollingUpdateDaemonSet)(0xc000000000)' : '(*apps.RollingUpdateDaemonSet)(nil)';
    const shown = new GoText(`apps.DaemonSetUpdateStrategy{Type:${JSON.stringify(strategy.type)}, RollingUpdate:${rolling}}`);
    return [notSupported(at, shown, ['RollingUpdate', 'OnDelete'])];
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const path = `${at}.rollingUpdate`;
  const out = [
    ...countOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrPercent(maxSurge, `${path}.maxSurge`),
    ...overHundred(maxUnavailable, `${path}.maxUnavailable`),
    ...overHundred(maxSurge, `${path}.maxSurge`),
  ];
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    out.push(invalid(`${path}.maxSurge`, goIntOrString(maxSurge), 'may not be set when maxUnavailable is non-zero'));
  else if (isZero(maxUnavailable) && isZero(maxSurge)) out.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return out;
}

const mutableStatefulSet = [
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
];

const statefulSet: Strategy = {
  status: true,
  generation: true,
  updateSteps: ['metadata', 'object', 'change of metadata', 'change'],
  defaults({ spec }) {
    defaultPodTemplate(spec.template);
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1';
      claim.kind ??= 'PersistentVolumeClaim';
      claim.spec.volumeMode ??= 'Filesystem';
      claim.status ??= {};
      claim.status.phase ??= 'Pending';
    }
    const retention = spec.persistentVolumeClaimRetentionPolicy;
    if (retention) {
      retention.whenDeleted ??= 'Retain';
      retention.whenScaled ??= 'Retain';
    }
  },
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status') return validateReplicaStatus(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas']);
    const out: FieldErrors = [];
    if (!['OrderedReady', 'Parallel'].includes(spec.podManagementPolicy))
      out.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
    const { type, rollingUpdate } = spec.updateStrategy;
    const at = 'spec.updateStrategy';
    if (type === 'RollingUpdate') out.push(...nonNegative(rollingUpdate?.partition, `${at}.rollingUpdate.partition`));
    else if (type === 'OnDelete') {
      if (rollingUpdate)
        out.push(
          invalid(
            `${at}.rollingUpdate`,
            goStruct('apps.RollingUpdateStatefulSetStrategy', rollingUpdate),
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        );
    } else {
      const rolling = rollingUpdate
        ? '(*apps.RollingUpdateStatefulSetStrategy)(0xc000000000)'
        : '(*apps.RollingUpdateStatefulSetStrategy)(nil)';
      const shown = new GoText(`apps.StatefulSetUpdateStrategy{Type:${JSON.stringify(type)}, RollingUpdate:${rolling}}`);
      out.push(invalid(at, shown, "must be 'RollingUpdate' or 'OnDelete'"));
    }
    const retention = spec.persistentVolumeClaimRetentionPolicy;
    for (const field of retention ? ['whenDeleted', 'whenScaled'] : [])
      out.push(...oneOf(retention[field], `spec.persistentVolumeClaimRetentionPolicy.${field}`, ['Delete', 'Retain']));
    out.push(...counts(spec, 'spec', ['replicas', 'minReadySeconds']), ...validateWorkloadSelector(spec, 'statefulset'));
    return [...out, ...statefulTemplate(spec)];
  },
  validateUpdate({ spec }, old, { subresource }) {
    if (subresource !== '') return [];
    const rest = (s: Loose) => Object.fromEntries(Object.entries(s).filter(([key]) => !mutableStatefulSet.includes(key)));
    return equalJson(rest(spec), rest(old.spec))
      ? []
      : [
          forbiddenField(
            'spec',
            "updates to statefulset spec for fields other than 'replicas', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
          ),
        ];
  },
};

/** The pods of a stateful set are looked at only when they are made: its claims give them volumes that the template has not. */
function statefulTemplate({ selector, template }: Loose): FieldErrors {
  if (selector && !isReadable(selector)) return [invalid('spec.selector', goSelector(selector), '')];
  return [
    ...mismatch(selector, template, 'spec.template'),
    ...labelErrors(template.metadata?.labels, 'spec.template.labels'),
    ...annotationErrors(template.metadata?.annotations, 'spec.template.annotations'),
    ...lasting(template, 'spec.template', 'StatefulSet'),
  ];
}

const revision: Strategy = {
  updateSteps: ['change of metadata', 'metadata', 'object', 'change'],
  validate: (object) => [
    ...(object.data === undefined || object.data === null ? [required('data', 'data is mandatory')] : []),
    ...nonNegative(object.revision, 'revision'),
  ],
  validateUpdate: (next, old) =>
    equalJson(next.data, old.data) ? [] : [invalid('data', goStruct('runtime.RawExtension', next.data), 'field is immutable')],
};

export const workloads: { [resource: string]: Strategy } = {
  'deployments.apps': deployment,
  'replicasets.apps': replicaSet,
  'daemonsets.apps': daemonSet,
  'statefulsets.apps': statefulSet,
  'replicationcontrollers.': replicationController,
  'controllerrevisions.apps': revision,
};
