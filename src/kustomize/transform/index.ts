export { replaceAll, type Work } from './context.js';
export { transformHashes } from './hash.js';
export { type Image, transformImages } from './images.js';
export { transformEntries } from './labels.js';
export { transformNames } from './names.js';
export { type SubjectMode, transformNamespace } from './namespace.js';
export {
  applyJsonPatch,
  type LoadedPatch,
  loadPatch,
  operationsFrom,
  type PatchOptions,
  transformMergePatches,
  transformPatch,
} from './patches.js';
export { transformReferences } from './references.js';
export { type Replacement, transformReplacements } from './replacements.js';
export { transformReplicas } from './replicas.js';
export { type SortOptions, transformOrder } from './sort.js';
export { transformValueAdd, type ValueAddTarget } from './value-add.js';
export { transformVars, type Var } from './vars.js';
