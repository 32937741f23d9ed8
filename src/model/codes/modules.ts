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
  COMMAND_TIMEOUT: { class: 'environment', summary: 'A command of a script did not end within its time limit.' },
  COMMAND_OUTPUT: { class: 'environment', summary: 'A command of a script wrote more than the script gave it room for.' },
  NET_REFUSED: { class: 'input', summary: 'A script asks for a URL that is none, or that scripts may not ask.' },
  NET_UNREACHABLE: { class: 'environment', transient: true, summary: 'The host of a URL that a script asks for cannot be reached.' },
  NET_TIMEOUT: { class: 'environment', transient: true, summary: 'A URL that a script asks for did not answer in time.' },
  NET_TOO_LARGE: { class: 'refused', summary: 'An answer is larger than a script gave it room for.' },
  NET_REDIRECTS: { class: 'environment', summary: 'A URL that a script asks for redirects again and again.' },
  NET_STATUS: { class: 'environment', summary: 'A URL that a script asks for answered with a status of 400 or above.' },
  NET_CHECKSUM: { class: 'environment', summary: 'What a script downloaded has another hash than it should.' },
  STATE_INVALID: { class: 'input', summary: 'A key, name or value cannot be kept in the state.' },
  STATE_LOCKED: { class: 'refused', transient: true, summary: 'Another owner has a lock of the state; details.holder says who.' },
  STATE_LOCK_LOST: { class: 'environment', summary: 'A lock of the state was taken by another owner while it was needed.' },
  TEMPLATE_INVALID: { class: 'input', summary: 'A template of a script cannot be read.' },
  TEMPLATE_FAILED: { class: 'input', summary: 'A template of a script uses a value that is not there or does not fit.' },
  TEMPLATE_LIMIT: { class: 'refused', summary: 'A template of a script is too large, or rendering it takes too long.' },
} satisfies Record<string, CodeFacts>;
