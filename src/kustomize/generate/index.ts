export * from './generators.js';
export * from './iam-policy.js';
export * from './key-values.js';
