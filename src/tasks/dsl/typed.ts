import type {
  Backoff,
  ParamSpec,
  Params,
  ParamValue,
  PipelineDefinition,
  TaskContext,
  TaskDefinition,
  TaskHook,
  TaskResult,
} from '../types.js';

declare const facts: unique symbol;

/** A built task. What its type knows: its name, its output, and the names of what it depends on. */
export interface Task<Name extends string = string, Output = unknown, Needs extends string = string> extends TaskDefinition {
  name: Name;
  /** Of the type alone; there is nothing under it. */
  readonly [facts]?: { output: Output; needs: Needs };
}

// biome-ignore lint/suspicious/noExplicitAny: a task of whatever output
export type AnyTask = Task<string, any, string>;
type Dependency = AnyTask | string;

type Flat<T> = T extends readonly (infer Item)[] ? Item : T;
type NameOf<T> = T extends string ? T : T extends { name: infer N extends string } ? N : never;
type OutputNamed<T, N> = T extends string
  ? T extends N
    ? unknown
    : never
  : T extends Task<infer M, infer O>
    ? M extends N
      ? O
      : never
    : never;
type OutputsOf<T> = { [N in NameOf<T>]: OutputNamed<T, N> };

/** What others see of a function's result. */
export type OutputOf<R> = R extends { success: boolean; output: infer O } ? O : Widened<R>;

type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;
type TypeNamed = {
  string: string;
  number: number;
  boolean: boolean;
  list: readonly ParamValue[];
  object: { readonly [name: string]: ParamValue };
};
type ValueOf<S> = S extends { type: infer T extends keyof TypeNamed }
  ? S extends { required: true } | { default: ParamValue }
    ? TypeNamed[T]
    : TypeNamed[T] | undefined
  : S extends { default: infer D }
    ? Widened<D>
    : S extends { required: boolean } | { secret: boolean } | { description: string } | { choices: readonly unknown[] }
      ? ParamValue
      : Widened<S>;
type ParamsOf<S> = { readonly [K in keyof S]: ValueOf<S[K]> };

/**
 * Says step by step what a task is. Every step returns the same builder under a type that knows more. `M` is
 * undefined where the task may be left out, so that its output may be missing.
 */
export interface TaskBuilder<Name extends string, P, D, O, Needs extends string, M extends undefined> {
  description(text: string): this;
  /** Tasks, or names of tasks, that have to succeed before. Call it before `command`, which then knows their outputs. */
  dependsOn<const A extends readonly (Dependency | readonly Dependency[])[]>(
    ...tasks: A
  ): TaskBuilder<Name, P, D & OutputsOf<Flat<A[number]>>, O, Needs | NameOf<Flat<A[number]>>, M>;
  /** Declares parameters: plain defaults or specifications. Call it before `command`, which then knows their types. */
  params<const S extends { readonly [name: string]: ParamSpec | ParamValue }>(params: S): TaskBuilder<Name, ParamsOf<S>, D, O, Needs, M>;
  /** A command for the shell; its output is what it wrote to standard output. */
  command(shell: string): TaskBuilder<Name, P, D, string, Needs, M>;
  /** The task's work; see `TaskFunction` for what its result means. */
  command<R>(work: (params: P, deps: Readonly<D>, context: TaskContext) => R): TaskBuilder<Name, P, D, OutputOf<Awaited<R>>, Needs, M>;
  /** Of one attempt: `30s`, `5m`. */
  timeout(duration: string): this;
  /**
   * Attempts after the first one that failed.
   * @param backoff default `exponential`
   * @param delay before the first retry; default `1s`
   */
  retries(limit: number, backoff?: Backoff, delay?: string): this;
  /** Runs the task only where this holds: a function, or a command for the shell that ends with status 0. */
  condition(
    holds: string | ((params: P, deps: Readonly<D>, context: TaskContext) => unknown),
  ): TaskBuilder<Name, P, D, O, Needs, undefined>;
  /** The same as `condition`. */
  runIf(holds: string | ((params: P, deps: Readonly<D>, context: TaskContext) => unknown)): TaskBuilder<Name, P, D, O, Needs, undefined>;
  /**
   * `failure`: only where something before it failed; `always`: in either case. Neither makes what comes after it
   * run where something before it failed.
   */
  when(trigger: 'success'): this;
  when(trigger: 'failure' | 'always'): TaskBuilder<Name, P, Partial<D>, O, Needs, undefined>;
  when(holds: (params: P, deps: Readonly<D>, context: TaskContext) => unknown): TaskBuilder<Name, P, D, O, Needs, undefined>;
  onSuccess(hook: (result: TaskResult & { output: O }, context: TaskContext) => unknown): this;
  onFailure(hook: TaskHook): this;
  /** Paths or globs, relative to the script, that are kept with the run. */
  artifacts(...paths: (string | readonly string[])[]): this;
  /** @throws EvenkeelError TASK_INVALID */
  build(): Task<Name, O | M, Needs>;
}

export type NewTask = <const Name extends string>(
  name: Name,
  // biome-ignore lint/complexity/noBannedTypes: no dependencies yet
) => TaskBuilder<Name, Params, {}, undefined, never, never>;

type NeedsOf<T> = T extends Task<string, unknown, infer N> ? N : never;
type Missing<T extends readonly AnyTask[]> =
  string extends NameOf<T[number]> ? never : Exclude<NeedsOf<T[number]>, NameOf<T[number]> | never>;

export interface PipelineOptions<T extends readonly AnyTask[]>
  extends Omit<PipelineDefinition, 'name' | 'tasks' | 'source' | 'onTaskStart' | 'onTaskComplete' | 'onComplete'> {
  tasks: [Missing<T>] extends [never] ? T : readonly `no task of the pipeline is called ${Missing<T>}`[];
  onTaskStart?: (name: NameOf<T[number]>) => unknown;
  onTaskComplete?: (name: NameOf<T[number]>, success: boolean, output: unknown) => unknown;
  onComplete?: (success: boolean, results: { [N in NameOf<T[number]>]?: TaskResult }) => unknown;
}

export interface Workflow {
  /**
   * Declares a pipeline of tasks.
   * @throws EvenkeelError TASK_INVALID, TASK_DUPLICATE
   */
  define<const T extends readonly AnyTask[]>(name: string, options: PipelineOptions<T> & { tasks: T }): PipelineDefinition;
}
