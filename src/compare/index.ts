export { type CompareOptions, compare } from './compare.js';
export { fieldConflicts } from './conflicts.js';
export { type DecideOptions, decide } from './decide.js';
export { type DesiredInput, hookLabel, prepareDesired } from './desired.js';
export { blockers, buildDiff, summaryLine } from './diff.js';
export { waveOfLive } from './directives.js';
export { fieldValidation, isReplaced, replacement } from './dry-run.js';
export { pruneRefusal } from './limits.js';
export { namespaceOf, readLive } from './live.js';
export { managedHash, ownedFields } from './managed.js';
export { fieldManager, ownerOf, workflowLabel } from './marks.js';
export { isSecret, secretRedactor } from './mask.js';
export {
  changeDigest,
  coveredDigests,
  isSameGround,
  makePlan,
  type Plan,
  type PlanChoices,
  type PlannedChange,
  readPlan,
  whatMoved,
} from './plan.js';
export { comparePrune } from './prune.js';
export { type ConflictRule, type IgnoreRule, noRules, type Rules } from './rules.js';
export { readSurroundings } from './surroundings.js';
export { unifiedText } from './text.js';
export { neverRecreated } from './treatment.js';
export type * from './types.js';
