export { looseSchema } from './openapi.js';
export { openSchemas, type Schemas } from './schemas.js';
export type { Schema, SchemaSource } from './types.js';
