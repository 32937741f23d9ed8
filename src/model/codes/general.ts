import type { CodeFacts } from '../errors.js';

export const generalCodes = {
  INTERNAL: { class: 'internal', summary: 'Something went wrong inside Evenkeel that nobody foresaw: a bug.' },
  CANCELLED: { class: 'refused', summary: 'The operation was cancelled (Ctrl-C, a signal or a time limit of the caller).' },
  NOT_YET: { class: 'refused', summary: 'The feature is documented but this version does not have it.' },
  DURATION_INVALID: { class: 'input', summary: 'A duration is not written like 30s, 5m or 1h30m.' },
} satisfies Record<string, CodeFacts>;
