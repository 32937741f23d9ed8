import { toCamel, toSnake } from '../gitops/index.js';
import { EvenkeelError, nearest, type Where } from '../model/index.js';
import {
  type Condition,
  createDsl,
  type PipelineDefinition,
  type SourcePlace,
  type TaskContext,
  type TaskDefinition,
  type TaskFunction,
  type TaskHook,
  type TaskResult,
} from '../tasks/index.js';
import type { LuaFunction } from './core/functions.js';

/** What a script in Lua declares with `task` and `workflow`. */
export interface Declarations {
  /** Answers a call of the front end; undefined where it is none. */
  answer(name: string, args: readonly unknown[]): unknown[] | undefined;
  /** @throws EvenkeelError TASK_INVALID, TASK_DUPLICATE */
  declared(): { pipelines: PipelineDefinition[]; tasks: TaskDefinition[] };
}

interface Draft {
  id: number;
  file?: string;
  line?: number;
  steps: { name: string; args: unknown[]; file?: string; line?: number }[];
}

type Builder = { [step: string]: (...args: unknown[]) => unknown };

const pipelineOptions = [
  'description',
  'version',
  'metadata',
  'tasks',
  'params',
  'max_parallel',
  'on_task_start',
  'on_task_complete',
  'on_complete',
];

/** @param fileOf the file that errors name for a chunk */
export function createDeclarations(fileOf: (chunk: string) => string): Declarations {
  let place: SourcePlace | undefined;
  const dsl = createDsl(() => place);
  const builders: Builder[] = [];
  const built = new Map<number, TaskDefinition>();
  const at = (file: unknown, line: unknown): SourcePlace | undefined =>
    typeof file === 'string' ? { file: fileOf(file), ...(typeof line === 'number' ? { line } : {}) } : undefined;

  /** What the checks of the DSL find, in the names of Lua and at the line that said it. */
  function inLua<T>(where: SourcePlace | undefined, action: () => T): T {
    place = where;
    try {
      return action();
    } catch (thrown) {
      throw thrown instanceof EvenkeelError ? named(thrown, where) : thrown;
    } finally {
      place = undefined;
    }
  }

  function build(draft: Draft): unknown[] {
    const start = at(draft.file, draft.line);
    const builder = builders[draft.id - 1] as Builder;
    // A list without items arrives as an object without members.
    for (const { name, args, file, line } of listOf(draft.steps))
      inLua(at(file, line) ?? start, () => builder[toCamel(name)]?.(...listOf(args).map((arg) => argumentOf(name, arg))));
    const task = inLua(start, () => builder['build']?.()) as TaskDefinition;
    built.set(draft.id, task);
    return [draft.id, task.name];
  }

  function define(where: SourcePlace | undefined, name: unknown, options: unknown): unknown[] {
    const given = isRecord(options)
      ? Object.fromEntries(
          Object.entries(options).map(([key, value]) => {
            if (!pipelineOptions.includes(key)) throw unknownOption(`workflow.define("${String(name)}")`, key, pipelineOptions, where);
            return [toCamel(key), optionOf(key, value)];
          }),
        )
      : options;
    inLua(where, () => (dsl.workflow.define as (name: unknown, options: unknown) => unknown)(name, given));
    return [];
  }

  function optionOf(key: string, value: unknown): unknown {
    if (key === 'tasks' && Array.isArray(value)) return value.map(taskOf);
    if (key === 'tasks' && isRecord(value) && Object.keys(value).length === 0) return [];
    if (!isLuaFunction(value)) return value;
    if (key === 'on_complete')
      return (success: boolean, results: { [task: string]: TaskResult }) =>
        value.call([success, Object.fromEntries(Object.entries(results).map(([task, result]) => [task, resultTable(result)]))]);
    return (...args: unknown[]) => value.call(args);
  }

  function taskOf(value: unknown): unknown {
    if (isRecord(value) && typeof value['id'] === 'number') return built.get(value['id']) ?? value;
    if (typeof value === 'string') return [...built.values()].find((task) => task.name === value) ?? value;
    return value;
  }

  return {
    answer(name, args) {
      switch (name) {
        case 'task.new':
          return [builders.push(inLua(at(args[0], args[1]), () => dsl.task(args[2] as string)) as unknown as Builder)];
        case 'task.build':
          return build(args[0] as Draft);
        case 'task.unknown':
          throw unknownOption('task', String(args[0]), args[1] as string[]);
        case 'workflow.define':
          return define(at(args[0], args[1]), args[2], args[3]);
        case 'workflow.unknown':
          throw unknownOption('workflow', String(args[0]), ['define']);
        default:
          return undefined;
      }
    },
    declared: () => inLua(undefined, () => dsl.declared()),
  };
}

function argumentOf(step: string, value: unknown): unknown {
  if (value === null) return undefined;
  if ((step === 'depends_on' || step === 'artifacts') && isRecord(value) && Object.keys(value).length === 0) return [];
  if (step === 'depends_on' && isRecord(value) && typeof value['name'] === 'string') return value['name'];
  if (step === 'depends_on' && Array.isArray(value)) return value.map((one) => argumentOf(step, one));
  if (!isLuaFunction(value)) return value;
  switch (step) {
    case 'command':
      return taskFunction(value);
    case 'condition':
    case 'run_if':
    case 'when':
      return conditionFunction(value);
    default:
      return hookFunction(value);
  }
}

function holdsBytes(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(holdsBytes);
}

/** Lua's answers as the runner reads them: `true`, `false, reason`, `nil, reason`, a table, or a value that is the output. */
function taskFunction(f: LuaFunction): TaskFunction {
  return async (params, deps, context) => {
    const returned = await f.call([params, deps, contextTable(context)], { signal: context.signal, context, data: true });
    if (returned.some(holdsBytes))
      throw new EvenkeelError('LUA_VALUE', 'what the task returns holds a text that is not UTF-8', {
        hint: 'Encode it: require("data").encode_base64(…).',
      });
    const [first, second, third] = returned;
    if (typeof first === 'boolean' && second !== undefined)
      return {
        success: first,
        ...(typeof second === 'string' ? { message: second } : {}),
        output: typeof second === 'string' ? (first ? (third ?? true) : false) : second,
      };
    if (first === undefined && typeof second === 'string') return { success: false, message: second, output: false };
    return first;
  };
}

function conditionFunction(f: LuaFunction): Condition {
  return async (params, deps, context) => {
    const [holds] = await f.call([params, deps, contextTable(context)], { signal: context.signal, context });
    // As Lua counts: everything but nil and false holds.
    return holds !== undefined && holds !== false;
  };
}

function hookFunction(f: LuaFunction): TaskHook {
  return async (result, context) => (await f.call([resultTable(result), contextTable(context)], { signal: context.signal, context }))[0];
}

function contextTable({ runId, pipelineName, taskName, attempt, workdir, artifactsDirectory }: TaskContext) {
  return {
    run_id: runId,
    pipeline_name: pipelineName,
    task_name: taskName,
    attempt,
    workdir,
    artifacts_directory: artifactsDirectory,
  };
}

/** What is inside the output belongs to the task. */
function resultTable(result: TaskResult): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [toSnake(name), value]));
}

function named(error: EvenkeelError, place: SourcePlace | undefined): EvenkeelError {
  const snake = (text: string) =>
    text.replace(/\b(?:dependsOn|runIf|onSuccess|onFailure|onTaskStart|onTaskComplete|onComplete|maxParallel)\b/g, toSnake);
  const { field } = error.where;
  return new EvenkeelError(error.code, snake(error.message), {
    where: { ...error.where, ...place, ...(field === undefined ? {} : { field: snake(field) }) },
    ...(error.hint === undefined ? {} : { hint: snake(error.hint).replace(/\.build\(\)/g, ':build()') }),
    details: error.details,
    cause: error,
  });
}

function unknownOption(what: string, name: string, known: readonly string[], where: Where = {}): EvenkeelError {
  const near = nearest(name, known);
  return new EvenkeelError('OPTION_UNKNOWN', `${what}: unknown option "${name.slice(0, 100)}"`, {
    where: { ...where, field: name.slice(0, 100) },
    hint: near === undefined ? `Known options: ${[...known].sort().join(', ')}.` : `Did you mean "${near}"?`,
  });
}

const listOf = <T>(value: readonly T[]): readonly T[] => (Array.isArray(value) ? value : []);

const isLuaFunction = (value: unknown): value is LuaFunction => typeof value === 'function';

function isRecord(value: unknown): value is { [name: string]: unknown } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
