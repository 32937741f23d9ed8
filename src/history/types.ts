import type { KubeObject, ResourceKey } from '../model/index.js';
import type { InventoryEntry } from '../store/index.js';

/** One object as it was before a run touched it. */
export interface SnapshotObject {
  key: ResourceKey;
  /** The version that it is read and written in. */
  version: string;
  /** Undefined where it did not exist. */
  before?: KubeObject;
  /** What the inventory had of it. */
  inventory?: InventoryEntry;
}

/** What is needed to put the objects of a run back as they were. Taken before its first write. */
export interface Snapshot {
  runId: string;
  workflowId: string;
  clusterId: string;
  /** The revision that the run was about to apply. */
  revision: string;
  at: number;
  objects: SnapshotObject[];
}

/** A workflow that auto-sync leaves alone after a rollback, until a newer revision or a person releases it. */
export interface Hold {
  workflowId: string;
  /** The revision that was rolled back from and must not come back by itself. */
  revision: string;
  since: number;
  by: string;
  reason: string;
  /** The run that rolled back. */
  runId: string;
  /** The first run that it undoes. */
  before?: string;
}
