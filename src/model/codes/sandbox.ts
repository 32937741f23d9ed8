import type { CodeFacts } from '../errors.js';

export const sandboxCodes = {
  SANDBOX_BUSY: { class: 'environment', transient: true, summary: 'Another process has the sandbox file open.' },
  SANDBOX_FILE_INVALID: { class: 'environment', summary: 'The sandbox file is not a sandbox file, is damaged, or cannot be opened.' },
  SANDBOX_FILE_VERSION: { class: 'environment', summary: 'The sandbox file was written by a newer version of Evenkeel.' },
  SANDBOX_PORT_TAKEN: { class: 'environment', summary: 'The sandbox cannot listen on the address that was asked for.' },
  SANDBOX_TOKENS_INVALID: { class: 'input', summary: 'A line of the token file does not read token,user,uid,"group1,group2".' },
} satisfies Record<string, CodeFacts>;
