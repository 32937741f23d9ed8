export * from './id.js';
export * from './labels.js';
export * from './read.js';
export * from './resmap.js';
export * from './resource.js';
export * from './selector.js';
