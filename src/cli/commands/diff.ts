import { toContract } from '../../gitops/index.js';
import { stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';
import { lookAtTarget, type OneOffOptions } from '../target.js';

export interface DiffCommandOptions extends GlobalOptions, OneOffOptions {
  prune?: boolean;
  takeBack?: boolean;
  adopt?: boolean;
  full?: boolean;
  exitCode?: boolean;
}

export function diffCommand(context: CommandContext, name: string | undefined, options: DiffCommandOptions): Promise<number> {
  return withWorkspace(context, options, async (workspace) => {
    const diff = await lookAtTarget(workspace, name, options, (id) =>
      workspace.gitops.generateDiff(id, {
        prune: options.prune,
        takeBack: options.takeBack,
        adopt: options.adopt,
        signal: context.signal,
      }),
    );
    if (options.output === 'json') context.terminal.out(stringifyJson(toContract(diff), 2));
    else showDiff(diff, context.terminal, { full: options.full === true });
    const differs = diff.summary.totalChanges > 0 || diff.summary.conflictCount > 0;
    return options.exitCode === true && differs ? exit.changes : exit.done;
  });
}
