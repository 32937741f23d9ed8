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
  TaskLogLine,
  TaskResultRecord,
  TaskRunRecord,
  WorkflowRecord,
} from './types.js';
