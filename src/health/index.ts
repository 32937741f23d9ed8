export { aggregateHealth } from './aggregate.js';
export { assessHealth, type HealthOptions } from './assess.js';
export { explainWait } from './explain.js';
export { compileHealthRules } from './user/compile.js';
export type { HealthRule, HealthRules } from './user/types.js';
