export { openStore, type StoreOptions } from './open.js';
export type {
  AuditEntry,
  DocumentRecord,
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
