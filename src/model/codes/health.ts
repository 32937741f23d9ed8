import type { CodeFacts } from '../errors.js';

export const healthCodes = {} satisfies Record<string, CodeFacts>;
