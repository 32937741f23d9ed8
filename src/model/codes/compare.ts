import type { CodeFacts } from '../errors.js';

export const compareCodes = {
  COMPARE_ANNOTATION_INVALID: {
    class: 'input',
    summary: 'An annotation that steers a sync (wave, hook, delete policy) has a value nobody knows.',
  },
} satisfies Record<string, CodeFacts>;
