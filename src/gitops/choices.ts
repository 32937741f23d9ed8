import type { PlanChoices } from '../compare/index.js';
import { listApprovals } from '../gates/index.js';
import type { RunInput } from './run.js';
import type { WorkflowSettings } from './settings.js';
import type { SyncOptions } from './types.js';

/** What a sync does beyond its workflow's settings; of a plan, what it was made with. */
export function choicesOf(settings: WorkflowSettings, options: Pick<SyncOptions, 'prune' | 'takeBack' | 'adopt' | 'plan'>): PlanChoices {
  return (
    options.plan?.choices ?? {
      prune: options.prune ?? settings.autoPrune,
      takeBack: options.takeBack ?? settings.autoSync,
      adopt: options.adopt ?? false,
    }
  );
}

/**
 * The choices of a sync; one that is given none takes those that were asked for approval with, so that what a
 * person has approved, or is about to, is what the next sync means.
 */
export async function openChoices({
  store,
  workflow,
  settings,
  clock,
  options,
}: Pick<RunInput, 'store' | 'workflow' | 'settings' | 'clock' | 'options'>): Promise<PlanChoices> {
  const gated = settings.approval.required || settings.approval.impact !== undefined;
  const given = [options.plan, options.prune, options.takeBack, options.adopt].some((choice) => choice !== undefined);
  if (!gated || given) return choicesOf(settings, options);
  const open = (await listApprovals(store, workflow.id, clock.now())).find(
    (one) => one.finished !== true && (one.state === 'approved' || one.state === 'pending'),
  );
  return open?.choices ?? choicesOf(settings, options);
}
