export { type BuildOptions, type BuildResult, build, formatBuild } from './build/index.js';
export { type FetchRemote, kustomizationNames, type Lookup, lookupOf, type ReadFile, type ReadRemote } from './load/index.js';
