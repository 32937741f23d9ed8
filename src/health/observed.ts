import type { Condition } from './read.js';
import { conditionsAt, number } from './read.js';

/**
 * Whether the status was written for an older spec than the one that stands: what it says then is about
 * the past. A controller that writes no `observedGeneration` cannot be judged, and counts as up to date.
 */
export function isStale(object: unknown): boolean {
  const wanted = number(object, 'metadata.generation');
  const seen = number(object, 'status.observedGeneration');
  return wanted !== undefined && seen !== undefined && seen < wanted;
}

/** The same for one condition. Where the status as a whole is up to date, its conditions are believed. */
export function isStaleCondition(object: unknown, condition: Condition): boolean {
  const wanted = number(object, 'metadata.generation');
  if (wanted === undefined || condition.observedGeneration === undefined) return false;
  return condition.observedGeneration < wanted && number(object, 'status.observedGeneration') !== wanted;
}

/** Whether the condition that sums up (Ready) is about an older spec, for controllers that note the generation only there. */
export function isStaleReady(object: unknown): boolean {
  return conditionsAt(object).some((c) => c.type === 'Ready' && isStaleCondition(object, c));
}

/** For kinds whose controller always writes observedGeneration: none yet means that it has not looked yet. */
export function isUnobserved(object: unknown): boolean {
  const wanted = number(object, 'metadata.generation') ?? 0;
  return wanted > (number(object, 'status.observedGeneration') ?? 0);
}

export function staleMessage(object: unknown): string {
  const seen = number(object, 'status.observedGeneration');
  const wanted = String(number(object, 'metadata.generation'));
  return `Waiting for the controller to see generation ${wanted} of the spec${seen === undefined ? '' : ` (it has seen ${seen})`}`;
}
