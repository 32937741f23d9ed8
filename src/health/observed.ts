import type { Condition } from './read.js';
import { at, number } from './read.js';

/**
 * Whether the status was written for an older spec than the one that stands: what it says then is about
 * the past. A controller that writes no `observedGeneration` cannot be judged, and counts as up to date.
 */
export function isStale(object: unknown): boolean {
  const wanted = number(object, 'metadata.generation');
  const seen = number(object, 'status.observedGeneration');
  return wanted !== undefined && seen !== undefined && seen < wanted;
}

/** The same for one condition. */
export function isStaleCondition(object: unknown, condition: Condition): boolean {
  const wanted = number(object, 'metadata.generation');
  return wanted !== undefined && condition.observedGeneration !== undefined && condition.observedGeneration < wanted;
}

/** For kinds whose controller always writes observedGeneration: none yet means that it has not looked yet. */
export function isUnobserved(object: unknown): boolean {
  const wanted = number(object, 'metadata.generation') ?? 0;
  return wanted > (number(object, 'status.observedGeneration') ?? 0);
}

export function staleMessage(object: unknown): string {
  return `Waiting for the controller to see generation ${String(at(object, 'metadata.generation'))} of the spec (it has seen ${String(at(object, 'status.observedGeneration'))})`;
}
