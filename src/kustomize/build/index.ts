export { type BuildOptions, type BuildResult, build, formatBuild } from './build.js';
