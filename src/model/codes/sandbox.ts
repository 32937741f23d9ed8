import type { CodeFacts } from '../errors.js';

export const sandboxCodes = {} satisfies Record<string, CodeFacts>;
