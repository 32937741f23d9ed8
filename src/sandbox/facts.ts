import { parseYaml as parseDocuments } from '../manifest/index.js';
import type { Json } from '../model/index.js';

export { builtinResources, builtinSchema, builtinVersions, formatYaml, schemaFromOpenApiV3, type TypeSchema } from '../manifest/index.js';

/** The first document of a YAML text as JSON data. */
export function parseYaml(text: string): Json {
  return (parseDocuments(text, { file: 'body' })[0]?.value ?? null) as Json;
}

/** Where a YAML text names a key that its mapping has already; counted from 1. */
export function repeatedKeys(text: string): { key: string; line: number }[] {
  return (parseDocuments(text, { file: 'body' })[0]?.warnings ?? []).flatMap(({ message, line }) => {
    const key = /^the key "(.*)" stands here a second time/s.exec(message)?.[1];
    return key === undefined ? [] : [{ key, line }];
  });
}
