// For readers that keep the nodes: the tokens of a document, and what its scalars mean.
export { findForbidden } from './chars.js';
export { Fault } from './fault.js';
export { type FormatYamlOptions, formatYaml, formatYamlDocuments } from './format.js';
export { type ParsedDocument, type ParseYamlOptions, type Position, parseYaml } from './parse.js';
export { resolvePlain } from './resolve.js';
export { Scanner, type Token, TokenType } from './scanner.js';
