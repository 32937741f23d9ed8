export { type DueRollback, dropDueRollback, dueRollback, putDueRollback } from './due.js';
export { holdOf, putHold, releaseHold } from './holds.js';
export { giveBack, planRestore, type RestorePlan, verifyRestore } from './restore.js';
export { keepSnapshot } from './snapshots.js';
export { describeRun, type RollbackTarget, resolveTarget } from './target.js';
export type * from './types.js';
export { noteUndone, trimUndone, undoneRuns } from './undone.js';
