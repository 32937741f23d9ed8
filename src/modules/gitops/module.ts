import type {
  ApprovalOptions,
  AutoSyncEvent,
  DiffOptions,
  Gitops,
  InspectedResource,
  RepositoryOptions,
  RollbackOptions,
  RollbackReport,
  SimpleWorkflowOptions,
  SyncOptions,
  SyncReport,
  SyncResult,
  WorkflowCreated,
  WorkflowOptions,
  WorkflowStatus,
} from '../../gitops/index.js';
import { printable } from '../../model/index.js';
import type { ModuleHost } from '../host.js';

type Plain<T> = Omit<T, 'signal' | 'onEvent'>;
type Diff = Awaited<ReturnType<Gitops['generateDiff']>>;
type Plan = Awaited<ReturnType<Gitops['plan']>>;
type Approval = Awaited<ReturnType<Gitops['approveWorkflow']>>;

/** GitOps as functions: the contract of the `gitops` module, ended by the run that calls it. */
export interface GitopsModule {
  workflow(options: SimpleWorkflowOptions): Promise<WorkflowCreated>;
  registerRepository(options: RepositoryOptions): Promise<string>;
  createWorkflow(options: WorkflowOptions): Promise<string>;
  /** A sync that fails is a report with `success: false`; what cannot begin throws. */
  syncWorkflow(workflowId: string, options?: Plain<SyncOptions>): Promise<SyncReport>;
  generateDiff(workflowId: string, options?: Plain<DiffOptions>): Promise<Diff>;
  previewChanges(workflowId: string, options?: Plain<DiffOptions>): Promise<Diff>;
  /** A diff frozen with what it stands on: `syncWorkflow(id, { plan })` carries out exactly it, or nothing. */
  plan(workflowId: string, options?: Plain<DiffOptions>): Promise<Plan>;
  /** Lets a sync go ahead that waits for a person. */
  approveWorkflow(workflowId: string, options?: Plain<ApprovalOptions>): Promise<Approval>;
  rejectWorkflow(workflowId: string, options?: Plain<ApprovalOptions>): Promise<Approval>;
  /** Requests and decisions, newest first. */
  approvals(workflowId: string): Promise<Approval[]>;
  getWorkflowStatus(workflowId: string): Promise<WorkflowStatus>;
  listWorkflows(): Promise<WorkflowStatus[]>;
  rollbackWorkflow(workflowId: string, reason: string, options?: Plain<RollbackOptions>): Promise<RollbackReport>;
  previewRollback(workflowId: string, options?: Plain<RollbackOptions>): Promise<{ diff: Diff; to: string }>;
  resumeWorkflow(workflowId: string, reason?: string): Promise<boolean>;
  startAutoSync(): Promise<void>;
  stopAutoSync(): Promise<void>;
  history(
    workflowId?: string,
    options?: { limit?: number },
  ): Promise<(SyncResult & { workflowId: string; requestedBy: string; reason?: string })[]>;
  inspect(workflowId: string): Promise<InspectedResource[]>;
}

export function openGitopsModule({ gitops, signal, log, clock }: Pick<ModuleHost, 'gitops' | 'signal' | 'log' | 'clock'>): GitopsModule {
  const say = (level: 'info' | 'error', message: string) => log({ level, message: `auto-sync: ${printable(message)}`, at: clock.now() });
  const tell = (event: AutoSyncEvent) => {
    if (event.type === 'failed') say('error', `${event.workflowId} failed: ${event.error.message}`);
    else if (event.type === 'synced') say(event.report.success ? 'info' : 'error', `${event.workflowId}: ${event.report.message}`);
  };
  return {
    workflow: (options) => gitops.workflow(options),
    registerRepository: (options) => gitops.registerRepository(options),
    createWorkflow: (options) => gitops.createWorkflow(options),
    syncWorkflow: (id, options) => gitops.syncWorkflow(id, { ...options, signal }),
    generateDiff: (id, options) => gitops.generateDiff(id, { ...options, signal }),
    previewChanges: (id, options) => gitops.previewChanges(id, { ...options, signal }),
    plan: (id, options) => gitops.plan(id, { ...options, signal }),
    approveWorkflow: (id, options) => gitops.approveWorkflow(id, { ...options, signal }),
    rejectWorkflow: (id, options) => gitops.rejectWorkflow(id, { ...options, signal }),
    approvals: (id) => gitops.approvals(id),
    getWorkflowStatus: (id) => gitops.getWorkflowStatus(id),
    listWorkflows: () => gitops.listWorkflows(),
    rollbackWorkflow: (id, reason, options) => gitops.rollbackWorkflow(id, reason, { ...options, signal }),
    previewRollback: (id, options) => gitops.previewRollback(id, { ...options, signal }),
    resumeWorkflow: (id, reason) => gitops.resumeWorkflow(id, reason),
    startAutoSync: () => gitops.startAutoSync(tell),
    stopAutoSync: () => gitops.stopAutoSync(),
    history: (id, options) => gitops.history(id, options?.limit),
    inspect: (id) => gitops.inspect(id, signal),
  };
}
