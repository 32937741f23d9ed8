export * from './fields.js';
export * from './json.js';
export { toJson11 } from './json11.js';
export * from './node.js';
export * from './paths.js';
export { readDocument } from './read.js';
export { writeYaml } from './write.js';
