/**
 * Kustomize 5 in the process: a tree of files in, objects out.
 *
 *     import { build, directoryTree, formatBuild } from 'evenkeel/kustomize';
 *     const { manifests } = await build(directoryTree('deploy'), 'overlays/production');
 *     console.log(formatBuild(manifests));
 */
export * from './kustomize/index.js';
export type { FileTree, KubeObject, Manifest, SourceLocation } from './model/index.js';
export { EvenkeelError } from './model/index.js';
export { directoryTree, type MemoryFile, memoryTree } from './source/index.js';
