import type { CodeFacts } from '../errors.js';

export const cliCodes = {
  USAGE: { class: 'input', summary: 'A command was called with arguments that do not fit it.' },
  CONFIG_INVALID: { class: 'input', summary: 'evenkeel.yaml cannot be read.' },
  CONFIG_EXISTS: { class: 'refused', summary: 'A file that "init" would write exists already.' },
  SANDBOX_UNREACHABLE: { class: 'environment', summary: 'The sandbox that is being served does not answer.', transient: true },
} satisfies Record<string, CodeFacts>;
