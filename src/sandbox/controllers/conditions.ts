import type { Condition } from './shapes.js';
import { stamp } from './times.js';

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((c) => c.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

export interface ConditionFacts {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
}

/**
 * The conditions with one set. lastTransitionTime moves only when the status does; a condition that already
 * says the same is left as it is.
 */
export function withCondition(conditions: readonly Condition[] | undefined, facts: ConditionFacts, now: number): Condition[] {
  const old = findCondition(conditions, facts.type);
  if (old && old.status === facts.status && old.reason === facts.reason && old.message === facts.message) return [...(conditions ?? [])];
  const next: Condition = {
    ...(old && 'lastProbeTime' in old ? { lastProbeTime: old.lastProbeTime } : {}),
    ...facts,
    lastTransitionTime: old && old.status === facts.status ? (old.lastTransitionTime ?? stamp(now)) : stamp(now),
  };
  for (const key of ['reason', 'message'] as const) if (next[key] === undefined) delete next[key];
  return old ? (conditions ?? []).map((c) => (c === old ? next : c)) : [...(conditions ?? []), next];
}

export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((c) => c.type !== type);
}
