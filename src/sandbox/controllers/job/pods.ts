import type { World } from '../framework.js';
import { createPod, type Made } from '../pod-create.js';
import type { ContainerSpec, Pod } from '../shapes.js';
import { failuresAnnotation, indexAnnotation, indexOf, type Job, trackingFinalizer } from './model.js';

const from = 'job-controller';

/** The indexes, lowest first, that neither have succeeded nor have an active pod. */
export function wantedIndexes(job: Job, done: ReadonlySet<number>, active: readonly Pod[]): number[] {
  const taken = new Set(active.map(indexOf));
  const out: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0); i++) if (!done.has(i) && !taken.has(i)) out.push(i);
  return out;
}

export function makePod(world: World, job: Job, index: number | undefined, failures?: number): Made {
  const name = job.metadata.name ?? '';
  const uid = job.metadata.uid ?? '';
  const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  // Where the selector was made by hand, the labels are the person's.
  const labels: { [key: string]: string } = job.spec.manualSelector ? { 'job-name': name } : own;
  if (index === undefined)
    return createPod(world, { owner: job, template: job.spec.template, from, labels, finalizers: [trackingFinalizer] });
  return createPod(world, {
    owner: job,
    template: job.spec.template,
    from,
    prefix: `${name}-${index}-`,
    labels: { ...labels, [indexAnnotation]: String(index) },
    annotations: { [indexAnnotation]: String(index), ...(failures === undefined ? {} : { [failuresAnnotation]: String(failures) }) },
    finalizers: [trackingFinalizer],
    adjust(pod) {
      pod.spec.hostname = `${name}-${index}`;
      for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) tellIndex(container);
    },
  });
}

function tellIndex(container: ContainerSpec): void {
  const env = (container.env ?? []) as { name: string; valueFrom?: object }[];
  if (env.some((e) => e.name === 'JOB_COMPLETION_INDEX')) return;
  container.env = [
    ...env,
    { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } },
  ] as NonNullable<ContainerSpec['env']>;
}
