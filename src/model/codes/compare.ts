import type { CodeFacts } from '../errors.js';

export const compareCodes = {
  COMPARE_ANNOTATION_INVALID: {
    class: 'input',
    summary: 'An annotation or label that steers a sync (wave, hook, sync options, the like of Flux and Helm) has a value nobody knows.',
  },
  PLAN_INVALID: { class: 'input', summary: 'A file is not a plan, or was changed after it was made.' },
  PLAN_MOVED: { class: 'refused', summary: 'Git or the cluster has moved since a plan was made; nothing was written.' },
} satisfies Record<string, CodeFacts>;
