import type { CodeFacts } from '../errors.js';

export const sourceCodes = {} satisfies Record<string, CodeFacts>;
