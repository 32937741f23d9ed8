import type { Health } from '../../model/index.js';
import { conditionsAt } from '../read.js';
import { degraded, healthy, progressing, suspended } from './answers.js';

export function jobHealth(object: unknown): Health {
  const all = conditionsAt(object);
  const failed = all.findLast((c) => c.type === 'Failed' && c.status !== 'False');
  if (failed) return degraded(failed.message || failed.reason);
  const paused = all.findLast((c) => c.type === 'Suspended');
  if (paused?.status === 'True') return suspended(paused.message);
  const complete = all.findLast((c) => c.type === 'Complete' && c.status !== 'False');
  if (complete) return healthy(complete.message);
  const last = all.findLast((c) => c.type === 'FailureTarget' || c.type === 'SuccessCriteriaMet');
  return progressing(last?.message || 'Waiting for the job to finish');
}
