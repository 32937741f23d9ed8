export * from './crds.js';
export * from './defaults.js';
export type * from './field-spec.js';
export { mergeSpecs } from './field-spec.js';
export * from './transformer-config.js';
