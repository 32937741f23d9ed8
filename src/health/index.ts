export { aggregateHealth, healthOrder, isWorse } from './aggregate.js';
export { assessHealth, type HealthOptions } from './assess.js';
export type { HealthRules } from './user-rules.js';
