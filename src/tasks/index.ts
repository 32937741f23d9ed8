import { createDsl } from './dsl/build.js';

export { createDsl, type Dsl } from './dsl/build.js';
export { checkPipeline, checkTask } from './dsl/check.js';
export type { AnyTask, NewTask, PipelineOptions, Task, TaskBuilder, Workflow } from './dsl/typed.js';
export { buildGraph, graphProblems, type TaskGraph } from './graph/graph.js';
export { type Selection, selectTasks } from './graph/select.js';
export { graphAsDot, graphAsMermaid, graphAsText } from './graph/show.js';
export { type Recorder, recordRun } from './history/recorder.js';
export { isRunning, type Resumed, resumeRun } from './history/resume.js';
export { specOf } from './params/declare.js';
export { parseParam, resolveParams } from './params/resolve.js';
export type { LogEvent, RunEvent, RunOutcome, RunReport } from './run/events.js';
export { createMasker, type Masker, secretsOf } from './run/mask.js';
export { type RunOptions, runPipeline } from './run/run.js';
export { currentScope } from './run/scope.js';
export { type Language, loadScript, pipelinesOf, typescript } from './script/load.js';
export type * from './types.js';

/**
 * Declares tasks and pipelines. In a script that `evenkeel run` loads, these belong to the script; elsewhere they
 * make definitions and nothing more.
 */
export const { task, workflow } = createDsl();
