import { type FieldErrors, forbiddenField } from '../field.js';
import { defaultPod, defaultPodTemplate } from '../pod-defaults.js';
import type { Loose, Strategy } from '../types.js';
import { nanosOf } from './resources.js';
import { validatePodSpec, validatePodTemplate } from './spec.js';
import { validateImages, validatePodUpdate } from './update.js';

/** Guaranteed, Burstable or BestEffort, by what containers ask for of cpu and memory. */
function qosClass(pod: Loose): string {
  const requests: { [name: string]: bigint } = {};
  const limits: { [name: string]: bigint } = {};
  let guaranteed = true;
  for (const container of [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]) {
    const own = new Set<string>();
    for (const name of ['cpu', 'memory']) {
      const [request, limit] = [nanosOf(container.resources?.requests?.[name]), nanosOf(container.resources?.limits?.[name])];
      if (request > 0n) requests[name] = (requests[name] ?? 0n) + request;
      if (limit > 0n) {
        own.add(name);
        limits[name] = (limits[name] ?? 0n) + limit;
      }
    }
    if (own.size < 2) guaranteed = false;
  }
  const asked = Object.keys(requests);
  if (asked.length === 0 && Object.keys(limits).length === 0) return 'BestEffort';
  const same = asked.length === Object.keys(limits).length && asked.every((name) => requests[name] === limits[name]);
  return guaranteed && same ? 'Guaranteed' : 'Burstable';
}

const gated = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

function validatePod(object: Loose): FieldErrors {
  const out = validatePodSpec(object.spec, 'spec', object.metadata.name);
  for (const list of ['containers', 'initContainers']) out.push(...validateImages(object.spec[list], `spec.${list}`));
  return out;
}

const pod: Strategy = {
  status: true,
  updateSteps: ['change of metadata', 'metadata', 'object', 'change'],
  defaults: defaultPod,
  prepareCreate(object) {
    object.status = { phase: 'Pending', qosClass: qosClass(object) };
    if ((object.spec.schedulingGates ?? []).length > 0) object.status.conditions = [{ ...gated }];
  },
  validate(object, { old, subresource }) {
    if (subresource !== '') return [];
    const out = validatePod(object);
    if (!old && (object.spec.ephemeralContainers ?? []).length > 0)
      out.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
    return out;
  },
  validateUpdate: (next, old, { subresource }) => (subresource === '' ? validatePodUpdate(next, old) : []),
  grace(object, asked) {
    const { status, spec, metadata } = object;
    let seconds = asked ?? spec.terminationGracePeriodSeconds ?? 30;
    // A pod that is on no node, or has ended, has nothing to wind down.
    if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') seconds = 0;
    if (metadata.deletionTimestamp && metadata.deletionGracePeriodSeconds !== undefined)
      seconds = Math.min(seconds, metadata.deletionGracePeriodSeconds);
    return seconds < 0 ? 1 : seconds;
  },
  fields: {
    'spec.nodeName': (o) => (o['spec'] as Loose)?.nodeName ?? '',
    'spec.restartPolicy': (o) => (o['spec'] as Loose)?.restartPolicy ?? '',
    'spec.schedulerName': (o) => (o['spec'] as Loose)?.schedulerName ?? '',
    'spec.serviceAccountName': (o) => (o['spec'] as Loose)?.serviceAccountName ?? '',
    'spec.hostNetwork': (o) => String((o['spec'] as Loose)?.hostNetwork ?? false),
    'status.phase': (o) => (o['status'] as Loose)?.phase ?? '',
    'status.podIP': (o) => (o['status'] as Loose)?.podIP ?? '',
    'status.nominatedNodeName': (o) => (o['status'] as Loose)?.nominatedNodeName ?? '',
  },
};

export const pods: { [resource: string]: Strategy } = {
  'pods.': pod,
  'podtemplates.': {
    generation: true,
    updateSteps: ['change of metadata', 'object'],
    defaults: ({ template }) => defaultPodTemplate(template),
    validate: ({ template }) => validatePodTemplate(template, 'template'),
  },
};
