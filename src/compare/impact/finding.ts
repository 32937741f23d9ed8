import type { KubeObject } from '../../model/index.js';
import type { RawChange } from '../field-changes.js';
import type { Graph } from '../graph.js';
import type { Surroundings } from '../surroundings.js';
import type { Impact } from '../types.js';

/** One thing that a change does, how far it reaches, and a sentence on it whose subject is the change. */
export interface Finding {
  impact: Impact;
  reason: string;
}

export interface ImpactInput {
  type: 'create' | 'update' | 'delete';
  /** The object after the change; before it for a deletion. */
  object: KubeObject;
  /** The live object; undefined for a creation. */
  live?: KubeObject;
  changes: readonly RawChange[];
  /** Why the object is deleted and made anew, where it is. */
  recreateBecause?: string;
  /** The workflow's objects as they will be. */
  graph: Graph;
  /** Whether the pods of a workload are replaced by this sync anyway. */
  restarts: (workload: KubeObject) => boolean;
  /** What the cluster was asked about beyond the workflow's own objects; undefined where nobody asked. */
  surroundings?: Surroundings;
}

const order: readonly Impact[] = ['low', 'medium', 'high', 'critical'];

export function atLeast(impact: Impact, level: Impact): boolean {
  return order.indexOf(impact) >= order.indexOf(level);
}

export function worst(findings: readonly Finding[]): Impact {
  return findings.reduce<Impact>((most, { impact }) => (atLeast(most, impact) ? most : impact), 'low');
}

/** The names on the way to each changed field, without places in lists: `spec.template.spec.containers.image`. */
export function pathsOf(changes: readonly RawChange[]): string[] {
  return changes.map((change) => change.steps.filter((step) => typeof step === 'string').join('.'));
}

/** `a, b, c and 4 more` */
export function listed(names: readonly string[], limit = 4): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
