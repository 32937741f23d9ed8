import type { HealthStatus, Json, ResourceKey } from '../model/index.js';

/** A repository as registered. Credentials are stored encrypted with a key outside the database. */
export interface RepositoryRecord {
  id: string;
  url: string;
  branch: string;
  /** JSON data of source/'s Credentials; undefined where there are none. */
  credentials?: { [key: string]: unknown };
  pollIntervalMs: number;
  createdAt: number;
}

export interface WorkflowRecord {
  id: string;
  name: string;
  repositoryId: string;
  targetPath: string;
  /** Settings as gitops/ checked them: JSON data. */
  settings: { [key: string]: unknown };
  createdAt: number;
  updatedAt: number;
}

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** One sync run. Times are milliseconds since the epoch. */
export interface RunRecord {
  id: string;
  workflowId: string;
  status: RunStatus;
  revision: string;
  startedAt: number;
  finishedAt?: number;
  /** Who asked: `user@host`, `controller`, `script`. */
  requestedBy: string;
  reason?: string;
  message: string;
  metrics: { processed: number; applied: number; skipped: number; pruned: number; conflictsResolved: number };
  /** code, message, where, hint of an EvenkeelError. */
  error?: { [key: string]: unknown };
}

export type ResourceAction = 'created' | 'updated' | 'unchanged' | 'pruned' | 'failed' | 'skipped';

export interface RunResource {
  runId: string;
  key: ResourceKey;
  action: ResourceAction;
  health?: HealthStatus;
  message: string;
  at: number;
}

/** What a workflow has put into a cluster, and the hashes that make an unchanged object cost nothing. */
export interface InventoryEntry {
  key: ResourceKey;
  /** The version that it was applied in. */
  version: string;
  uid: string;
  /** Hash of the desired object as it was applied. */
  desiredHash: string;
  /** Hash of our own managedFields entry after the apply. */
  managedHash: string;
}

export interface LockHolder {
  id: string;
  pid: number;
  host: string;
  what: string;
  since: number;
}

export interface Lock {
  /** Grows with every acquisition of this lock: an older holder's writes can be told by it. */
  readonly fence: number;
  /** Renews the lease. False where the lock was lost (the lease ran out and somebody took it) or released. */
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** One stored document. Times are milliseconds since the epoch. */
export interface DocumentRecord {
  id: string;
  workflowId: string;
  at: number;
  /** Bytes that it takes in the database: compressed and encrypted. */
  size: number;
  /** JSON data. */
  value: unknown;
}

/** One entry of the audit trail. */
export interface AuditEntry {
  /** From 1, without gaps. */
  seq: number;
  at: number;
  /** `anna@laptop`, `controller` */
  actor: string;
  /** `sync`, `rollback`, `approve` … */
  action: string;
  /** What it was done to: a workflow's id. */
  subject: string;
  reason?: string;
  detail: { [key: string]: unknown };
  /** Hash of the entry before; '' for the first. */
  previous: string;
  /** Hash of this entry's own members together with `previous`. */
  hash: string;
}

/** One run of a pipeline of tasks. Times are milliseconds since the epoch. */
export interface TaskRunRecord {
  id: string;
  pipeline: string;
  /** The script, absolute. */
  file: string;
  status: RunStatus;
  startedAt: number;
  finishedAt?: number;
  /** `anna@laptop` */
  requestedBy: string;
  /** The run that it goes on from. */
  resumedFrom?: string;
  message: string;
}

/** One task of a run, as far as it has come. Texts are masked before they come here. */
export interface TaskResultRecord {
  task: string;
  /** Its place in the order of the pipeline. */
  seq: number;
  /** A state of the runner: succeeded, failed, skipped … */
  state: string;
  /** The command for the shell; '' for a function. */
  command: string;
  attempts: number;
  startedAt?: number;
  finishedAt?: number;
  message?: string;
  error?: { [key: string]: unknown };
  /** Paths below the artifacts folder of the run. */
  artifacts: string[];
}

/** One line that a task wrote. */
export interface TaskLogLine {
  /** Within the run, from 1. */
  seq: number;
  task: string;
  at: number;
  /** `info`, `warn`, `stdout` … */
  level: string;
  line: string;
}

/** A value that scripts keep. */
export interface StateEntry {
  value: Json;
  /** Milliseconds since the epoch; undefined where it stays. */
  expiresAt?: number;
}

/** One execution of a task that a script told of, or that was predicted. */
export interface ExecutionRecord {
  id: string;
  task: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  success: boolean;
  seconds?: number;
  /** '' where there is none. */
  command: string;
  /** Further JSON data. */
  facts: { [name: string]: unknown };
}

/** Persistence behind one interface. Every method is atomic. Errors are EvenkeelError STORE_*. */
export interface Store {
  repositories: {
    /** @throws EvenkeelError STORE_EXISTS where the id is taken */
    create(record: RepositoryRecord): Promise<void>;
    /**
     * Writes a record over the one with its id, or as a new one.
     * @throws EvenkeelError STORE_SECRET_IN_URL where the URL carries a password
     */
    put(record: RepositoryRecord): Promise<void>;
    get(id: string): Promise<RepositoryRecord | undefined>;
    /** By id. */
    list(): Promise<RepositoryRecord[]>;
    /**
     * @returns whether it was there
     * @throws EvenkeelError STORE_REFERENCE while workflows name it
     */
    remove(id: string): Promise<boolean>;
  };
  workflows: {
    /**
     * @throws EvenkeelError STORE_EXISTS where the id is taken: two workflows never share one;
     * STORE_REFERENCE where the repository is not registered
     */
    create(record: WorkflowRecord): Promise<void>;
    /** Writes a record over the one with its id, or as a new one. @throws EvenkeelError STORE_REFERENCE */
    put(record: WorkflowRecord): Promise<void>;
    get(id: string): Promise<WorkflowRecord | undefined>;
    /** By id. */
    list(): Promise<WorkflowRecord[]>;
    /** Its runs and its inventory stay. @returns whether it was there */
    remove(id: string): Promise<boolean>;
  };
  runs: {
    put(record: RunRecord): Promise<void>;
    get(id: string): Promise<RunRecord | undefined>;
    /** Newest first. */
    list(filter: { workflowId?: string; limit?: number }): Promise<RunRecord[]>;
    /** Forgets all but the newest `keep` runs that have ended, with their resources. @returns how many went */
    trim(workflowId: string, keep: number): Promise<number>;
    /** @throws EvenkeelError STORE_REFERENCE where a run was not put before */
    addResources(rows: readonly RunResource[]): Promise<void>;
    /** In the order in which they were added. */
    resources(runId: string): Promise<RunResource[]>;
  };
  /** Runs of pipelines. Their parameters and outputs are documents, since they may hold secrets. */
  taskRuns: {
    put(record: TaskRunRecord): Promise<void>;
    get(id: string): Promise<TaskRunRecord | undefined>;
    /** Newest first. */
    list(filter: { file?: string; pipeline?: string; limit?: number }): Promise<TaskRunRecord[]>;
    /**
     * Writes results over those of the same tasks and puts lines behind those that are there.
     * @throws EvenkeelError STORE_REFERENCE where the run was not put before
     */
    add(runId: string, what: { results?: readonly TaskResultRecord[]; logs?: readonly Omit<TaskLogLine, 'seq'>[] }): Promise<void>;
    /** In the order of the pipeline. */
    results(runId: string): Promise<TaskResultRecord[]>;
    /** What became of the tasks of one name that began, in all runs, newest first. */
    resultsOf(task: string, limit: number): Promise<(TaskResultRecord & { runId: string })[]>;
    /** In the order in which they were added. `after`: the `seq` of the last line that is known. */
    logs(runId: string, filter?: { task?: string; after?: number; limit?: number }): Promise<TaskLogLine[]>;
    /** Forgets all but the newest `keep` runs that have ended, with all that belongs to them. @returns their ids */
    trim(keep: number): Promise<string[]>;
  };
  /** Values that scripts keep, sealed. */
  state: {
    get(key: string): Promise<StateEntry | undefined>;
    /**
     * Reads, decides and writes as one step: what others write meanwhile is seen, and `decide` is asked again.
     * `next` is what is there from now on: undefined for nothing, the very entry that was given for no change.
     * @returns what `decide` gave as `result`
     * @throws EvenkeelError STORE_BUSY
     */
    update<T>(key: string, decide: (current: StateEntry | undefined) => { next: StateEntry | undefined; result: T }): Promise<T>;
    /** In order. */
    keys(prefix: string): Promise<string[]>;
    /** Forgets what has expired. @returns how many */
    sweep(): Promise<number>;
  };
  /** What became of tasks, as scripts told it. */
  executions: {
    /** The oldest of a task are forgotten beyond a bound. @returns its id */
    add(record: Omit<ExecutionRecord, 'id'>): Promise<string>;
    /** Newest first. */
    list(filter: { task?: string; limit: number }): Promise<ExecutionRecord[]>;
  };
  inventory: {
    /** By key order. `cluster` tells clusters apart: an inventory belongs to one. */
    list(workflowId: string, cluster: string): Promise<InventoryEntry[]>;
    /** Adds entries and replaces those of the same key; others stay. */
    put(workflowId: string, cluster: string, entries: readonly InventoryEntry[]): Promise<void>;
    remove(workflowId: string, cluster: string, keys: readonly ResourceKey[]): Promise<void>;
  };
  /**
   * Values by content hash, that can be lost without harm; the least recently used go first. They are
   * stored encrypted. Without a usable key file everything is a miss and nothing is kept.
   */
  cache: {
    get(kind: string, keys: readonly string[]): Promise<Map<string, string>>;
    put(kind: string, entries: readonly { key: string; value: string }[]): Promise<void>;
  };
  /** JSON documents by kind and id, compressed and encrypted: snapshots, diffs of runs, journals, approvals, holds. */
  documents: {
    put(kind: string, document: { id: string; workflowId: string; at: number; value: unknown }): Promise<void>;
    /** @throws EvenkeelError STORE_DECRYPT where the key is not the one that it was written with */
    get(kind: string, id: string): Promise<DocumentRecord | undefined>;
    /** Newest first, without their values. */
    list(kind: string, filter: { workflowId?: string; limit?: number }): Promise<Omit<DocumentRecord, 'value'>[]>;
    remove(kind: string, ids: readonly string[]): Promise<void>;
  };
  audit: {
    /** Chains an entry to the last one. @returns it as it was stored */
    append(entry: Pick<AuditEntry, 'at' | 'actor' | 'action' | 'subject' | 'reason' | 'detail'>): Promise<AuditEntry>;
    /** Newest first. */
    list(filter: { subject?: string; limit?: number }): Promise<AuditEntry[]>;
    /** Reads the chain from its beginning. @returns how many entries hold, and the first that does not */
    verify(): Promise<{ entries: number; broken?: { seq: number; reason: string } }>;
  };
  /**
   * A random key of this store for masks and the like, made at the first use: 32 bytes.
   * @throws EvenkeelError STORE_KEY_MISSING, STORE_KEY_EXPOSED, STORE_KEY_INVALID, STORE_DECRYPT
   */
  secretKey(): Promise<Uint8Array>;
  /**
   * Takes a named lock with a lease that is renewed in the background while this process lives. A lock
   * of a dead process on this host is taken over at once, one of another host when its lease runs out.
   * @param name `<kind>/<id>`, for example `workflow/web`
   * @param what one word for what is done under it, for example `sync`
   * @throws EvenkeelError STORE_LOCKED with the holder in `details.holder`
   */
  lock(name: string, what: string): Promise<Lock>;
  holder(name: string): Promise<LockHolder | undefined>;
  /** Releases all locks and closes the file. A second call does nothing. */
  close(): Promise<void>;
}
