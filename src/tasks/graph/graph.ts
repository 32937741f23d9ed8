import { EvenkeelError, nearest } from '../../model/index.js';
import type { TaskDefinition } from '../types.js';

/** Tasks and who waits for whom. */
export interface TaskGraph {
  tasks: ReadonlyMap<string, TaskDefinition>;
  /** Every task after all that it depends on; otherwise as declared. */
  order: readonly string[];
  /** Who depends on a task directly. */
  dependents: ReadonlyMap<string, readonly string[]>;
  /** The earliest step at which a task can run: 0 where it depends on nothing. */
  level: ReadonlyMap<string, number>;
}

/** All that is wrong with how tasks fit together: unknown dependencies, cycles. Empty where nothing is. */
export function graphProblems(tasks: readonly TaskDefinition[]): EvenkeelError[] {
  const problems: EvenkeelError[] = [];
  const names = new Set<string>();
  for (const { name, source } of tasks) {
    if (names.has(name)) problems.push(new EvenkeelError('TASK_DUPLICATE', `two tasks are called "${name}"`, { where: { ...source } }));
    names.add(name);
  }
  for (const task of tasks) {
    for (const dependency of task.dependsOn) {
      if (names.has(dependency)) continue;
      const near = nearest(
        dependency,
        [...names].filter((name) => name !== task.name),
      );
      problems.push(
        new EvenkeelError('TASK_UNKNOWN', `task "${task.name}" depends on "${dependency}", which the pipeline does not have`, {
          where: { ...task.source, field: 'dependsOn' },
          hint:
            near === undefined
              ? 'Add it to the tasks of the pipeline.'
              : `Did you mean "${near}"? Otherwise add it to the tasks of the pipeline.`,
        }),
      );
    }
  }
  const { stuck } = sort(tasks);
  if (stuck.length > 0) {
    const cycle = cycleOf(stuck);
    problems.push(
      new EvenkeelError('TASK_CYCLE', `tasks depend on each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`, {
        where: { ...stuck.find((task) => task.name === cycle[0])?.source, field: 'dependsOn' },
        hint: 'Each of them waits for the next. Take one of these dependencies out.',
        details: { cycle },
      }),
    );
  }
  return problems;
}

/** @throws EvenkeelError TASK_UNKNOWN, TASK_CYCLE, TASK_DUPLICATE, with further problems in `details.errors` */
export function buildGraph(tasks: readonly TaskDefinition[]): TaskGraph {
  const problems = graphProblems(tasks);
  const first = problems[0];
  if (first !== undefined) {
    if (problems.length > 1) first.details['errors'] = problems.map((problem) => problem.toJSON());
    throw first;
  }
  const dependents = new Map<string, string[]>(tasks.map((task) => [task.name, []]));
  const byName = new Map(tasks.map((task) => [task.name, task]));
  for (const task of tasks) for (const dependency of task.dependsOn) dependents.get(dependency)?.push(task.name);
  const { order } = sort(tasks);
  const level = new Map<string, number>();
  for (const name of order) {
    let least = 0;
    for (const dependency of byName.get(name)?.dependsOn ?? []) least = Math.max(least, (level.get(dependency) ?? 0) + 1);
    level.set(name, least);
  }
  return { tasks: byName, order, dependents, level };
}

/** Takes what waits for nothing, in the order of declaration, again and again. What remains waits in a circle. */
function sort(tasks: readonly TaskDefinition[]): { order: string[]; stuck: TaskDefinition[] } {
  const names = new Set(tasks.map((task) => task.name));
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const task of tasks) {
    const known = new Set(task.dependsOn.filter((name) => names.has(name)));
    waiting.set(task.name, known.size);
    for (const name of known) {
      const list = dependents.get(name);
      if (list === undefined) dependents.set(name, [task.name]);
      else list.push(task.name);
    }
  }
  const order: string[] = tasks.filter((task) => waiting.get(task.name) === 0).map((task) => task.name);
  for (let i = 0; i < order.length; i++) {
    for (const name of dependents.get(order[i] as string) ?? []) {
      const left = (waiting.get(name) ?? 0) - 1;
      waiting.set(name, left);
      if (left === 0) order.push(name);
    }
  }
  return { order, stuck: tasks.filter((task) => (waiting.get(task.name) ?? 0) > 0) };
}

/** One circle among tasks each of which waits for another of them. */
function cycleOf(stuck: readonly TaskDefinition[]): string[] {
  const byName = new Map(stuck.map((task) => [task.name, task]));
  const path: string[] = [];
  const at = new Map<string, number>();
  let name = (stuck[0] as TaskDefinition).name;
  while (!at.has(name)) {
    at.set(name, path.length);
    path.push(name);
    name = byName.get(name)?.dependsOn.find((dependency) => byName.has(dependency)) as string;
  }
  return path.slice(at.get(name));
}
