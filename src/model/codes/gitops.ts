import type { CodeFacts } from '../errors.js';

export const gitopsCodes = {
  OPTION_UNKNOWN: { class: 'input', summary: 'An option or setting that nobody knows, usually a misspelling.' },
  OPTION_INVALID: { class: 'input', summary: 'An option or setting has a value of the wrong type or out of its range, or is missing.' },
  WORKFLOW_NOT_FOUND: { class: 'input', summary: 'No workflow has this id.' },
  WORKFLOW_EXISTS: { class: 'input', summary: 'Another workflow has this id already.' },
  REPOSITORY_NOT_FOUND: { class: 'input', summary: 'No repository is registered under this id.' },
  REPOSITORY_EXISTS: { class: 'input', summary: 'Another repository is registered under this id already.' },
  AUTO_SYNC_RUNNING: { class: 'refused', summary: 'The automatic synchronisation runs already in this process.' },
} satisfies Record<string, CodeFacts>;
