export { type FormatYamlOptions, formatYaml, formatYamlDocuments } from './format.js';
export { type ParsedDocument, type ParseYamlOptions, type Position, parseYaml } from './parse.js';
