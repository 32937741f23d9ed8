import type { ErrorOptions } from '../model/index.js';

/** JSON data that a parameter can have. */
export type ParamValue = string | number | boolean | null | readonly ParamValue[] | { readonly [name: string]: ParamValue };

/** What is known of a parameter before a run. */
export interface ParamSpec {
  type?: 'string' | 'number' | 'boolean' | 'list' | 'object';
  description?: string;
  default?: ParamValue;
  /** A run without it is refused. */
  required?: boolean;
  choices?: readonly (string | number | boolean)[];
  /** Its value is masked wherever a run prints or stores text. */
  secret?: boolean;
}

export type Backoff = 'exponential' | 'linear' | 'fixed';

export interface Retries {
  /** Attempts after the first one. */
  limit: number;
  backoff: Backoff;
  /** Before the first retry. Default 1000. */
  delayMs?: number;
}

/** Where a script declared something; lines and columns from 1. */
export interface SourcePlace {
  file: string;
  line?: number;
  column?: number;
}

/** Which results of what a task depends on let it run. After a failure, only `failure` and `always` tasks do. */
export type Trigger = 'success' | 'failure' | 'always';

/** Lines of a task. `fields` are facts for machines. */
export interface TaskLog {
  debug(message: string, fields?: { [name: string]: unknown }): void;
  info(message: string, fields?: { [name: string]: unknown }): void;
  warn(message: string, fields?: { [name: string]: unknown }): void;
  error(message: string, fields?: { [name: string]: unknown }): void;
}

export type LogLevel = keyof TaskLog;

/** What a running task gets beside its parameters and the outputs of its dependencies. */
export interface TaskContext {
  /** Aborted when the task's time is up or the run is cancelled. */
  signal: AbortSignal;
  log: TaskLog;
  /** Says how far the task has come: shown while it runs, and kept with its log. */
  progress(line: string): void;
  runId: string;
  pipelineName: string;
  taskName: string;
  /** From 1. */
  attempt: number;
  /** Where commands run and relative paths start: the folder of the script. */
  workdir: string;
  /** A folder of this run for what the task leaves behind. */
  artifactsDirectory: string;
  /** The environment of the task, that of its commands. */
  env: Readonly<{ [name: string]: string | undefined }>;
  /** From now on this text is masked in everything that the run prints or stores. */
  mask(secret: string): void;
  /**
   * Runs a shell command in the task's folder and environment; its lines go to the task's log.
   * @throws EvenkeelError TASK_COMMAND_FAILED where it ends with another status than 0, unless `allowFailure`
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /**
   * Asks the person at the terminal for a line.
   * @throws EvenkeelError PROMPT_UNANSWERED where nobody can be asked
   */
  ask(question: string): Promise<string>;
}

export interface ExecOptions {
  env?: { [name: string]: string };
  /** Relative to the task's folder. */
  cwd?: string;
  /** For standard input, which is empty without. */
  input?: string;
  /** Milliseconds. */
  timeoutMs?: number;
  allowFailure?: boolean;
  /** Keep the lines out of the log. */
  quiet?: boolean;
}

export interface ExecResult {
  /** 128 + n after signal n, as shells count. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Whether output was cut at the limit. */
  truncated: boolean;
}

export type Params = { [name: string]: ParamValue };
export type Outputs = { [task: string]: unknown };

/**
 * A task's work. A boolean says whether it succeeded; an object with a boolean `success` says it with `message`
 * and `output`; undefined is success; anything else is success with that value as output; what is thrown is failure.
 */
export type TaskFunction = (params: Params, deps: Outputs, context: TaskContext) => unknown;

/** Whether a task runs: a function of what the task itself would get, or a shell command that ends with status 0. */
export type Condition = TaskFunction | string;

/** Called with the task's output, or with why it failed. */
export type TaskHook = (result: TaskResult, context: TaskContext) => unknown;

export interface TaskDefinition {
  name: string;
  description?: string;
  /** A function, or a command for the shell. Without one a task only gathers what it depends on. */
  command?: TaskFunction | string;
  dependsOn: string[];
  /** Of one attempt. */
  timeoutMs?: number;
  retries?: Retries;
  /** All have to hold; a task that is skipped by one does not hold up what depends on it. */
  conditions?: Condition[];
  /** Default `success`. */
  when?: Trigger;
  onSuccess?: TaskHook;
  onFailure?: TaskHook;
  /** Its own parameters: specifications or plain defaults, as `specOf` tells them apart. */
  params?: { [name: string]: ParamSpec | ParamValue };
  /** Paths or globs relative to the script's folder that are kept with the run. */
  artifacts?: string[];
  source?: SourcePlace;
}

export interface PipelineDefinition {
  name: string;
  description?: string;
  version?: string;
  metadata?: { [name: string]: unknown };
  tasks: TaskDefinition[];
  params?: { [name: string]: ParamSpec | ParamValue };
  /** Tasks at the same time. Default: as many as the graph lets. */
  maxParallel?: number;
  onTaskStart?: (name: string) => unknown;
  onTaskComplete?: (name: string, success: boolean, output: unknown) => unknown;
  onComplete?: (success: boolean, results: { [task: string]: TaskResult }) => unknown;
  source?: SourcePlace;
}

/**
 * `skipped`: a condition did not hold. `blocked`: something before it failed. `kept`: it succeeded in the run that
 * this one goes on from.
 */
export type TaskState = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'blocked' | 'cancelled' | 'kept';

/** code, message, where, hint of an EvenkeelError. */
export interface TaskError extends Pick<ErrorOptions, 'where' | 'hint' | 'details'> {
  code: string;
  message: string;
}

export interface TaskResult {
  name: string;
  state: TaskState;
  /** Only `succeeded`, `skipped` and `kept` are success. */
  success: boolean;
  output?: unknown;
  message?: string;
  error?: TaskError;
  attempts: number;
  /** Milliseconds since the epoch; undefined where it did not start. */
  startedAt?: number;
  finishedAt?: number;
  durationMs: number;
  /** Paths below the run's artifacts folder. */
  artifacts: string[];
}

/** What the program around a script gives it. */
export interface ScriptHost {
  /** The modules of scripts (gitops, log, exec …) by name, for the top level of the script. */
  modules: { readonly [name: string]: unknown };
  /** The same for a task: they log in its name and end with it. Default: those of the top level. */
  modulesFor?(context: TaskContext): { readonly [name: string]: unknown };
  /**
   * Calls a function of the script so that modules that it has imported stand for `modules`, or for those of the
   * task. Default: it is just called.
   */
  enter?<T>(context: TaskContext | undefined, body: () => T): T;
  /** For what the top level of the script says. */
  log: TaskLog;
  env: Readonly<{ [name: string]: string | undefined }>;
  signal: AbortSignal;
  /**
   * `run`: the script is going to run. `inspect`: it is only looked at (list, validate, graph, a dry run), so that
   * its top level must not change anything.
   */
  purpose: 'run' | 'inspect';
  /** Asks the person at the terminal. @throws EvenkeelError PROMPT_UNANSWERED */
  ask(question: string): Promise<string>;
  /** From now on this text is masked. */
  mask(secret: string): void;
}

/** What the top level of a script declared; it has run once. */
export interface LoadedScript {
  pipelines: PipelineDefinition[];
  /** Tasks that no pipeline names, in the order in which they were built. */
  tasks: TaskDefinition[];
  /** Where in the script something was thrown, where its errors do not say so themselves. */
  placeOf?(thrown: unknown): SourcePlace | undefined;
  /** Ends what the functions of the definitions need, such as an interpreter. They cannot be called afterwards. */
  close(): Promise<void>;
}

/** A language of scripts. */
export interface ScriptLoader {
  /** With the dot: `.ts`. */
  extensions: readonly string[];
  /**
   * Runs the top level of a script.
   * @param file absolute
   * @throws EvenkeelError SCRIPT_*, with the file and line of the script
   */
  load(file: string, host: ScriptHost): Promise<LoadedScript>;
}
