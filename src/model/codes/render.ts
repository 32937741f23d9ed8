import type { CodeFacts } from '../errors.js';

export const renderCodes = {} satisfies Record<string, CodeFacts>;
