import type { CodeFacts } from '../errors.js';

export const testingCodes = {
  TESTING_EXPECTATION: { class: 'refused', summary: 'What a test expected of its sandbox is not so.' },
  TESTING_TIMEOUT: { class: 'refused', summary: 'What a test waited for did not come in time.' },
  TESTING_NOT_SERVED: { class: 'input', summary: 'A test asks for the address of a sandbox that is not served over HTTP.' },
  TESTING_CLOCK: { class: 'input', summary: 'A test turns the clock of a sandbox whose clock goes by itself.' },
  TESTING_UNKNOWN_KIND: { class: 'input', summary: 'A test names a kind that its sandbox does not serve.' },
} satisfies Record<string, CodeFacts>;
