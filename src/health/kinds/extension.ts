import type { Health } from '../../model/index.js';
import { at, conditionsAt, findCondition, list } from '../read.js';
import { degraded, healthy, progressing } from './answers.js';

export function apiServiceHealth(object: unknown): Health {
  const available = findCondition(conditionsAt(object), 'Available');
  if (!available) return progressing('Waiting to be processed');
  const message = [available.reason, available.message].filter((part) => part !== '').join(': ');
  return available.status === 'True' ? healthy(message) : progressing(message);
}

export function crdHealth(object: unknown): Health {
  const conditions = conditionsAt(object);
  if (list(object, 'status.conditions').length === 0) return progressing('Waiting for the API server to look at the definition');
  let established = false;
  for (const { type, status, reason, message } of conditions) {
    if (type === 'Terminating' && status === 'True') return progressing(`CRD is terminating: ${message}`);
    if (type === 'NamesAccepted' && status === 'False') return degraded(`Names are not accepted: ${message}`);
    if (type === 'NonStructuralSchema' && status === 'True') return degraded(`The schema is not structural: ${message}`);
    if (type === 'Established' && status === 'True') established = true;
    else if (type === 'Established' && reason === 'Installing') return progressing('CRD is being installed');
  }
  return established ? healthy() : degraded('CRD is not established');
}

/** A budget that allows no disruption because pods are missing is doing its work; one that could not be computed is not. */
export function podDisruptionBudgetHealth(object: unknown): Health {
  const conditions = conditionsAt(object);
  const bad = conditions.find((c) => c.status === 'False' && c.reason !== 'InsufficientPods');
  if (bad) return degraded(bad.message || bad.reason);
  const last = conditions.at(-1);
  if (last) return healthy(last.reason);
  // Kept for clusters whose controller writes no conditions (before Kubernetes 1.21).
  return at(object, 'status.expectedPods') === undefined ? progressing('Waiting for the controller to count pods') : healthy();
}
