import type { Health, HealthStatus } from '../../model/index.js';
import { healthy, progressing } from '../kinds/answers.js';
import { at, number, text, values } from '../read.js';

const states = new Map<string, HealthStatus>([
  ['SUBMITTED', 'Progressing'],
  ['PENDING_RERUN', 'Progressing'],
  ['SUCCEEDING', 'Progressing'],
  ['UNKNOWN', 'Progressing'],
  ['COMPLETED', 'Healthy'],
  ['FAILED', 'Degraded'],
  ['SUBMISSION_FAILED', 'Degraded'],
  ['FAILING', 'Degraded'],
  ['INVALIDATING', 'Missing'],
]);

/** A Spark application that runs (a stream, mostly) is Healthy with as many executors as it asks for. */
export function sparkHealth(object: unknown): Health {
  const state = text(object, 'status.applicationState.state');
  const status = states.get(state);
  if (status) return { status, message: text(object, 'status.applicationState.errorMessage') || state };
  if (state !== 'RUNNING') return progressing('Waiting for the application to be submitted');
  if (at(object, 'status.executorState') === undefined) return progressing('Waiting for executors');
  const running = values(object, 'status.executorState').filter((s) => s === 'RUNNING').length;
  const [least, most] = executors(object);
  return running >= least && running <= most
    ? healthy(`${running} executors are running`)
    : progressing(`${running} executors are running`);
}

function executors(object: unknown): [least: number, most: number] {
  const fixed = number(object, 'spec.executor.instances');
  const running = values(object, 'status.executorState').filter((s) => s === 'RUNNING').length;
  if (fixed !== undefined && fixed === running) return [fixed, fixed];
  if (at(object, 'spec.dynamicAllocation.enabled') === true)
    return [
      number(object, 'spec.dynamicAllocation.minExecutors') ?? 0,
      number(object, 'spec.dynamicAllocation.maxExecutors') ?? Number.POSITIVE_INFINITY,
    ];
  for (const prefix of ['spark.streaming.dynamicAllocation', 'spark.dynamicAllocation']) {
    const setting = (name: string) => text(object, ['spec', 'sparkConf', `${prefix}.${name}`]);
    if (setting('enabled') === 'true')
      return [Number(setting('minExecutors') || 0), Number(setting('maxExecutors') || Number.POSITIVE_INFINITY)];
  }
  if (fixed !== undefined) return [fixed, fixed];
  return at(object, 'spec.dynamicAllocation') === undefined ? [1, Number.POSITIVE_INFINITY] : [Number.POSITIVE_INFINITY, 0];
}
