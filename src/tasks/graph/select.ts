import { EvenkeelError, nearest } from '../../model/index.js';
import type { TaskGraph } from './graph.js';

/** Which tasks of a pipeline run. At most one member is given; without any, all run. */
export interface Selection {
  /** These and all that they depend on. */
  targets?: readonly string[];
  /** This and all that depends on it. */
  from?: string;
  /** These and nothing else. */
  only?: readonly string[];
}

/**
 * The names of the tasks that a selection means. What such a task depends on and is not selected counts as done,
 * without an output.
 * @throws EvenkeelError TASK_UNKNOWN with the nearest name
 */
export function selectTasks(graph: TaskGraph, { targets = [], from, only = [] }: Selection): Set<string> {
  for (const name of [...targets, ...(from === undefined ? [] : [from]), ...only]) known(graph, name);
  if (only.length > 0) return new Set(only);
  if (from !== undefined) return reach([from], (name) => graph.dependents.get(name) ?? []);
  if (targets.length > 0) return reach(targets, (name) => graph.tasks.get(name)?.dependsOn ?? []);
  return new Set(graph.order);
}

function reach(starts: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const found = new Set(starts);
  for (const name of found) for (const other of next(name)) found.add(other);
  return found;
}

function known(graph: TaskGraph, name: string): void {
  if (graph.tasks.has(name)) return;
  const near = nearest(name, graph.order);
  const some = graph.order.slice(0, 20).join(', ');
  throw new EvenkeelError('TASK_UNKNOWN', `there is no task "${name}"`, {
    hint:
      near === undefined
        ? `There ${graph.order.length === 1 ? 'is' : 'are'} ${some}${graph.order.length > 20 ? ' …' : ''}.`
        : `Did you mean "${near}"?`,
  });
}
