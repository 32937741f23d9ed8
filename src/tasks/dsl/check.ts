import { EvenkeelError, nearest, parseDuration, printable } from '../../model/index.js';
import { checkParams } from '../params/declare.js';
import type { Backoff, PipelineDefinition, SourcePlace, TaskDefinition, Trigger } from '../types.js';

const MAX_NAME = 200;
const MAX_TASKS = 20_000;
const MAX_RETRIES = 1_000;
const backoffs: readonly Backoff[] = ['exponential', 'linear', 'fixed'];
const triggers: readonly Trigger[] = ['success', 'failure', 'always'];

/** A mistake in a declaration, with its place. */
export function invalid(what: string, message: string, more: { place?: SourcePlace; field?: string; hint?: string } = {}): EvenkeelError {
  return new EvenkeelError('TASK_INVALID', `${what}: ${message}`, {
    where: { ...more.place, ...(more.field === undefined ? {} : { field: more.field }) },
    hint: more.hint,
  });
}

/** @throws EvenkeelError TASK_INVALID where it cannot be the name of a task or a pipeline */
export function checkName(kind: 'task' | 'pipeline', name: unknown, place?: SourcePlace): string {
  const refuse = (why: string) =>
    invalid(kind, why, {
      place,
      field: 'name',
      hint: `For example: ${kind === 'task' ? "task('deploy')" : "workflow.define('release', …)"}`,
    });
  if (typeof name !== 'string') throw refuse(`its name is ${describe(name)}, not a string`);
  if (name.trim() === '') throw refuse('its name is empty');
  if (name.length > MAX_NAME) throw refuse(`its name is longer than ${MAX_NAME} characters`);
  if (printable(name) !== name || /[\n\t]/.test(name)) throw refuse('its name holds control characters');
  if (name === '__proto__') throw refuse('its name is reserved');
  return name;
}

const taskFields = [
  'name',
  'description',
  'command',
  'dependsOn',
  'timeoutMs',
  'retries',
  'conditions',
  'when',
  'onSuccess',
  'onFailure',
  'params',
  'artifacts',
  'source',
] as const satisfies (keyof TaskDefinition)[];

/**
 * Holds a task against the rules, in whichever language it was declared.
 * @throws EvenkeelError TASK_INVALID
 */
export function checkTask(task: unknown): TaskDefinition {
  if (!isRecord(task)) throw invalid('task', `${describe(task)} is not a task`, { hint: "Declare it: task('name').command(…).build()" });
  const place = task['source'] as SourcePlace | undefined;
  const what = `task "${checkName('task', task['name'], place)}"`;
  const need = (holds: boolean, field: string, expected: string, hint?: string) => {
    if (!holds) throw invalid(what, `${field} is ${describe(task[field])}, not ${expected}`, { place, field, hint });
  };
  const optional = (field: string, type: 'string' | 'function', expected: string) =>
    need(task[field] === undefined || typeof task[field] === type, field, expected);
  unknownFields(what, task, taskFields, place);
  optional('description', 'string', 'a text');
  need(
    task['command'] === undefined || typeof task['command'] === 'function' || isText(task['command']),
    'command',
    'a function or a command for the shell',
  );
  need(isListOf(task['dependsOn'], isText), 'dependsOn', 'a list of names of tasks');
  if ((task['dependsOn'] as string[]).includes(task['name'] as string))
    throw invalid(what, 'it depends on itself', { place, field: 'dependsOn' });
  need(
    task['timeoutMs'] === undefined || isWhole(task['timeoutMs'], 1, Number.MAX_SAFE_INTEGER),
    'timeoutMs',
    'a number of milliseconds above 0',
  );
  const retries = task['retries'];
  if (retries !== undefined) {
    need(isRecord(retries), 'retries', 'a number of attempts and a backoff');
    const { limit, backoff, delayMs } = retries as { limit?: unknown; backoff?: unknown; delayMs?: unknown };
    if (!isWhole(limit, 0, MAX_RETRIES))
      throw invalid(what, `retries is ${describe(limit)}, not a whole number from 0 to ${MAX_RETRIES}`, { place, field: 'retries.limit' });
    if (!oneOf(backoffs, backoff)) throw unknownWord(what, 'retries.backoff', backoff, backoffs, place);
    if (delayMs !== undefined && !isWhole(delayMs, 0, Number.MAX_SAFE_INTEGER))
      throw invalid(what, `its delay is ${describe(delayMs)}`, { place, field: 'retries.delayMs' });
  }
  need(
    task['conditions'] === undefined || isListOf(task['conditions'], (one) => typeof one === 'function' || isText(one)),
    'conditions',
    'functions or commands for the shell',
  );
  if (task['when'] !== undefined && !oneOf(triggers, task['when'])) throw unknownWord(what, 'when', task['when'], triggers, place);
  if (task['when'] === 'failure' && (task['dependsOn'] as string[]).length === 0)
    throw invalid(what, 'it runs where something before it fails, and nothing is before it', {
      place,
      field: 'when',
      hint: 'Name with dependsOn what it watches.',
    });
  optional('onSuccess', 'function', 'a function');
  optional('onFailure', 'function', 'a function');
  checkParams(what, task['params'], place);
  need(task['artifacts'] === undefined || isListOf(task['artifacts'], isText), 'artifacts', 'a list of paths');
  return task as unknown as TaskDefinition;
}

const pipelineFields = [
  'name',
  'description',
  'version',
  'metadata',
  'tasks',
  'params',
  'maxParallel',
  'onTaskStart',
  'onTaskComplete',
  'onComplete',
  'source',
] as const satisfies (keyof PipelineDefinition)[];

/**
 * Holds a pipeline and its tasks against the rules. Whether the tasks fit together is `buildGraph`'s question.
 * @throws EvenkeelError TASK_INVALID, TASK_DUPLICATE
 */
export function checkPipeline(pipeline: unknown): PipelineDefinition {
  if (!isRecord(pipeline)) throw invalid('pipeline', `${describe(pipeline)} is not a pipeline`);
  const place = pipeline['source'] as SourcePlace | undefined;
  const what = `pipeline "${checkName('pipeline', pipeline['name'], place)}"`;
  const need = (holds: boolean, field: string, expected: string, hint?: string) => {
    if (!holds) throw invalid(what, `${field} is ${describe(pipeline[field])}, not ${expected}`, { place, field, hint });
  };
  unknownFields(what, pipeline, pipelineFields, place);
  for (const field of ['description', 'version'])
    need(pipeline[field] === undefined || typeof pipeline[field] === 'string', field, 'a text');
  need(pipeline['metadata'] === undefined || isRecord(pipeline['metadata']), 'metadata', 'an object');
  for (const field of ['onTaskStart', 'onTaskComplete', 'onComplete'])
    need(pipeline[field] === undefined || typeof pipeline[field] === 'function', field, 'a function');
  need(pipeline['maxParallel'] === undefined || isWhole(pipeline['maxParallel'], 1, 10_000), 'maxParallel', 'a whole number from 1');
  checkParams(what, pipeline['params'], place);
  need(Array.isArray(pipeline['tasks']), 'tasks', 'a list of tasks', 'tasks: [build, deploy]');
  const tasks = pipeline['tasks'] as unknown[];
  if (tasks.length > MAX_TASKS) throw invalid(what, `it has ${tasks.length} tasks; ${MAX_TASKS} are the limit`, { place, field: 'tasks' });
  const seen = new Set<string>();
  tasks.forEach((task, index) => {
    if (task === undefined || task === null)
      throw invalid(what, `task ${index + 1} of its list is ${describe(task)}`, {
        place,
        field: `tasks[${index}]`,
        hint: 'Is the variable misspelt, or declared further down?',
      });
    if (isRecord(task) && typeof task['build'] === 'function')
      throw invalid(what, `task ${index + 1} of its list is not built`, {
        place,
        field: `tasks[${index}]`,
        hint: 'End its declaration with .build()',
      });
    const { name } = checkTask(task);
    if (seen.has(name))
      throw new EvenkeelError('TASK_DUPLICATE', `${what} has two tasks called "${name}"`, {
        where: { ...(task as TaskDefinition).source, field: 'tasks' },
      });
    seen.add(name);
  });
  return pipeline as unknown as PipelineDefinition;
}

/** A duration of a declaration in milliseconds. @throws EvenkeelError TASK_INVALID */
export function durationOf(what: string, field: string, value: unknown, place?: SourcePlace): number {
  if (typeof value !== 'string')
    throw invalid(what, `${field} is ${describe(value)}, not a duration`, {
      place,
      field,
      hint: 'Write a number and a unit in quotes: "30s", "5m", "1h30m".',
    });
  try {
    return parseDuration(value, field);
  } catch (error) {
    throw invalid(what, `${field}: ${(error as Error).message}`, { place, field, hint: (error as EvenkeelError).hint });
  }
}

function unknownFields(what: string, value: Record<string, unknown>, known: readonly string[], place?: SourcePlace): void {
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue;
    const near = nearest(field, known);
    throw invalid(what, `nobody knows the option "${printable(field).slice(0, 80)}"`, {
      place,
      field,
      hint: near === undefined ? `Known are ${known.filter((one) => one !== 'source').join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
}

function unknownWord(what: string, field: string, value: unknown, known: readonly string[], place?: SourcePlace): EvenkeelError {
  const near = typeof value === 'string' ? nearest(value, known) : undefined;
  return invalid(what, `${field} is ${describe(value)}; it can be ${known.join(', ')}`, {
    place,
    field,
    hint: near === undefined ? undefined : `Did you mean "${near}"?`,
  });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(holds);
const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const oneOf = (known: readonly string[], value: unknown): boolean => typeof value === 'string' && known.includes(value);

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message names it. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `"${printable(value).slice(0, 60)}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
