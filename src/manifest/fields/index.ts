export {
  compareElements,
  type ElementParts,
  fieldElement,
  formatElement,
  formatPath,
  indexElement,
  keyElement,
  type Path,
  type PathElement,
  parseElement,
  valueElement,
} from './element.js';
export { extractFields } from './extract.js';
export { type FieldsV1, parseFields, writeFields } from './fields-v1.js';
export { goJson, goNumber, goQuote } from './go.js';
export { ownersOf, resolvePath } from './resolve.js';
export {
  addPath,
  difference,
  eachPath,
  emptyFieldSet,
  equalSets,
  type FieldNode,
  type FieldSet,
  type FieldSetBuilder,
  fieldSetFrom,
  hasPath,
  intersection,
  isSubset,
  leaves,
  pathsOf,
  recursiveDifference,
  setSize,
  subsetAt,
  union,
} from './set.js';
