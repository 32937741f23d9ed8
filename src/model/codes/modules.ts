import type { CodeFacts } from '../errors.js';

export const modulesCodes = {
  ARGUMENT_INVALID: {
    class: 'input',
    summary: 'A function of a module was called with an argument that is missing, too many or of the wrong type.',
  },
  DATA_INVALID: {
    class: 'input',
    summary: 'A text is not the JSON, YAML or base64 that it was read as, or a value cannot be written as such.',
  },
  METRIC_INVALID: { class: 'input', summary: 'A metric or label has a name, kind or value that Prometheus does not know.' },
  FILE_OUTSIDE: { class: 'refused', summary: 'A script named a file outside the folders that it may use.' },
  FILE_PATH_INVALID: { class: 'input', summary: 'A script named a file by a path that cannot be one.' },
  FILE_NOT_FOUND: { class: 'input', summary: 'A file or folder that a script named does not exist.' },
  FILE_EXISTS: { class: 'refused', summary: 'A file or folder that a script wants to make exists already, or is not empty.' },
  FILE_TOO_BIG: { class: 'refused', summary: 'A file or an answer is larger than a script may read.' },
  FILE_FAILED: { class: 'environment', summary: 'The system refused to read or write a file that a script named.' },
} satisfies Record<string, CodeFacts>;
