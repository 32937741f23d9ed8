import type { HealthStatus, ResourceKey } from '../model/index.js';

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
  /** False where the lock was lost (the lease ran out and somebody took it). */
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Persistence behind one interface. Every method is atomic. Errors are EvenkeelError STORE_*. */
export interface Store {
  repositories: {
    put(record: RepositoryRecord): Promise<void>;
    get(id: string): Promise<RepositoryRecord | undefined>;
    list(): Promise<RepositoryRecord[]>;
    remove(id: string): Promise<boolean>;
  };
  workflows: {
    put(record: WorkflowRecord): Promise<void>;
    get(id: string): Promise<WorkflowRecord | undefined>;
    list(): Promise<WorkflowRecord[]>;
    remove(id: string): Promise<boolean>;
  };
  runs: {
    put(record: RunRecord): Promise<void>;
    get(id: string): Promise<RunRecord | undefined>;
    /** Newest first. */
    list(filter: { workflowId?: string; limit?: number }): Promise<RunRecord[]>;
    addResources(rows: readonly RunResource[]): Promise<void>;
    /** In the order in which they were added. */
    resources(runId: string): Promise<RunResource[]>;
  };
  inventory: {
    /** By key order. `cluster` tells clusters apart: an inventory belongs to one. */
    list(workflowId: string, cluster: string): Promise<InventoryEntry[]>;
    put(workflowId: string, cluster: string, entries: readonly InventoryEntry[]): Promise<void>;
    remove(workflowId: string, cluster: string, keys: readonly ResourceKey[]): Promise<void>;
  };
  /** Values by content hash, that can be lost without harm; the least recently used go first. */
  cache: {
    get(kind: string, keys: readonly string[]): Promise<Map<string, string>>;
    put(kind: string, entries: readonly { key: string; value: string }[]): Promise<void>;
  };
  /** A random key of this store for masks and the like, made at the first use: 32 bytes. */
  secretKey(): Promise<Uint8Array>;
  /**
   * Takes a named lock with a lease that is renewed in the background while this process lives. A lock
   * of a dead process on this host is taken over at once.
   * @throws EvenkeelError STORE_LOCKED with the holder in `details.holder`
   */
  lock(name: string, what: string): Promise<Lock>;
  holder(name: string): Promise<LockHolder | undefined>;
  close(): Promise<void>;
}
