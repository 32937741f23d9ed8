import type { ContainerStatus, Pod } from '../shapes.js';
import type { Job } from './model.js';

export interface FailureRule {
  action: string;
  onExitCodes?: { containerName?: string; operator: string; values: number[] };
  onPodConditions?: { type: string; status?: string }[];
}

/** What a Job's podFailurePolicy says of a pod that failed: the first rule that fits. */
export type Verdict = { action: 'FailJob'; message: string } | { action: 'Ignore' | 'Count' | 'FailIndex' };

export function judge(job: Job, pod: Pod): Verdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = fits(rule, pod);
    if (why === undefined) continue;
    if (rule.action === 'Ignore') return { action: 'Ignore' };
    if (rule.action === 'FailJob') return { action: 'FailJob', message: `${why} matching FailJob rule at index ${index}` };
    return { action: rule.action === 'FailIndex' && job.spec.backoffLimitPerIndex !== undefined ? 'FailIndex' : 'Count' };
  }
  return { action: 'Count' };
}

/** Why a rule fits, as the Job's condition words it; undefined where it does not. */
function fits(rule: FailureRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (rule.onExitCodes) {
    const found = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find((c) => fitsCode(rule, c));
    return found && `Container ${found.name} for pod ${name} failed with exit code ${found.state?.terminated?.exitCode}`;
  }
  for (const { type, status = 'True' } of rule.onPodConditions ?? [])
    if (pod.status?.conditions?.some((c) => c.type === type && c.status === status)) return `Pod ${name} has condition ${type}`;
  return undefined;
}

function fitsCode({ onExitCodes }: FailureRule, { name, state }: ContainerStatus): boolean {
  const code = state?.terminated?.exitCode;
  if (!onExitCodes || code === undefined || code === 0) return false;
  if (onExitCodes.containerName && onExitCodes.containerName !== name) return false;
  return onExitCodes.values.includes(code) === (onExitCodes.operator === 'In');
}
