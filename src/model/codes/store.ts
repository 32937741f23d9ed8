import type { CodeFacts } from '../errors.js';

export const storeCodes = {} satisfies Record<string, CodeFacts>;
