import { blockers } from '../compare/index.js';
import { count, describeKey, EvenkeelError } from '../model/index.js';
import type { SyncInput } from './types.js';

const pruneLimitObjects = 5;
const pruneLimitShare = 0.5;

/**
 * Refuses, before anything is written, what nobody can have meant.
 * @throws EvenkeelError SYNC_BLOCKED, SYNC_EMPTY_RENDER, SYNC_PRUNE_LIMIT
 */
export function guard({ workflowId, comparison, inventorySize, settings }: SyncInput): void {
  const blocked = blockers(comparison);
  if (blocked.length > 0) {
    const shown = blocked.slice(0, 3).join('; ');
    throw new EvenkeelError(
      'SYNC_BLOCKED',
      `${count(blocked.length, 'conflict')} stand${blocked.length === 1 ? 's' : ''} in the way: ${shown}${blocked.length > 3 ? ` and ${blocked.length - 3} more` : ''}`,
      {
        hint: firstSuggestion(comparison) ?? `See them all: evenkeel diff ${workflowId}`,
        details: { conflicts: blocked },
      },
    );
  }
  const { prune } = comparison;
  if (settings.allowMassPrune || prune.length === 0) return;
  if (comparison.items.length === 0) {
    throw new EvenkeelError(
      'SYNC_EMPTY_RENDER',
      `Git has no objects at this path, and the cluster has ${count(prune.length, 'object')} of this workflow`,
      {
        hint: 'Check the path and the branch. If everything is really to be deleted, repeat with --allow-mass-prune.',
      },
    );
  }
  if (prune.length > pruneLimitObjects && prune.length > inventorySize * pruneLimitShare) {
    throw new EvenkeelError(
      'SYNC_PRUNE_LIMIT',
      `this sync would delete ${prune.length} of ${count(inventorySize, 'object')}, among them ${prune
        .slice(0, 3)
        .map((p) => describeKey(p.key))
        .join(', ')}`,
      {
        hint: 'Look at "evenkeel diff". If it is right, repeat with --allow-mass-prune.',
      },
    );
  }
}

function firstSuggestion(comparison: SyncInput['comparison']): string | undefined {
  for (const item of comparison.items)
    for (const conflict of item.conflicts)
      if (conflict.resolution === 'blocked' && conflict.suggestions[0] !== undefined) return conflict.suggestions[0];
  return undefined;
}
