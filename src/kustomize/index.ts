export { type BuildOptions, type BuildResult, build, formatBuild } from './build/index.js';
export { type FetchRemote, kustomizationNames, type ReadFile, type ReadRemote } from './load/index.js';
