import type { CodeFacts } from '../errors.js';

export const syncCodes = {} satisfies Record<string, CodeFacts>;
