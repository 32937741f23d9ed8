import type { Diff, Impact, Plan } from '../compare/index.js';
import type { Approval } from '../gates/index.js';
import type { Hold } from '../history/index.js';
import type { Cluster } from '../kube/index.js';
import type { Clock, EvenkeelError, Health, KubeObject, ResourceKey } from '../model/index.js';
import type { AuditEntry, Store } from '../store/index.js';
import type { CommandOutput, SyncEvent } from '../sync/index.js';
import type { ClusterSelector } from './settings.js';

/** What the public functions stand on. Whoever composes a program passes it in. */
export interface GitopsDependencies {
  store: Store;
  /** Opens a cluster; called once per selector, closed by `close()`. */
  openCluster: (selector: ClusterSelector) => Promise<Cluster>;
  /** Folder for mirrors of repositories. */
  cacheDirectory: string;
  /** Whose git configuration counts: the person's on a command line, nobody's in a controller. */
  environment: 'person' | 'controller';
  /** Relative repository paths are taken from here. */
  workingDirectory: string;
  /** Who asks, for the history: `anna@laptop`. */
  requestedBy: string;
  clock?: Clock;
  /** Environment of the commands that workflows run before and after a sync. Default: a PATH and nothing else. */
  commandEnvironment?: { [name: string]: string };
  /** Where they run. Default: the working directory. */
  commandDirectory?: string;
  /** Rules of the user that come before the built-in ones. */
  assess?: (object: KubeObject) => Health | null;
}

export interface CredentialsOptions {
  type: 'token' | 'ssh' | 'userpass';
  token?: string;
  username?: string;
  password?: string;
  /** The private key itself, for type ssh. */
  sshKey?: string;
  knownHosts?: string;
}

export interface RepositoryOptions {
  id?: string;
  /** `https://…`, `ssh://…`, `git@host:path`, `file://…`, a local path, or `owner/name` for GitHub. */
  url: string;
  /** Default `main`. */
  branch?: string;
  tag?: string;
  commit?: string;
  credentials?: CredentialsOptions;
  /** Default `30s`. */
  pollInterval?: string;
}

export interface SyncPolicyOptions {
  /** Delete what left Git. Default false. */
  autoPrune?: boolean;
  retry?: { limit?: number; backoff?: 'exponential' | 'linear' | 'fixed'; maxDuration?: string };
  healthCheck?: { enabled?: boolean; timeout?: string; failureMode?: 'ignore' | 'fail' | 'rollback' };
  preSyncHooks?: string[];
  postSyncHooks?: string[];
  /** Of one of these commands. Default `10m`. */
  hookTimeout?: string;
}

interface ObjectScope {
  group?: string;
  kind?: string;
  /** Names may hold `*` for any characters. */
  name?: string;
  namespace?: string;
}

/** What is done about a field that somebody else owns. */
export interface ConflictRuleOptions extends ObjectScope {
  /** `spec.replicas`; may hold `*`. */
  path?: string;
  /** Field manager; may hold `*`. */
  manager?: string;
  action: 'take' | 'yield' | 'ignore' | 'block';
}

/** Differences that neither a diff shows nor a sync writes. */
export interface IgnoreDifferenceOptions extends ObjectScope {
  /** RFC 6901: `/spec/replicas` */
  jsonPointers?: string[];
  managers?: string[];
}

interface CommonOptions {
  targetPath?: string;
  autoSync?: boolean;
  syncInterval?: string;
  diffPreview?: boolean;
  rollbackOnFailure?: boolean;
  /** Wait for a person before every sync that changes something. */
  approvalRequired?: boolean;
  /** Wait for a person before a sync with a change of this impact or a higher one. */
  approvalImpact?: Impact;
  /** How long a request, and an approval that was given, hold. Default `24h`. */
  approvalTimeout?: string;
  /** The first that fits counts, before the default rules. */
  conflictRules?: ConflictRuleOptions[];
  ignoreDifferences?: IgnoreDifferenceOptions[];
  syncPolicy?: SyncPolicyOptions;
  /** `sandbox` (default), `context:NAME`, `kubeconfig` or `in-cluster`. */
  cluster?: string;
  kubeconfig?: string;
  /** For objects that name none. Default `default`. */
  namespace?: string;
  createNamespace?: boolean;
  include?: string[];
  exclude?: string[];
  /** Where files of a kustomization may lie: in and below its own folder (`root`, the default), or anywhere in the repository. */
  loadRestrictor?: 'root' | 'none';
  /** Bases of a kustomization in other repositories. Default `allow`. */
  remoteBases?: 'allow' | 'refuse';
}

export interface WorkflowOptions extends CommonOptions {
  id?: string;
  name?: string;
  /** Id of a registered repository. */
  repository: string;
}

export interface SimpleWorkflowOptions extends CommonOptions {
  repo: string;
  branch?: string;
}

/** For declarations that are the whole truth, such as a configuration file. */
export interface DeclareOptions {
  replace?: boolean;
}

export interface WorkflowCreated {
  workflowId: string;
  repositoryId: string;
  status: 'created';
  autoSync: boolean;
  diffPreview: boolean;
  rollbackOnFailure: boolean;
}

export interface SyncMetrics {
  /** `45.2s` */
  duration: string;
  resourcesProcessed: number;
  resourcesApplied: number;
  resourcesSkipped: number;
  resourcesPruned: number;
  conflictsResolved: number;
}

export interface SyncResult {
  /** Id of the run. */
  id: string;
  status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** RFC 3339 */
  startTime: string;
  commitHash: string;
  message: string;
  metrics: SyncMetrics;
  /** Of a failed run. */
  error?: { [key: string]: unknown };
}

export interface WorkflowStatus {
  id: string;
  name: string;
  status: 'active' | 'syncing' | 'synced' | 'failed' | 'degraded';
  autoSync: boolean;
  /** Id of the repository. */
  repository: string;
  repositoryUrl: string;
  /** What is followed: a branch, `refs/tags/…`, a commit, or `HEAD`. */
  branch: string;
  targetPath: string;
  cluster: string;
  namespace: string;
  /** Undefined before the first sync. */
  lastSyncResult?: SyncResult;
  /** While a sync runs: who runs it. */
  syncingBy?: string;
  /** After a rollback: what does not come back by itself, and why. */
  hold?: Hold;
  /** While a sync runs: what it waits for, and why. */
  waitingFor?: string;
  /** The newest request for approval that is open, or approval that no sync has used yet. */
  approval?: Approval;
}

export interface SyncOptions {
  /** Carry out exactly this plan, or nothing. Its own choices count, not those below. */
  plan?: Plan;
  /** Delete what left Git, whatever the policy says. */
  prune?: boolean;
  /** Set fields that people changed by hand back to what Git says. Default: as auto-sync is set. */
  takeBack?: boolean;
  /** Take over objects that exist and belong to no workflow. */
  adopt?: boolean;
  /** Delete even where that is most of the inventory, or Git is empty. */
  allowMassPrune?: boolean;
  /** Make namespaces that are missing, whatever the workflow says. */
  createNamespace?: boolean;
  /** Time limit of the health check in place of the policy's: `10m`. */
  healthTimeout?: string;
  /** Do not wait for health. */
  noWait?: boolean;
  /** Why, for the history. */
  reason?: string;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent | PrepareEvent) => void;
}

/** Steps before a sync's own. */
export type PrepareEvent =
  | { type: 'fetched'; revision: string; subject: string; author: string }
  | {
      type: 'rendered';
      objects: number;
      tool: string;
      warnings: string[] /** Nothing had changed, so an earlier result was taken. */;
      cached: boolean;
    }
  | { type: 'compared'; diff: Diff }
  | { type: 'retrying'; attempt: number; inMs: number; reason: string };

export interface RollbackReport extends SyncResult {
  success: boolean;
  /** Why it failed. */
  reason?: string;
  resources: ResourceReport[];
  /** The revision whose state is back; '' for the state before the first sync. */
  restored: string;
  /** Ids of the runs that were undone. */
  undone: string[];
}

/** A run as the history tells it. */
export interface PastRun extends SyncResult {
  workflowId: string;
  requestedBy: string;
  reason?: string;
  /** It failed or was stopped after it had changed something. */
  partial: boolean;
  /** A rollback has undone it since. */
  rolledBack: boolean;
}

/** Where a rollback goes back to; the last good state before the present one where nothing is said. */
export interface RollbackOptions {
  /** A revision that was synced successfully; a prefix of the hash is enough. */
  revision?: string;
  /** A moment: RFC 3339. */
  time?: string;
  /** A run after which it was good. */
  run?: string;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent | PrepareEvent) => void;
}

export interface SyncReport extends SyncResult {
  success: boolean;
  /** Of a sync that failed and was put back. */
  rollback?: RollbackReport;
  /** Why it failed. */
  reason?: string;
  resources: ResourceReport[];
}

export interface ResourceReport {
  key: ResourceKey;
  action: 'created' | 'updated' | 'unchanged' | 'pruned' | 'failed' | 'skipped';
  health?: string;
  message: string;
}

export interface DiffOptions {
  prune?: boolean;
  takeBack?: boolean;
  adopt?: boolean;
  /** Another branch, tag (`refs/tags/…`) or commit than the repository follows. */
  ref?: string;
  signal?: AbortSignal;
}

export interface ApprovalOptions {
  /** Why, for the audit trail. */
  reason?: string;
  /** Decide on exactly this plan. Default: on what was requested last, or on the plan as it is now. */
  plan?: Plan;
  signal?: AbortSignal;
}

export interface InspectedResource {
  key: ResourceKey;
  health: Health | null;
  /** Whether the live object is as it was applied; `left-over`: it left Git, and no sync has deleted it. */
  sync: 'synced' | 'drifted' | 'missing' | 'left-over';
  /** Why it is not healthy, with its pods where they say more. */
  why: string;
}

/** The `gitops` module of the contract, for TypeScript. Errors are EvenkeelError. */
export interface Gitops {
  /** Registers a repository and creates a workflow in one; the same options give the same workflow. */
  workflow(options: SimpleWorkflowOptions): Promise<WorkflowCreated>;
  /** The same id for another URL is refused, unless it replaces what was there. @returns the id */
  registerRepository(options: RepositoryOptions, how?: DeclareOptions): Promise<string>;
  /** The same id for another repository or path is refused, unless it replaces what was there. @returns the id */
  createWorkflow(options: WorkflowOptions, how?: DeclareOptions): Promise<string>;
  /** Carries out a sync. A sync that fails is a report with `success: false`; what cannot begin throws. */
  syncWorkflow(id: string, options?: SyncOptions): Promise<SyncReport>;
  /** What a sync would do now, and what stands in its way. Writes nothing to the cluster. */
  generateDiff(id: string, options?: DiffOptions): Promise<Diff>;
  /** The same as generateDiff. */
  previewChanges(id: string, options?: DiffOptions): Promise<Diff>;
  /** A diff frozen with what it stands on: `syncWorkflow(id, { plan })` carries out exactly it, or nothing. */
  plan(id: string, options?: DiffOptions): Promise<Plan>;
  /** Lets a sync go ahead that waits for a person. @throws EvenkeelError APPROVAL_NOTHING, PLAN_MOVED */
  approveWorkflow(id: string, options?: ApprovalOptions): Promise<Approval>;
  /** Refuses exactly these changes. @throws EvenkeelError APPROVAL_NOTHING, PLAN_MOVED */
  rejectWorkflow(id: string, options?: ApprovalOptions): Promise<Approval>;
  /** Requests and decisions, newest first. */
  approvals(id: string): Promise<Approval[]>;
  getWorkflowStatus(id: string): Promise<WorkflowStatus>;
  listWorkflows(): Promise<WorkflowStatus[]>;
  /** Puts a workflow's objects back and holds it. Needs no Git. Twice the same changes nothing the second time. */
  rollbackWorkflow(id: string, reason: string, options?: RollbackOptions): Promise<RollbackReport>;
  /** What that would do. */
  previewRollback(id: string, options?: RollbackOptions): Promise<{ diff: Diff; to: string }>;
  /** Ends the hold that a rollback left. @returns whether there was one */
  resumeWorkflow(id: string, reason?: string): Promise<boolean>;
  /** Forgets a workflow; its objects stay in the cluster with its mark, and its history stays. @returns whether it was there */
  forgetWorkflow(id: string): Promise<boolean>;
  /** Keeps every workflow with auto-sync in sync until it is stopped. */
  startAutoSync(onEvent?: (event: AutoSyncEvent) => void): Promise<void>;
  stopAutoSync(): Promise<void>;
  /** Waits until auto-sync has seen to every workflow once since it was started. @returns whether it runs still */
  autoSyncRound(): Promise<boolean>;
  /** Past runs, newest first. */
  history(id?: string, limit?: number): Promise<PastRun[]>;
  /** The preview of a run as it was then; undefined where it is not kept, or nothing was compared. */
  runDiff(runId: string): Promise<Diff | undefined>;
  /** What the commands of a run printed. */
  runOutputs(runId: string): Promise<CommandOutput[]>;
  /** Who did what, and why; newest first. */
  audit(id?: string, limit?: number): Promise<AuditEntry[]>;
  /** Whether the audit trail is as it was written. */
  verifyAudit(): Promise<{ entries: number; broken?: { seq: number; reason: string } }>;
  /** The resources of a run, in the order in which they were handled. */
  runResources(runId: string): Promise<ResourceReport[]>;
  /** The objects of a workflow as the cluster has them now. */
  inspect(id: string, signal?: AbortSignal): Promise<InspectedResource[]>;
  /** Asks the repository and the cluster of a workflow whether they can be reached; changes nothing. */
  check(id: string, signal?: AbortSignal): Promise<{ what: 'repository' | 'cluster'; error?: EvenkeelError }[]>;
  close(): Promise<void>;
}

export type AutoSyncEvent =
  | { type: 'synced'; workflowId: string; report: SyncReport }
  | { type: 'failed'; workflowId: string; error: Error }
  | { type: 'stopped' };
