export { builtinDefinition, builtinSchema } from './builtin.js';
export { schemaFromOpenApiV3 } from './openapi-v3.js';
export {
  builtinResources,
  builtinVersions,
  type ResourceInfo,
  resourceOfKind,
  resourceOfPlural,
  type SubresourceInfo,
} from './resources.js';
export { childSchema, type SchemaKind, type SchemaUnion, type TypeSchema } from './schema.js';
export { type ShapeProblem, validateShape } from './shape.js';
