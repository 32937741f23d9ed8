import type { CodeFacts } from '../errors.js';

export const renderCodes = {
  RENDER_EMPTY: { class: 'input', summary: 'A path holds no manifests.' },
  KUSTOMIZE_INVALID: { class: 'input', summary: 'A kustomization file is not what Kustomize reads.' },
  KUSTOMIZE_NOT_FOUND: {
    class: 'input',
    summary: 'A kustomization names a file or folder that does not exist, or that lies outside the repository.',
  },
} satisfies Record<string, CodeFacts>;
