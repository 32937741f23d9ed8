import type { PlanChoices } from '../compare/index.js';
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
