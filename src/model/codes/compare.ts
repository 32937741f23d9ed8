import type { CodeFacts } from '../errors.js';

export const compareCodes = {} satisfies Record<string, CodeFacts>;
