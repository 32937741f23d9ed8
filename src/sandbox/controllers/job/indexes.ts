import type { Pod } from '../shapes.js';
import { judge } from './failure-policy.js';
import { failuresAnnotation, indexOf, type Job, type JobStatus, readIndexes } from './model.js';

/** Whether each index of a Job has failures of its own. */
export const countsPerIndex = (job: Job): boolean => job.spec.backoffLimitPerIndex !== undefined;

const isFailed = (job: Job, pod: Pod): boolean => pod.status?.phase === 'Failed' && judge(job, pod).action !== 'Ignore';

/** How often an index had failed before a pod of it. */
function failuresBefore(pod: Pod): number {
  return Number(pod.metadata.annotations?.[failuresAnnotation] ?? 0) || 0;
}

/** How often an index has failed, as far as the pods that are there tell. */
export function failuresOf(job: Job, index: number, pods: readonly Pod[]): number {
  let most = 0;
  for (const pod of pods) if (indexOf(pod) === index) most = Math.max(most, failuresBefore(pod) + (isFailed(job, pod) ? 1 : 0));
  return most;
}

/** The indexes that are not tried any more: too many failures, or one that a rule says is the last. */
export function failedIndexes(job: Job, status: JobStatus, pods: readonly Pod[]): Set<number> {
  const out = readIndexes(status.failedIndexes);
  const limit = job.spec.backoffLimitPerIndex;
  if (limit === undefined) return out;
  const done = readIndexes(status.completedIndexes);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index === undefined || index >= (job.spec.completions ?? 0) || done.has(index) || !isFailed(job, pod)) continue;
    if (failuresBefore(pod) >= limit || judge(job, pod).action === 'FailIndex') out.add(index);
  }
  return out;
}

/** Why a Job has failed by its indexes. */
export function whyIndexesFailed(job: Job, status: JobStatus, active: readonly Pod[]): { reason: string; message: string } | undefined {
  const failed = readIndexes(status.failedIndexes).size;
  const { maxFailedIndexes, completions = 0 } = job.spec;
  if (!countsPerIndex(job) || failed === 0) return undefined;
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes)
    return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
  return failed + (status.succeeded ?? 0) >= completions && active.length === 0
    ? { reason: 'FailedIndexes', message: 'Job has failed indexes' }
    : undefined;
}

/** Which rule of a Job's success policy is met, as its condition says it. */
export function metSuccessPolicy(job: Job, status: JobStatus): string | undefined {
  const done = readIndexes(status.completedIndexes);
  const at = (job.spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : readIndexes(succeededIndexes);
    const have = wanted ? [...wanted].filter((index) => done.has(index)).length : done.size;
    return have >= (succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY);
  });
  return at < 0 ? undefined : `Matched rules at index ${at}`;
}
