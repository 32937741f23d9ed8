import { equalJson } from '../../model/index.js';
import { type FieldErrors, forbiddenField, invalid, notSupported, required } from './field.js';
import { labelErrors } from './names.js';
import { defaultPodTemplate } from './pod-defaults.js';
import { validatePodSpec } from './pod-validation.js';
import { immutableSelector, selects, validateTemplateLabels, validateWorkloadSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';

export function nonNegative(value: unknown, at: string): FieldErrors {
  return typeof value === 'number' && value < 0 ? [invalid(at, value, 'must be greater than or equal to 0')] : [];
}

/** A count or a percentage that must not be negative. */
export function countOrPercent(value: unknown, at: string): FieldErrors {
  if (typeof value === 'string' && !/^[0-9]+%$/.test(value))
    return [
      invalid(
        at,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  return nonNegative(value, at);
}

const isZero = (value: unknown) => value === 0 || value === '0%';
const overHundred = (value: unknown) => typeof value === 'string' && Number.parseInt(value, 10) > 100;

export function validateTemplate(template: Loose, at: string, restart: 'Always' | 'any' = 'Always'): FieldErrors {
  const out: FieldErrors = [
    ...labelErrors(template.metadata?.labels, `${at}.metadata.labels`),
    ...validatePodSpec(template.spec ?? {}, `${at}.spec`),
  ];
  if (restart === 'Always' && template.spec?.restartPolicy !== 'Always' && ['OnFailure', 'Never'].includes(template.spec?.restartPolicy))
    out.push(notSupported(`${at}.spec.restartPolicy`, template.spec.restartPolicy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined && restart === 'Always')
    out.push(forbiddenField(`${at}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'));
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
  validate({ spec }) {
    const out: FieldErrors = [
      ...nonNegative(spec.replicas, 'spec.replicas'),
      ...validateWorkloadSelector(spec, 'deployment'),
      ...validateTemplateLabels(spec),
    ];
    out.push(...validateTemplate(spec.template, 'spec.template'), ...validateDeploymentStrategy(spec.strategy));
    out.push(
      ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    );
    out.push(...nonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'));
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
      out.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'));
    return out;
  },
  validateUpdate: ({ spec }, old) => immutableSelector(spec, old.spec, equalJson),
};

function validateDeploymentStrategy(strategy: Loose): FieldErrors {
  if (strategy.type === 'Recreate')
    return strategy.rollingUpdate
      ? [forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  if (strategy.type !== 'RollingUpdate') return [notSupported('spec.strategy', strategy, ['Recreate', 'RollingUpdate'])];
  const at = 'spec.strategy.rollingUpdate';
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const out = [...countOrPercent(maxUnavailable, `${at}.maxUnavailable`), ...countOrPercent(maxSurge, `${at}.maxSurge`)];
  if (isZero(maxUnavailable) && isZero(maxSurge))
    out.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  if (overHundred(maxUnavailable)) out.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'));
  return out;
}

const replicaSet: Strategy = {
  status: true,
  generation: true,
  defaults({ spec }) {
    spec.template ??= {};
    defaultPodTemplate(spec.template);
    spec.replicas ??= 1;
  },
  validate({ spec }) {
    const out = [
      ...nonNegative(spec.replicas, 'spec.replicas'),
      ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...validateWorkloadSelector(spec, 'deployment'),
    ];
    return [...out, ...validateTemplateLabels(spec), ...validateTemplate(spec.template, 'spec.template')];
  },
  validateUpdate: ({ spec }, old) => immutableSelector(spec, old.spec, equalJson),
  fields: { 'status.replicas': (o) => String((o['status'] as Loose)?.replicas ?? 0) },
};

const replicationController: Strategy = {
  status: true,
  generation: true,
  defaults(object) {
    const { spec, metadata } = object;
    if (spec.template) defaultPodTemplate(spec.template);
    const labels = spec.template?.metadata?.labels;
    if (labels && Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
    spec.replicas ??= 1;
  },
  validate({ spec }) {
    const out = nonNegative(spec.replicas, 'spec.replicas');
    if (Object.keys(spec.selector ?? {}).length === 0) out.push(required('spec.selector'));
    if (!spec.template) return [...out, required('spec.template')];
    if (!selects({ matchLabels: spec.selector }, spec.template.metadata?.labels))
      out.push(
        invalid('spec.template.metadata.labels', spec.template.metadata?.labels ?? {}, '`selector` does not match template `labels`'),
      );
    return [...out, ...validateTemplate(spec.template, 'spec.template')];
  },
};

const templateGeneration = 'deprecated.daemonset.template.generation';

const daemonSet: Strategy = {
  status: true,
  generation: true,
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
  validate({ spec }) {
    const out = validateWorkloadSelector(spec, 'daemonset');
    const labels = spec.template?.metadata?.labels;
    if (spec.selector && !selects(spec.selector, labels))
      out.push(invalid('spec.template.metadata.labels', labels ?? {}, '`selector` does not match template `labels`'));
    out.push(
      ...validateTemplate(spec.template, 'spec.template'),
      ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    );
    if (!['RollingUpdate', 'OnDelete'].includes(spec.updateStrategy.type))
      out.push(notSupported('spec.updateStrategy', spec.updateStrategy, ['RollingUpdate', 'OnDelete']));
    const rolling = spec.updateStrategy.rollingUpdate;
    if (rolling && isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge))
      out.push(required('spec.updateStrategy.rollingUpdate.maxUnavailable', 'cannot be 0 when maxSurge is 0'));
    return out;
  },
  validateUpdate: ({ spec }, old) => immutableSelector(spec, old.spec, equalJson),
};

const mutableStatefulSet = new Set([
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
]);

const statefulSet: Strategy = {
  status: true,
  generation: true,
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
  validate({ spec }) {
    const out: FieldErrors = [];
    if (!['OrderedReady', 'Parallel'].includes(spec.podManagementPolicy))
      out.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
    if (!['RollingUpdate', 'OnDelete'].includes(spec.updateStrategy.type))
      out.push(invalid('spec.updateStrategy', spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'"));
    out.push(
      ...nonNegative(spec.replicas, 'spec.replicas'),
      ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
      ...validateWorkloadSelector(spec, 'statefulset'),
    );
    return [...out, ...validateTemplateLabels(spec), ...validateTemplate(spec.template, 'spec.template')];
  },
  validateUpdate({ spec }, old) {
    const others = (s: Loose) =>
      Object.fromEntries(Object.entries(s).filter(([key]) => !mutableStatefulSet.has(key) || key === 'revisionHistoryLimit'));
    return equalJson(others(spec), others(old.spec))
      ? []
      : [
          forbiddenField(
            'spec',
            "updates to statefulset spec for fields other than 'replicas', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
          ),
        ];
  },
};

export const workloads: { [resource: string]: Strategy } = {
  'deployments.apps': deployment,
  'replicasets.apps': replicaSet,
  'daemonsets.apps': daemonSet,
  'statefulsets.apps': statefulSet,
  'replicationcontrollers.': replicationController,
  'controllerrevisions.apps': {
    validateUpdate: (next, old) => (equalJson(next.data, old.data) ? [] : [invalid('data', next.data, 'field is immutable')]),
  },
  'podtemplates.': {
    generation: true,
    defaults: ({ template }) => defaultPodTemplate(template),
    validate: ({ template }) => validateTemplate(template, 'template', 'any'),
  },
};
