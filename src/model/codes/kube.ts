import type { CodeFacts } from '../errors.js';

export const kubeCodes = {} satisfies Record<string, CodeFacts>;
