export { openStore, type StoreOptions } from './open.js';
export type {
  InventoryEntry,
  Lock,
  LockHolder,
  RepositoryRecord,
  ResourceAction,
  RunRecord,
  RunResource,
  RunStatus,
  Store,
  WorkflowRecord,
} from './types.js';
