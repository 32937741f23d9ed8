import { count, describeKey } from '../model/index.js';
import type { Comparison } from './types.js';

const pruneLimitObjects = 5;
const pruneLimitShare = 0.5;

export interface PruneRefusal {
  code: 'SYNC_EMPTY_RENDER' | 'SYNC_PRUNE_LIMIT';
  message: string;
  hint: string;
}

/**
 * Why a sync does not delete what left Git, unless it is told to: nothing at all is left in Git, or more than half
 * of the inventory and more than 5 objects would go.
 * @param inventorySize how many objects the workflow had before
 */
export function pruneRefusal({ items, prune, leftAlone = 0 }: Comparison, inventorySize: number): PruneRefusal | undefined {
  if (prune.length === 0) return undefined;
  if (items.length + leftAlone === 0) {
    return {
      code: 'SYNC_EMPTY_RENDER',
      message: `Git has no objects at this path, and the cluster has ${count(prune.length, 'object')} of this workflow`,
      hint: 'Check the path and the branch. If everything is really to be deleted, repeat with --allow-mass-prune.',
    };
  }
  if (prune.length <= pruneLimitObjects || prune.length <= inventorySize * pruneLimitShare) return undefined;
  const some = prune.slice(0, 3).map((candidate) => describeKey(candidate.key));
  return {
    code: 'SYNC_PRUNE_LIMIT',
    message: `this sync would delete ${prune.length} of ${count(inventorySize, 'object')}, among them ${some.join(', ')}`,
    hint: 'Look at "evenkeel diff". If it is right, repeat with --allow-mass-prune.',
  };
}
