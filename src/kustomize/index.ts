export { type BuildResult, build, kustomizationNames } from './build.js';
