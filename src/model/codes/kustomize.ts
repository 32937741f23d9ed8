import type { CodeFacts } from '../errors.js';

export const kustomizeCodes = {
  KUSTOMIZE_INVALID: { class: 'input', summary: 'A kustomization, or a file that configures it, is not what Kustomize reads.' },
  KUSTOMIZE_NOT_FOUND: {
    class: 'input',
    summary: 'A kustomization names a file or folder that does not exist, or that lies outside the repository.',
  },
  KUSTOMIZE_YAML_INVALID: { class: 'input', summary: 'A file that a kustomization names is no YAML.' },
  KUSTOMIZE_RESOURCE_INVALID: {
    class: 'input',
    summary: 'An object of a kustomization lacks kind or name, or has fields that a transformation cannot work on.',
  },
  KUSTOMIZE_PATCH_INVALID: {
    class: 'input',
    summary: 'A patch is neither an object nor a list of JSON patch operations, or cannot be applied.',
  },
  KUSTOMIZE_REGEX_INVALID: { class: 'input', summary: 'A regular expression of a kustomization is not in the syntax of Go (RE2).' },
  KUSTOMIZE_CONFLICT: { class: 'input', summary: 'Two objects of a kustomization are the same, or several could be meant.' },
  KUSTOMIZE_NO_MATCH: { class: 'input', summary: 'A patch, replacement, var or replica count matches nothing.' },
  KUSTOMIZE_CYCLE: { class: 'input', summary: 'Kustomizations use each other in a circle.' },
  KUSTOMIZE_FORBIDDEN: {
    class: 'refused',
    summary: 'A kustomization asks for a file above its folder, or for a plugin that would run a program.',
  },
  KUSTOMIZE_REMOTE: { class: 'refused', summary: 'A kustomization uses a base of another repository where these are not allowed.' },
  KUSTOMIZE_UNSUPPORTED: { class: 'input', summary: 'A kustomization uses what this version does not do, such as helmCharts.' },
} satisfies Record<string, CodeFacts>;
