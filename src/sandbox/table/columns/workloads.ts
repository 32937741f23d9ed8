import { formatSelector } from '../../rest/scale.js';
import type { Loose } from '../../strategy/types.js';
import { humanDuration } from '../duration.js';
import { age, bool, type Column, containerColumns, doc, firstOf, int, name, orNone, since, text, wide } from './column.js';

const templates = containerColumns((o) => o.spec.template).map(wide);
const selector = (description: string, of = (o: Loose) => o.spec.selector) =>
  wide(text('Selector', description, (o) => orNone(formatSelector(of(o)))));
const readyOfDesired = text(
  'Ready',
  'Number of the pod with ready state',
  (o) => `${o.status?.readyReplicas ?? 0}/${o.spec.replicas ?? 0}`,
);

export const deployments: Column[] = [
  name,
  readyOfDesired,
  text('Up-to-date', doc('extensions.DeploymentStatus.updatedReplicas'), (o) => o.status?.updatedReplicas ?? 0),
  text('Available', doc('extensions.DeploymentStatus.availableReplicas'), (o) => o.status?.availableReplicas ?? 0),
  age,
  ...templates,
  wide(text('Selector', doc('extensions.DeploymentSpec.selector'), (o) => formatSelector(o.spec.selector))),
];

export const statefulSets: Column[] = [name, readyOfDesired, age, ...templates];

export const replicaSets: Column[] = [
  name,
  int('Desired', doc('extensions.ReplicaSetSpec.replicas'), (o) => o.spec.replicas ?? 0),
  int('Current', doc('extensions.ReplicaSetStatus.replicas'), (o) => o.status?.replicas ?? 0),
  int('Ready', doc('extensions.ReplicaSetStatus.readyReplicas'), (o) => o.status?.readyReplicas ?? 0),
  age,
  ...templates,
  selector(doc('extensions.ReplicaSetSpec.selector')),
];

export const replicationControllers: Column[] = [
  name,
  int('Desired', doc('core.ReplicationControllerSpec.replicas'), (o) => o.spec.replicas ?? 0),
  int('Current', doc('core.ReplicationControllerStatus.replicas'), (o) => o.status?.replicas ?? 0),
  int('Ready', doc('core.ReplicationControllerStatus.readyReplicas'), (o) => o.status?.readyReplicas ?? 0),
  age,
  ...templates,
  selector(doc('core.ReplicationControllerSpec.selector')),
];

export const daemonSets: Column[] = [
  name,
  int('Desired', doc('extensions.DaemonSetStatus.desiredNumberScheduled'), (o) => o.status?.desiredNumberScheduled ?? 0),
  int('Current', doc('extensions.DaemonSetStatus.currentNumberScheduled'), (o) => o.status?.currentNumberScheduled ?? 0),
  int('Ready', doc('extensions.DaemonSetStatus.numberReady'), (o) => o.status?.numberReady ?? 0),
  int('Up-to-date', doc('extensions.DaemonSetStatus.updatedNumberScheduled'), (o) => o.status?.updatedNumberScheduled ?? 0),
  int('Available', doc('extensions.DaemonSetStatus.numberAvailable'), (o) => o.status?.numberAvailable ?? 0),
  text('Node Selector', doc('core.PodSpec.nodeSelector'), (o) => orNone(formatSelector(o.spec.template.spec.nodeSelector))),
  age,
  ...templates,
  selector(doc('extensions.DaemonSetSpec.selector')),
];

function completions({ spec, status }: Loose): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`;
}

function jobDuration({ status }: Loose, now: number): string {
  if (!status?.startTime) return '';
  return humanDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime));
}

export const jobs: Column[] = [
  name,
  text('Completions', doc('batch.JobStatus.succeeded'), completions),
  text('Duration', 'Time required to complete the job.', jobDuration),
  age,
  ...templates,
  selector(doc('batch.JobSpec.selector')),
];

export const cronJobs: Column[] = [
  name,
  text('Schedule', doc('cron.CronJobSpec.schedule'), (o) => o.spec.schedule),
  bool('Suspend', doc('cron.CronJobSpec.suspend'), (o) => (o.spec.suspend === undefined ? '<unset>' : o.spec.suspend ? 'True' : 'False')),
  int('Active', doc('cron.CronJobStatus.active'), (o) => (o.status?.active ?? []).length),
  text('Last Schedule', doc('cron.CronJobStatus.lastScheduleTime'), (o, now) =>
    o.status?.lastScheduleTime ? since(o.status.lastScheduleTime, now) : '<none>',
  ),
  age,
  ...containerColumns((o) => o.spec.jobTemplate.spec.template).map(wide),
  selector(doc('batch.JobSpec.selector'), (o) => o.spec.jobTemplate.spec.selector),
];

const measured: { [type: string]: string } = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

/** One metric: what it is and what it shall be. */
function metric(spec: Loose, status: Loose): string {
  const source = measured[spec.type];
  if (source === undefined) return '<unknown type>';
  const target = spec[source]?.target ?? {};
  const current = status?.[source]?.current ?? {};
  const isResource = source === 'resource' || source === 'containerResource';
  if (target.averageValue !== undefined || source === 'pods') {
    const shown = `${current.averageValue ?? '<unknown>'}/${target.averageValue ?? '<unknown>'}`;
    return isResource || source === 'pods' ? shown : `${shown} (avg)`;
  }
  if (!isResource) return `${current.value ?? '<unknown>'}/${target.value ?? '<unknown>'}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`;
}

function metrics({ spec, status }: Loose): string {
  const wanted: Loose[] = spec.metrics ?? [];
  if (wanted.length === 0) return '<none>';
  return firstOf(
    wanted.map((m, i) => metric(m, status?.currentMetrics?.[i])),
    2,
    ', ',
  );
}

export const autoscalers: Column[] = [
  name,
  text(
    'Reference',
    doc('autoscaling.HorizontalPodAutoscalerSpec.scaleTargetRef'),
    (o) => `${o.spec.scaleTargetRef.kind}/${o.spec.scaleTargetRef.name}`,
  ),
  text('Targets', doc('autoscaling.HorizontalPodAutoscalerSpec.metrics'), metrics),
  text('MinPods', doc('autoscaling.HorizontalPodAutoscalerSpec.minReplicas'), (o) => String(o.spec.minReplicas ?? '<unset>')),
  text('MaxPods', doc('autoscaling.HorizontalPodAutoscalerSpec.maxReplicas'), (o) => o.spec.maxReplicas),
  text('Replicas', doc('autoscaling.HorizontalPodAutoscalerStatus.currentReplicas'), (o) => o.status?.currentReplicas ?? 0),
  age,
];

export const disruptionBudgets: Column[] = [
  name,
  text('Min Available', 'The minimum number of pods that must be available.', (o) => String(o.spec.minAvailable ?? 'N/A')),
  text('Max Unavailable', 'The maximum number of pods that may be unavailable.', (o) => String(o.spec.maxUnavailable ?? 'N/A')),
  int('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', (o) => o.status?.disruptionsAllowed ?? 0),
  age,
];

const controllerOf = (o: Loose) => (o.metadata.ownerReferences ?? []).find((r: Loose) => r.controller);

/** The controller of a revision as `deployment.apps/web`. */
function controllerName(o: Loose): string {
  const owner = controllerOf(o);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}`;
}

export const controllerRevisions: Column[] = [
  name,
  text('Controller', 'Controller of the object', controllerName),
  text('Revision', doc('apps.ControllerRevision.revision'), (o) => o.revision),
  age,
];

/** Of the answers of `scale` subresources. */
export const scales: Column[] = [
  text('Name', doc('meta.ObjectMeta.name'), (o) => o.metadata.name),
  int('Desired', doc('scale.ScaleSpec.replicas'), (o) => o.spec?.replicas ?? 0),
  int('Available', doc('scale.ScaleStatus.replicas'), (o) => o.status?.replicas ?? 0),
  age,
];
