import type { Health } from '../../model/index.js';
import { isWorse } from '../aggregate.js';
import { progressing, suspended } from '../kinds/answers.js';
import { isStale, staleMessage } from '../observed.js';
import { at, conditionsAt, isRecord, list, number, text } from '../read.js';
import { healthOfConditions } from './conditions.js';
import { statusOfWord } from './vocabulary.js';

const pauseSwitches = ['spec.suspend', 'spec.suspended', 'spec.paused', 'spec.pause'];
const words = [
  'status.phase',
  'status.state',
  'status.status',
  'status.health',
  'status.health.status',
  'status.currentState',
  'status.overallStatus',
];
/** Kinds that are done when they have ended: for them Running is not the goal. */
const meantToEnd = /(Job|Run|Task|Test|Workflow|Backup|Restore|Snapshot|Migration|Import|Export|Scan|Execution|Experiment|Build)$/;
/** Lists whose items carry conditions of their own, as the Gateway API has them. */
const holders = ['status.parents', 'status.ancestors', 'status.listeners'];

/**
 * The health of a kind for which there are no rules, from what controllers commonly write. Null where the status says
 * nothing that is commonly understood: such an object is not waited for.
 */
export function generalHealth(object: unknown): Health | null {
  if (!isRecord(at(object, 'status'))) return null;
  const found = fromStatus(object);
  if (!found) return null;
  if (isStale(object)) return progressing(staleMessage(object));
  if (pauseSwitches.some((path) => at(object, path) === true)) return suspended('Paused by its spec');
  return found;
}

function fromStatus(object: unknown): Health | undefined {
  const conditions = conditionsAt(object);
  for (const path of holders) for (const item of list(object, path)) conditions.push(...conditionsAt(item, 'conditions'));
  const read = healthOfConditions(conditions, object);
  const said = fromWords(object);
  // Conditions are the finer reading; a phase that says that all is lost is still believed.
  if (read) return said?.status === 'Degraded' && read.status !== 'Suspended' ? said : read;
  return said ?? fromCounts(object);
}

/** The worst of what the status says in one word; where two fields speak, both count. */
function fromWords(object: unknown): Health | undefined {
  let worst: Health | undefined;
  for (const path of words) {
    const word = text(object, path);
    let status = word === '' ? undefined : statusOfWord(word);
    if (!status) continue;
    if (status === 'Healthy' && /^(running|active|started)$/i.test(word) && meantToEnd.test(text(object, 'kind'))) status = 'Progressing';
    if (!worst || worst.status === 'Unknown' || (status !== 'Unknown' && isWorse(status, worst.status)))
      worst = { status, message: text(object, 'status.message') || text(object, 'status.reason') || word };
  }
  return worst;
}

/** What scales writes `replicas` and `readyReplicas`. */
function fromCounts(object: unknown): Health | undefined {
  const ready = number(object, 'status.readyReplicas');
  const all = number(object, 'status.replicas');
  const wanted = number(object, 'spec.replicas') ?? all;
  if (wanted === undefined || (ready === undefined && all === undefined)) return undefined;
  if (ready === undefined && at(object, 'status.availableReplicas') === undefined && wanted > 0) return undefined;
  const have = ready ?? number(object, 'status.availableReplicas') ?? 0;
  return have >= wanted ? { status: 'Healthy', message: '' } : progressing(`${have} of ${wanted} replicas are ready`);
}
