import type { CodeFacts } from '../errors.js';

export const gitopsCodes = {} satisfies Record<string, CodeFacts>;
