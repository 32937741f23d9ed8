export { executeSync } from './execute.js';
export { explainPods } from './explain.js';
export type * from './types.js';
