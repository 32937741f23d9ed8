import type { Health } from '../../model/index.js';
import { degraded, healthy, progressing, unknown } from '../kinds/answers.js';
import { number, text, values } from '../read.js';

/** Elasticsearch on ECK: as many nodes as all node sets together want, and then what the cluster says of itself. */
export function elasticsearchHealth(object: unknown): Health {
  const have = number(object, 'status.availableNodes');
  if (have === undefined) return unknown('The operator reports no nodes');
  let wanted = 0;
  for (const set of values(object, 'spec.nodeSets')) wanted += number(set, 'count') ?? 1;
  if (have < wanted) return progressing(`${have} of ${wanted} nodes are available`);
  const phase = text(object, 'status.phase');
  const color = text(object, 'status.health');
  if (have > wanted || color === '') return unknown(`${have} nodes are available, ${wanted} are wanted`);
  if (phase === 'ApplyingChanges' || phase === 'MigratingData') return progressing(`The cluster is ${phase}`);
  if (phase === 'Invalid') return degraded('The operator refuses the spec (Invalid)');
  if (phase !== 'Ready') return unknown(`The cluster is ${phase}`);
  const message = `Health is ${color}`;
  if (color === 'green') return healthy(message);
  return color === 'yellow' ? progressing(message) : color === 'red' ? degraded(message) : unknown(message);
}
