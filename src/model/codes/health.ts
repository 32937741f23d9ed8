import type { CodeFacts } from '../errors.js';

export const healthCodes = {
  HEALTH_RULE_INVALID: {
    class: 'input',
    summary: 'A health rule of the configuration cannot be used: an unknown option or status, or an expression that does not compile.',
  },
} satisfies Record<string, CodeFacts>;
