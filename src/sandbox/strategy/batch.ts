import { equalJson } from '../../model/index.js';
import { scheduleProblem } from './cron.js';
import { type FieldErrors, forbiddenField, GoText, invalid, notSupported, required } from './field.js';
import { defaultPodTemplate } from './pod-defaults.js';
import { isEmptySelector, validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';
import { nonNegative, validateTemplate } from './workloads.js';

function validateJobSpec(spec: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'])
    out.push(...nonNegative(spec[field], `${at}.${field}`));
  if (spec.completionMode !== undefined && !['NonIndexed', 'Indexed'].includes(spec.completionMode))
    out.push(notSupported(`${at}.completionMode`, spec.completionMode, ['Indexed', 'NonIndexed']));
  if (spec.completionMode === 'Indexed' && spec.completions === undefined)
    out.push(required(`${at}.completions`, 'when completion mode is Indexed'));
  out.push(...validateTemplate(spec.template, `${at}.template`, 'any').filter((e) => e.field !== `${at}.template.spec.restartPolicy`));
  const restart = spec.template.spec?.restartPolicy;
  if (restart === 'Always') out.push(required(`${at}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  else if (!['OnFailure', 'Never'].includes(restart))
    out.push(notSupported(`${at}.template.spec.restartPolicy`, restart ?? '', ['OnFailure', 'Never']));
  return out;
}

const job: Strategy = {
  status: true,
  generation: true,
  defaults(object) {
    const { spec, metadata } = object;
    defaultPodTemplate(spec.template);
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= 6;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    labelFromTemplate(metadata, spec.template);
  },
  prepareCreate(object) {
    const { spec, metadata } = object;
    metadata.annotations = { ...metadata.annotations, 'batch.kubernetes.io/job-tracking': '' };
    if (spec.manualSelector !== true) {
      const own = { 'controller-uid': metadata.uid };
      spec.template.metadata.labels = { ...spec.template.metadata.labels, ...own, 'job-name': metadata.name };
      spec.selector ??= {};
      spec.selector.matchLabels = { ...spec.selector.matchLabels, ...own };
    }
    labelFromTemplate(metadata, spec.template);
  },
  validate({ spec, metadata }) {
    const out: FieldErrors = validateJobSpec(spec, 'spec');
    if (!spec.selector) out.push(required('spec.selector'));
    else {
      out.push(...validateSelector(spec.selector, 'spec.selector'));
      if (!isEmptySelector(spec.selector) && metadata.name && metadata.name.length > 63)
        out.push(invalid('metadata.name', metadata.name, 'must be no more than 63 characters'));
    }
    return out;
  },
  validateUpdate({ spec }, old) {
    const out: FieldErrors = [];
    const fixed = (field: string) => {
      if (!equalJson(spec[field], old.spec[field])) out.push(invalid(`spec.${field}`, spec[field] ?? null, 'field is immutable'));
    };
    if (spec.completionMode !== 'Indexed' || spec.completions !== spec.parallelism) fixed('completions');
    fixed('selector');
    if (!equalJson(spec.template, old.spec.template) && !mayChangeTemplate(spec, old))
      out.push(invalid('spec.template', new GoText(`core.PodTemplateSpec{Spec:${JSON.stringify(spec.template)}}`), 'field is immutable'));
    fixed('completionMode');
    fixed('podFailurePolicy');
    return out;
  },
  fields: { 'status.successful': (o) => String((o['status'] as Loose)?.succeeded ?? 0) },
};

/** Scheduling directives of a suspended job that never started may be changed. */
function mayChangeTemplate(spec: Loose, old: Loose): boolean {
  if (old.spec.suspend !== true || old.status?.startTime) return false;
  const strip = (template: Loose) => {
    const { labels: _, annotations: __, ...metadata } = template.metadata ?? {};
    const { nodeSelector: _n, affinity: _a, tolerations: _t, schedulingGates: _g, ...rest } = template.spec ?? {};
    return { metadata, spec: rest };
  };
  return equalJson(strip(spec.template), strip(old.spec.template));
}

function labelFromTemplate(metadata: Loose, template: Loose): void {
  const labels = template.metadata?.labels;
  if (labels && Object.keys(labels).length > 0 && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

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
  validate({ spec, metadata }) {
    const out: FieldErrors = [];
    if (!spec.schedule) out.push(required('spec.schedule'));
    else {
      const problem = scheduleProblem(spec.schedule);
      if (problem !== undefined) out.push(invalid('spec.schedule', spec.schedule, problem));
    }
    out.push(...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'));
    if (!['Allow', 'Forbid', 'Replace'].includes(spec.concurrencyPolicy))
      out.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone))
      out.push(invalid('spec.timeZone', spec.timeZone, `unknown time zone ${spec.timeZone}`));
    if (spec.jobTemplate.spec.manualSelector !== undefined) {
      if (spec.jobTemplate.spec.manualSelector) out.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
    }
    if (spec.jobTemplate.spec.selector) out.push(forbiddenField('spec.jobTemplate.spec.selector', '`selector` will be auto-generated'));
    out.push(...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'));
    for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) out.push(...nonNegative(spec[field], `spec.${field}`));
    if (metadata.name && metadata.name.length > 52) out.push(invalid('metadata.name', metadata.name, 'must be no more than 52 characters'));
    return out;
  },
};

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const batch: { [resource: string]: Strategy } = { 'jobs.batch': job, 'cronjobs.batch': cronJob };
