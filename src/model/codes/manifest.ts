import type { CodeFacts } from '../errors.js';

export const manifestCodes = {} satisfies Record<string, CodeFacts>;
