/**
 * The public entry: a GitOps engine as ordinary functions.
 *
 * ```ts
 * import { openWorkspace } from 'evenkeel';
 *
 * const { gitops, close } = await openWorkspace({ directory: '.' });
 * const { workflowId } = await gitops.workflow({ repo: './infrastructure', targetPath: 'k8s' });
 * const diff = await gitops.generateDiff(workflowId);
 * if (diff.summary.conflictCount === 0) await gitops.syncWorkflow(workflowId);
 * await close();
 * ```
 */
export type { Change, Conflict, Diff, FieldChange, Impact, Plan } from './compare/index.js';
export * from './gitops/index.js';
export { type ErrorCode, EvenkeelError, type KubeObject, type ResourceKey, type Where } from './model/index.js';
export {
  ai,
  createMasker,
  createMetrics,
  createModules,
  data,
  exec,
  type FieldDescription,
  type FunctionDescription,
  fs,
  git,
  gitops,
  invokeSnake,
  kubernetes,
  type LogEntry,
  log,
  type MetricSnapshot,
  type MetricsRegistry,
  type ModuleDescription,
  type ModuleHost,
  type Modules,
  metrics,
  moduleDescriptions,
  net,
  notifications,
  type ParameterDescription,
  type Prompt,
  prometheusText,
  prompt,
  type SecretMasker,
  state,
  type TypeDescription,
  template,
  values,
  withModules,
} from './modules/index.js';
export type {
  Backoff,
  Condition,
  ExecOptions,
  ExecResult,
  Outputs,
  ParamSpec,
  Params,
  ParamValue,
  PipelineDefinition,
  TaskContext,
  TaskDefinition,
  TaskFunction,
  TaskHook,
  TaskLog,
  TaskResult,
  TaskState,
} from './tasks/index.js';
export { type PipelineOptions, type Task, type TaskBuilder, task, type Workflow, workflow } from './tasks/index.js';
export { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace/index.js';
