import type { Compared, Comparison, Hook, Phase } from '../compare/index.js';
import type { Cluster } from '../kube/index.js';
import type { Clock, EvenkeelError, Health, HealthStatus, KubeObject, ResourceKey } from '../model/index.js';

export type HealthFailureMode = 'ignore' | 'fail';

export interface SyncSettings {
  healthCheck: {
    enabled: boolean;
    /** Milliseconds from the last apply until everything has to be healthy. */
    timeoutMs: number;
    failureMode: HealthFailureMode;
  };
  /** Make namespaces that objects live in and that are not there. */
  createNamespaces: boolean;
  /** Delete more than the prune limit allows, or everything where Git is empty. */
  allowMassPrune: boolean;
  /** Delete before waiting for health: what a rollback removes is what stands in the way. */
  pruneFirst?: boolean;
  /** Writes under way at once. */
  parallel: number;
}

/** What a run has done to one object. */
export interface ResourceResult {
  key: ResourceKey;
  action: 'created' | 'updated' | 'unchanged' | 'pruned' | 'failed' | 'skipped';
  health?: HealthStatus;
  message: string;
  /** Of a failed one: it was deleted or written before it failed, so that there is something to put back. */
  touched?: boolean;
}

/** One line of progress. Whoever shows it decides how. */
export type SyncEvent =
  | { type: 'started'; total: number }
  | { type: 'phase'; phase: Phase | 'Prune'; wave: number }
  | { type: 'resource'; result: ResourceResult; done: number; total: number }
  | { type: 'hook'; resource: string; namespace: string; phase: Phase; state: 'running' | 'succeeded' | 'failed'; message: string }
  | { type: 'command'; phase: 'pre-sync' | 'post-sync'; command: string; state: 'running' | 'succeeded' | 'failed'; message: string }
  | { type: 'waiting'; for: Waiting[]; elapsedMs: number }
  | { type: 'healthy'; key: ResourceKey; health: Health };

/** One object that a sync waits for, and why. */
export interface Waiting {
  key: ResourceKey;
  health: HealthStatus;
  why: string;
}

/** Commands of the workflow's own settings; nothing of them comes from the repository. */
export interface CommandHooks {
  pre: readonly string[];
  post: readonly string[];
  /** Where they run. */
  directory: string;
  env: { [name: string]: string };
  /** Of each command. */
  timeoutMs: number;
}

/** What one command printed. */
export interface CommandOutput {
  phase: 'pre-sync' | 'post-sync';
  command: string;
  /** The end of it, both streams as they came. */
  output: string;
  status: 'succeeded' | 'failed';
  message: string;
}

/**
 * What a run did with its hooks, kept so that the next process can go on with the run: what has succeeded
 * is not started again.
 */
export interface SyncJournal {
  runId: string;
  state(id: string): 'started' | 'succeeded' | undefined;
  note(id: string, state: 'started' | 'succeeded'): Promise<void>;
  output(output: CommandOutput): Promise<void>;
}

/** Keeps what happens, in order, before the next thing happens. */
export interface SyncRecorder {
  /** Before the first write: everything this run may create. */
  intend(keys: readonly { key: ResourceKey; version: string }[]): Promise<void>;
  applied(items: readonly { item: Compared; object: KubeObject }[]): Promise<void>;
  pruned(keys: readonly ResourceKey[]): Promise<void>;
  /** What left Git and stays in the cluster, as this sync found it: replaces what was known of it. */
  leftovers(keys: readonly ResourceKey[]): Promise<void>;
  results(results: readonly ResourceResult[]): Promise<void>;
}

export interface SyncInput {
  workflowId: string;
  comparison: Comparison;
  hooks: readonly Hook[];
  cluster: Cluster;
  settings: SyncSettings;
  commands: CommandHooks;
  journal: SyncJournal;
  /** Run the hooks even where nothing changes: the last run of this revision did not come to its end. */
  rerunHooks?: boolean;
  /** How many objects the inventory had before: what the prune limit is measured against. */
  inventorySize: number;
  recorder: SyncRecorder;
  clock: Clock;
  assess: (object: KubeObject) => Health | null;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent) => void;
}

export interface SyncOutcome {
  status: 'succeeded' | 'failed' | 'cancelled';
  message: string;
  results: ResourceResult[];
  metrics: { processed: number; applied: number; skipped: number; pruned: number; conflictsResolved: number };
  error?: EvenkeelError;
}
