import type { Health } from '../../model/index.js';
import { at, list, text } from '../read.js';
import { degraded, healthy, progressing } from './answers.js';

/** Suspended on purpose is Healthy: nothing is waited for. Degraded only when the latest run is over and did not succeed. */
export function cronJobHealth(object: unknown): Health {
  if (at(object, 'spec.suspend') === true) return healthy('CronJob is suspended');
  if (at(object, 'status') === undefined) return progressing('Waiting for the controller to see the CronJob');
  const scheduled = text(object, 'status.lastScheduleTime');
  const succeeded = text(object, 'status.lastSuccessfulTime');
  if (scheduled === '') return healthy('Not scheduled yet');
  if (succeeded === '') return healthy('No run has succeeded yet');
  if (list(object, 'status.active').length > 0) return healthy('A run is going on');
  // RFC 3339 in UTC: the order of the text is the order of time.
  return succeeded < scheduled ? degraded(`The run of ${scheduled} did not succeed`) : healthy(`The run of ${scheduled} succeeded`);
}
