import type { CodeFacts } from '../errors.js';

export const renderCodes = {
  RENDER_EMPTY: { class: 'input', summary: 'A path holds no manifests.' },
} satisfies Record<string, CodeFacts>;
