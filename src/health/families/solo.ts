import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing, suspended } from '../kinds/answers.js';
import { at, text, values } from '../read.js';

/** Solo's gateways: one state for each namespace that reads the object, as words or as the numbers of the same enumeration. */
export function soloHealth(object: unknown): Health {
  for (const report of [...values(object, 'status.statuses'), at(object, 'status')]) {
    const health = stateOf(report);
    if (health) return health;
  }
  return progressing('Waiting for the resource to be validated');
}

function stateOf(report: unknown): Health | undefined {
  switch (text(report, 'state')) {
    case 'Accepted':
    case '1':
      return healthy();
    case 'Pending':
    case '0':
      return suspended('Not validated yet');
    case 'Rejected':
    case '2':
    case 'Warning':
    case '3':
      return degraded(text(report, 'reason'));
    default:
      return undefined;
  }
}
