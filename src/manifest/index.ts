export * from './fields/index.js';
export * from './types/index.js';
