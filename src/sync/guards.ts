import { blockers, pruneRefusal } from '../compare/index.js';
import { count, EvenkeelError } from '../model/index.js';
import type { SyncInput } from './types.js';

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
  const refusal = settings.allowMassPrune ? undefined : pruneRefusal(comparison, inventorySize);
  if (refusal !== undefined) throw new EvenkeelError(refusal.code, refusal.message, { hint: refusal.hint });
}

function firstSuggestion(comparison: SyncInput['comparison']): string | undefined {
  for (const item of comparison.items)
    for (const conflict of item.conflicts)
      if (conflict.resolution === 'blocked' && conflict.suggestions[0] !== undefined) return conflict.suggestions[0];
  return undefined;
}
