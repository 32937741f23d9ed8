import { all, each } from './check.js';
import { type FieldErrors, forbiddenField, invalid, notSupported, required } from './field.js';
import { nameProblems } from './names.js';
import { goQuantity, nanosOf } from './pod/resources.js';
import type { Loose, Strategy } from './types.js';

function pathName(value: string | undefined, at: string, missing = ''): FieldErrors {
  return value ? all(at, value, nameProblems('path', value)) : [required(at, missing)];
}

const reference = (ref: Loose, at: string): FieldErrors => [...pathName(ref?.kind, `${at}.kind`), ...pathName(ref?.name, `${at}.name`)];

function metricTarget(target: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const { type, value, averageValue, averageUtilization } = target ?? {};
  if (!type) out.push(required(`${at}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    out.push(invalid(`${at}.type`, type ?? '', 'must be either Utilization, Value, or AverageValue'));
  for (const [field, amount] of [
    ['value', value],
    ['averageValue', averageValue],
  ] as const)
    if (amount !== undefined && nanosOf(amount) <= 0n) out.push(invalid(`${at}.${field}`, goQuantity(amount), 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    out.push(invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return out;
}

const identifier = (metric: Loose, at: string) => pathName(metric?.name, `${at}.name`, 'must specify a metric name');

function ownAmount({ target }: Loose, at: string): FieldErrors {
  const [share, value] = [target?.averageUtilization !== undefined, target?.averageValue !== undefined];
  if (!share && !value) return [required(`${at}.target.averageUtilization`, 'must set either a target raw value or a target utilization')];
  return share && value
    ? [forbiddenField(`${at}.target.averageValue`, 'may not set both a target raw value and a target utilization')]
    : [];
}

function foreignAmount({ target }: Loose, at: string): FieldErrors {
  return target?.value === undefined && target?.averageValue === undefined
    ? [required(`${at}.target.averageValue`, 'must set either a target value for metric or a per-pod target')]
    : [];
}

/** What is wrong with one source of a metric, by the member that holds it. */
const sources: { [member: string]: (source: Loose, at: string) => FieldErrors } = {
  object: (source, at) => [
    ...reference(source.describedObject, `${at}.describedObject`),
    ...identifier(source.metric, `${at}.metric`),
    ...metricTarget(source.target, `${at}.target`),
    ...foreignAmount(source, at),
  ],
  external: (source, at) => {
    const both = source.target?.value !== undefined && source.target?.averageValue !== undefined;
    return [
      ...identifier(source.metric, `${at}.metric`),
      ...metricTarget(source.target, `${at}.target`),
      ...foreignAmount(source, at),
      ...(both ? [forbiddenField(`${at}.target.value`, 'may not set both a target value for metric and a per-pod target')] : []),
    ];
  },
  pods: (source, at) => [
    ...identifier(source.metric, `${at}.metric`),
    ...metricTarget(source.target, `${at}.target`),
    ...(nanosOf(source.target?.averageValue) > 0n
      ? []
      : [required(`${at}.target.averageValue`, 'must specify a positive target averageValue')]),
  ],
  resource: (source, at) => [
    ...(source.name ? [] : [required(`${at}.name`, 'must specify a resource name')]),
    ...metricTarget(source.target, `${at}.target`),
    ...ownAmount(source, at),
  ],
  containerResource: (source, at) => [
    ...(source.name ? [] : [required(`${at}.name`, 'must specify a resource name')]),
    ...(source.container ? [] : [required(`${at}.container`, 'must specify a container')]),
    ...metricTarget(source.target, `${at}.target`),
    ...ownAmount(source, at),
  ],
};

const members: { [type: string]: string } = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function validateMetric(metric: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (!metric.type) out.push(required(`${at}.type`, 'must specify a metric source type'));
  const expected = Object.hasOwn(members, metric.type) ? members[metric.type] : undefined;
  if (expected === undefined) out.push(notSupported(`${at}.type`, metric.type ?? '', Object.keys(members)));
  const present = Object.keys(sources).filter((member) => metric[member]);
  const first = present[0];
  if (first !== undefined) out.push(...(sources[first]?.(metric[first], `${at}.${first}`) ?? []));
  if (expected !== undefined && !present.includes(expected))
    out.push(required(`${at}.${expected}`, 'must populate information for the given metric source'));
  if (present.length !== 1)
    for (const member of present.filter((m) => m !== expected).sort())
      out.push(forbiddenField(`${at}.${member}`, 'must populate the given metric source only'));
  return out;
}

function validateRules(rules: Loose, at: string): FieldErrors {
  if (!rules) return [];
  const out: FieldErrors = [];
  const seconds = rules.stabilizationWindowSeconds;
  if (seconds < 0) out.push(invalid(`${at}.stabilizationWindowSeconds`, seconds, 'must be greater than or equal to zero'));
  if (seconds > 3600) out.push(invalid(`${at}.stabilizationWindowSeconds`, seconds, 'must be less than or equal to 3600'));
  if (rules.selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(rules.selectPolicy))
    out.push(notSupported(`${at}.selectPolicy`, rules.selectPolicy, ['Disabled', 'Max', 'Min']));
  if ((rules.policies ?? []).length === 0) out.push(required(`${at}.policies`, 'must specify at least one Policy'));
  out.push(
    ...each(rules.policies, `${at}.policies`, (policy, path) => {
      const problems: FieldErrors = ['Percent', 'Pods'].includes(policy.type)
        ? []
        : [notSupported(`${path}.type`, policy.type ?? '', ['Percent', 'Pods'])];
      if (!(policy.value > 0)) problems.push(invalid(`${path}.value`, policy.value, 'must be greater than zero'));
      if (!(policy.periodSeconds > 0)) problems.push(invalid(`${path}.periodSeconds`, policy.periodSeconds, 'must be greater than zero'));
      if (policy.periodSeconds > 1800)
        problems.push(invalid(`${path}.periodSeconds`, policy.periodSeconds, 'must be less than or equal to 1800'));
      return problems;
    }),
  );
  return out;
}

const up = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const down = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
const copy = (rules: object): Loose => structuredClone(rules);

const share = 80;

/** The older version gets the newer one's default metric when it is stored, so it is nobody's. */
function defaultTarget({ spec, metadata }: Loose, version: string): void {
  if (version === 'v1' && metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] === undefined)
    spec.targetCPUUtilizationPercentage ??= share;
}

const autoscaler: Strategy = {
  status: true,
  defaults(object, type) {
    const { spec } = object;
    spec.minReplicas ??= 1;
    if (type.version === 'v1') return;
    if ((spec.metrics ?? []).length === 0)
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } } }];
    if (!spec.behavior) return;
    spec.behavior.scaleUp = { ...copy(up), ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...copy(down), ...spec.behavior.scaleDown };
  },
  prepareCreate: (object, { type }) => defaultTarget(object, type.version),
  prepareUpdate: (next, _old, { type, subresource }) => (subresource === '' ? defaultTarget(next, type.version) : undefined),
  validate({ spec, status }, { subresource }) {
    if (subresource === 'status') {
      return ['currentReplicas', 'desiredReplicas'].flatMap((field) =>
        status?.[field] < 0 ? [invalid(`status.${field}`, status[field], 'must be greater than or equal to 0')] : [],
      );
    }
    const out: FieldErrors = [];
    if (spec.minReplicas < 1) out.push(invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1'));
    if (spec.maxReplicas < 1) out.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0'));
    if (spec.maxReplicas < spec.minReplicas)
      out.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'));
    out.push(...reference(spec.scaleTargetRef, 'spec.scaleTargetRef'), ...each(spec.metrics, 'spec.metrics', validateMetric));
    // The older version's one target is the first metric of the newer.
    const target = spec.targetCPUUtilizationPercentage;
    if (target < 1) out.push(invalid('spec.metrics[0].resource.target.averageUtilization', target, 'must be greater than 0'));
    for (const direction of ['scaleUp', 'scaleDown']) out.push(...validateRules(spec.behavior?.[direction], `spec.behavior.${direction}`));
    return out;
  },
};

export const autoscaling: { [resource: string]: Strategy } = { 'horizontalpodautoscalers.autoscaling': autoscaler };
