import { equalJson } from '../../model/index.js';
import { label, nonNegative, oneOf } from './check.js';
import { scheduleProblem } from './cron.js';
import { validateFailurePolicy } from './failure-policy.js';
import { type FieldErrors, goSelector, goStringMap, goStruct, invalid, notSupported, required } from './field.js';
import { validatePodTemplate } from './pod/spec.js';
import { defaultPodTemplate } from './pod-defaults.js';
import { selects, validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** What only jobs of indexes can have. */
function indexProblems(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const { backoffLimitPerIndex, maxFailedIndexes, completions, successPolicy } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    out.push(required(`${at}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.completionMode === 'Indexed') {
    if (maxFailedIndexes !== undefined && completions !== undefined && maxFailedIndexes > completions)
      out.push(invalid(`${at}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
    if (successPolicy && (successPolicy.rules ?? []).length === 0)
      out.push(required(`${at}.successPolicy.rules`, 'at least one rules must be specified when the successPolicy is specified'));
    return out;
  }
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'])
    if (spec[field] !== undefined) out.push(invalid(`${at}.${field}`, spec[field], 'requires indexed completion mode'));
  if (successPolicy)
    out.push(invalid(`${at}.successPolicy`, goStruct('batch.SuccessPolicy', successPolicy), 'requires indexed completion mode'));
  return out;
}

function validateJobSpec(spec: Loose, at: string): FieldErrors {
  const out = counts.flatMap((field) => nonNegative(spec[field], `${at}.${field}`));
  const mode = spec.completionMode;
  if (mode !== undefined && !['NonIndexed', 'Indexed'].includes(mode))
    out.push(notSupported(`${at}.completionMode`, mode, ['NonIndexed', 'Indexed']));
  if (mode === 'Indexed') {
    if (spec.completions === undefined) out.push(required(`${at}.completions`, 'when completion mode is Indexed'));
    if (spec.parallelism > 100000)
      out.push(invalid(`${at}.parallelism`, spec.parallelism, 'must be less than or equal to 100000 when completion mode is Indexed'));
  }
  out.push(...indexProblems(spec, at));
  if (spec.podFailurePolicy) out.push(...validateFailurePolicy(spec, `${at}.podFailurePolicy`));
  out.push(...validatePodTemplate(spec.template, `${at}.template`));
  const restart = spec.template.spec?.restartPolicy;
  const path = `${at}.template.spec.restartPolicy`;
  if (!restart || restart === 'Always') out.push(required(path, 'valid values: "OnFailure", "Never"'));
  else if (!['OnFailure', 'Never'].includes(restart)) out.push(notSupported(path, restart, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy && restart !== 'Never')
    out.push(invalid(path, restart, 'only "Never" is supported when podFailurePolicy is specified'));
  return out;
}

/** The labels by which a job finds its pods, and the selector, are what the server makes them. */
function generatedSelector({ spec, metadata }: Loose): FieldErrors {
  if (spec.manualSelector === true || !spec.selector) return [];
  const out: FieldErrors = [];
  const labels = spec.template.metadata?.labels ?? {};
  const at = 'spec.template.metadata.labels';
  const own = { 'controller-uid': metadata.uid, 'job-name': metadata.name ?? '' };
  for (const [key, value] of Object.entries(own)) {
    if (!Object.hasOwn(labels, key)) out.push(required(`${at}[${key}]`, `must be '${value}'`));
    else if (labels[key] !== value) out.push(invalid(at, goStringMap(labels), `must be '${value}'`));
  }
  if (validateSelector(spec.selector, '').length === 0 && !selects(spec.selector, own))
    out.push(invalid('spec.selector', goSelector(spec.selector), '`selector` not auto-generated'));
  return out;
}

function generateSelector({ spec, metadata }: Loose): void {
  spec.template.metadata ??= {};
  const labels = { ...spec.template.metadata.labels };
  labels['job-name'] ??= metadata.name;
  labels['controller-uid'] ??= metadata.uid;
  spec.template.metadata.labels = labels;
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels } };
  spec.selector.matchLabels['controller-uid'] ??= metadata.uid;
}

const job: Strategy = {
  status: true,
  generation: true,
  updateSteps: ['metadata', 'object', 'change of metadata', 'object', 'change'],
  defaults(object) {
    const { spec, metadata } = object;
    defaultPodTemplate(spec.template);
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
    labelFromTemplate(metadata, spec.template);
  },
  prepareCreate(object) {
    const { spec, metadata } = object;
    metadata.annotations = { ...metadata.annotations, 'batch.kubernetes.io/job-tracking': '' };
    if (spec.manualSelector !== true) generateSelector(object);
    labelFromTemplate(metadata, spec.template);
  },
  validate(object, { subresource }) {
    const { spec, metadata, status } = object;
    if (subresource === 'status') return ['active', 'succeeded', 'failed'].flatMap((f) => nonNegative(status?.[f], `status.${f}`));
    const out = [...generatedSelector(object), ...validateJobSpec(spec, 'spec')];
    if (!spec.selector) out.push(required('spec.selector'));
    else out.push(...validateSelector(spec.selector, 'spec.selector'));
    const labels = spec.template.metadata?.labels;
    if (!spec.selector || (validateSelector(spec.selector, '').length === 0 && !selects(spec.selector, labels)))
      out.push(invalid('spec.template.metadata.labels', goStringMap(labels), '`selector` does not match template `labels`'));
    if (spec.completionMode === 'Indexed' && spec.completions > 0) {
      const host = `${metadata.name}-${spec.completions - 1}`;
      if (label(host, '').length > 0)
        out.push(invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${host}`));
    }
    return out;
  },
  validateUpdate({ spec }, old, { subresource }) {
    if (subresource !== '') return [];
    const out: FieldErrors = [];
    const fixed = (field: string, shown: unknown) => {
      if (!equalJson(spec[field], old.spec[field])) out.push(invalid(`spec.${field}`, shown, 'field is immutable'));
    };
    fixed('completions', spec.completions);
    fixed('selector', goSelector(spec.selector, true));
    if (!equalJson(spec.template, old.spec.template) && !mayChangeTemplate(spec, old))
      out.push(invalid('spec.template', goStruct('core.PodTemplateSpec', spec.template), 'field is immutable'));
    fixed('completionMode', spec.completionMode);
    fixed('backoffLimitPerIndex', spec.backoffLimitPerIndex);
    fixed('successPolicy', spec.successPolicy ? goStruct('batch.SuccessPolicy', spec.successPolicy) : undefined);
    fixed('podFailurePolicy', spec.podFailurePolicy ? goStruct('batch.PodFailurePolicy', spec.podFailurePolicy) : undefined);
    return out;
  },
  fields: { 'status.successful': (o) => String((o['status'] as Loose)?.succeeded ?? 0) },
};

/** Scheduling directives of a suspended job that never started may be changed. */
function mayChangeTemplate(spec: Loose, old: Loose): boolean {
  if (old.spec.suspend !== true || old.status?.startTime) return false;
  const strip = (template: Loose) => {
    const { labels: _, annotations: __, ...metadata } = template.metadata ?? {};
    const { nodeSelector: _n, affinity, tolerations: _t, schedulingGates: _g, ...rest } = template.spec ?? {};
    const { nodeAffinity: _a, ...pods } = affinity ?? {};
    return { metadata, spec: rest, pods };
  };
  return equalJson(strip(spec.template), strip(old.spec.template));
}

function labelFromTemplate(metadata: Loose, template: Loose): void {
  const labels = template.metadata?.labels;
  if (labels && Object.keys(labels).length > 0 && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

const mostName = 52;

const cronJob: Strategy = {
  status: true,
  generation: true,
  defaults({ spec }) {
    defaultPodTemplate(spec.jobTemplate.spec.template);
    spec.concurrencyPolicy ??= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
  validate({ spec, metadata }, { old, subresource }) {
    if (subresource === 'status') return [];
    const out: FieldErrors = [];
    if (!spec.schedule) out.push(required('spec.schedule'));
    else {
      const problem = scheduleProblem(spec.schedule);
      if (problem !== undefined) out.push(invalid('spec.schedule', spec.schedule, problem));
      if (spec.schedule.includes('TZ') && spec.timeZone !== undefined)
        out.push(invalid('spec.schedule', spec.schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
    }
    out.push(...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'), ...validateTimeZone(spec.timeZone));
    out.push(...oneOf(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']));
    const template = spec.jobTemplate.spec;
    const at = 'spec.jobTemplate.spec';
    out.push(...validateJobSpec(template, at));
    if (template.selector) out.push(invalid(`${at}.selector`, goSelector(template.selector), '`selector` will be auto-generated'));
    if (template.manualSelector === true) out.push(notSupported(`${at}.manualSelector`, true, ['nil', 'false']));
    for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) out.push(...nonNegative(spec[field], `spec.${field}`));
    // A longer name leaves no room for what is appended to its jobs' names.
    if (!old && metadata.name?.length > mostName)
      out.push(invalid('metadata.name', metadata.name, `must be no more than ${mostName} characters`));
    return out;
  },
};

function validateTimeZone(zone: string | undefined): FieldErrors {
  const at = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(at, zone, 'timeZone must be nil or non-empty string')];
  const out: FieldErrors = [];
  if (zone.toLowerCase() === 'local')
    out.push(invalid(at, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'));
  if (zone !== 'Local' && !isTimeZone(zone)) out.push(invalid(at, zone, `unknown time zone ${zone}`));
  return out;
}

function isTimeZone(name: string): boolean {
  // Offsets are no names.
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const batch: { [resource: string]: Strategy } = { 'jobs.batch': job, 'cronjobs.batch': cronJob };
