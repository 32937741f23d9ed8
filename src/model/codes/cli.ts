import type { CodeFacts } from '../errors.js';

export const cliCodes = {} satisfies Record<string, CodeFacts>;
