import { type Health, type KubeObject, printable } from '../model/index.js';
import { isStale } from './observed.js';
import { at, conditionsAt, number, text } from './read.js';

const maxLength = 300;

/**
 * One line for people: what an object is waiting for, and why, from the object itself. '' where nothing is waited
 * for. Text from the cluster is made safe to print and cut to a bearable length.
 */
export function explainWait(object: KubeObject, health: Health | null): string {
  if (health === null || health.status === 'Healthy') return '';
  const parts: string[] = [];
  const add = (part: string) => {
    const line = oneLine(part);
    // What says the same as a part that is there already, or less, adds nothing.
    if (line !== '' && !parts.some((p) => p.toLowerCase().includes(line.toLowerCase()))) parts.push(line);
  };
  const deleting = text(object, 'metadata.deletionTimestamp') !== '';
  if (deleting) {
    const finalizers = at(object, 'metadata.finalizers');
    add(
      Array.isArray(finalizers) && finalizers.length > 0
        ? `waiting for deletion, finalizers ${finalizers.map(String).join(', ')}`
        : 'waiting for deletion',
    );
  } else {
    add(replicaCounts(object));
    add(health.message);
    for (const line of complaints(object)) add(line);
  }
  if (parts.length === 0) add(text(object, 'status.phase') || `${text(object, 'kind')} is ${health.status}`);
  const line = parts.join('; ');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

/** `2 of 3 pods ready`, for whatever counts its pods. */
function replicaCounts(object: unknown): string {
  const daemon = number(object, 'status.desiredNumberScheduled');
  if (daemon !== undefined) return shortOf(number(object, 'status.numberReady') ?? 0, daemon, 'pods ready');
  const parallel = number(object, 'spec.completions');
  if (parallel !== undefined) return shortOf(number(object, 'status.succeeded') ?? 0, parallel, 'pods completed');
  const wanted = number(object, 'spec.replicas');
  if (wanted === undefined || isStale(object)) return '';
  const updated = number(object, 'status.updatedReplicas');
  if (updated !== undefined && updated < wanted) return shortOf(updated, wanted, 'pods updated');
  return shortOf(number(object, 'status.readyReplicas') ?? number(object, 'status.availableReplicas') ?? 0, wanted, 'pods ready');
}

function shortOf(have: number, wanted: number, what: string): string {
  return have < wanted ? `${have} of ${wanted} ${what}` : '';
}

const badWhenTrue = /^(ReplicaFailure|Failed|Stalled|Degraded|.*(Failure|Error|Pressure))$/;
const goodWhenTrue =
  /^(Ready|Available|Progressing|Healthy|Synced|Accepted|Programmed|PodScheduled|ContainersReady|Initialized|Established)$/;

/** The conditions that say that something is not as it should be. */
function complaints(object: unknown): string[] {
  return conditionsAt(object)
    .filter((c) => (c.status === 'True' ? badWhenTrue : goodWhenTrue).test(c.type))
    .map((c) => c.message || c.reason)
    .slice(0, 2);
}

function oneLine(value: string): string {
  return printable(value)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;:]+$/, '');
}
