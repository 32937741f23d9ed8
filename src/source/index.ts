export { type GitCommand, runGit } from './command.js';
export { directoryTree } from './directoryTree.js';
export type { MemoryFile } from './memoryTree.js';
export { memoryTree } from './memoryTree.js';
export { readRef } from './refs.js';
export { openSource } from './source.js';
export type { CommitInfo, Credentials, Ref, Resolved, Source, SourceOptions } from './types.js';
export type { RepositoryUrl } from './url.js';
export { normaliseUrl } from './url.js';
