export type { Approval } from '../gates/index.js';
export { toContract } from './contract.js';
export { openGitops } from './open.js';
export { type CheckContext, checkOptions, mapNames, toCamel, toSnake } from './options.js';
export { type FileInput, fileSchema, repositoryOptions, simpleWorkflowOptions, workflowOptions } from './schema.js';
export type { ClusterSelector } from './settings.js';
export type * from './types.js';
