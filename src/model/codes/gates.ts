import type { CodeFacts } from '../errors.js';

export const gatesCodes = {
  APPROVAL_PENDING: { class: 'refused', summary: 'A sync waits for a person to approve exactly its changes; nothing was written.' },
  APPROVAL_REJECTED: { class: 'refused', summary: 'A person has rejected exactly these changes; nothing was written.' },
  APPROVAL_NOTHING: { class: 'refused', summary: 'There is nothing to approve or to reject.' },
} satisfies Record<string, CodeFacts>;
