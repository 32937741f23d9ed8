import type { KubeObject } from '../../../model/index.js';
import { isTrue } from '../conditions.js';
import type { Condition, LabelSelectorSpec, Pod, PodTemplate } from '../shapes.js';
import type { FailureRule } from './failure-policy.js';

export interface Job extends KubeObject {
  spec: {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    backoffLimitPerIndex?: number;
    maxFailedIndexes?: number;
    successPolicy?: { rules?: { succeededIndexes?: string; succeededCount?: number }[] };
    activeDeadlineSeconds?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    completionMode?: string;
    manualSelector?: boolean;
    managedBy?: string;
    selector?: LabelSelectorSpec;
    podFailurePolicy?: { rules: FailureRule[] };
    template: PodTemplate;
  };
  status?: JobStatus;
}

export interface JobStatus {
  active?: number;
  ready?: number;
  terminating?: number;
  succeeded?: number;
  failed?: number;
  startTime?: string;
  completionTime?: string;
  completedIndexes?: string;
  failedIndexes?: string;
  conditions?: Condition[];
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] };
}

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
/** On a pod of an index: how often the index has failed before. */
export const failuresAnnotation = 'batch.kubernetes.io/job-index-failure-count';
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';
export const isOver = (job: Job): boolean => isTrue(job.status?.conditions, 'Complete') || isTrue(job.status?.conditions, 'Failed');

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** `0,2-4` as numbers. */
export function readIndexes(text: string | undefined): Set<number> {
  const out = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match) for (let i = Number(match[1]); i <= Number(match[2] ?? match[1]); i++) out.add(i);
  }
  return out;
}

/** Numbers as `0,2-4`, as completedIndexes is written. */
export function writeIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1] === (sorted[end] as number) + 1) end++;
    // Two neighbours are a pair, three make a range.
    if (end - i >= 2) parts.push(`${sorted[i]}-${sorted[end]}`);
    else for (let j = i; j <= end; j++) parts.push(String(sorted[j]));
    i = end + 1;
  }
  return parts.join(',');
}
