export { type CompareOptions, compare } from './compare.js';
export { prepareDesired } from './desired.js';
export { blockers, buildDiff, summaryLine } from './diff.js';
export { namespaceOf, readLive } from './live.js';
export { managedHash } from './managed.js';
export { fieldManager, workflowLabel } from './marks.js';
export { isSecret, secretRedactor } from './mask.js';
export { unifiedText } from './text.js';
export type * from './types.js';
