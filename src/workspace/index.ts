export { readSandboxLink, type SandboxLink } from './clusters.js';
export { readConfig } from './config-file.js';
export { languages, openScriptHost } from './languages.js';
export { openWorkspace, type Workspace, type WorkspaceOptions } from './open.js';
export { configNames, findPaths, type WorkspacePaths } from './paths.js';
export type { ScriptHostOptions } from './scripts.js';
