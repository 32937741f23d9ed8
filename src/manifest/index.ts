export { compileGlob, type LoadDirectoryOptions, type LoadedDirectory, loadDirectory, type ParseCache } from './directory/index.js';
export { checkDuplicates } from './duplicates.js';
export * from './fields/index.js';
export { type KindFacts, type KindResolver, resolverWithCrds } from './kinds.js';
export { assignNamespaces, type Placed } from './namespaces.js';
export { readManifests } from './objects.js';
export { compareForApply, compareForDelete, installStage } from './order/index.js';
export * from './types/index.js';
export {
  Fault,
  type FormatYamlOptions,
  findForbidden,
  formatYaml,
  formatYamlDocuments,
  type ParsedDocument,
  type ParseYamlOptions,
  type Position,
  parseYaml,
  resolvePlain,
  Scanner,
  type Token,
  TokenType,
} from './yaml/index.js';
