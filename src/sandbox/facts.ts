import { parseYaml as parseDocuments } from '../manifest/index.js';
import type { Json } from '../model/index.js';

export { builtinResources, builtinSchema, builtinVersions, schemaFromOpenApiV3, type TypeSchema } from '../manifest/index.js';

/** The first document of a YAML text as JSON data. */
export function parseYaml(text: string): Json {
  return (parseDocuments(text, { file: 'body' })[0]?.value ?? null) as Json;
}
