import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';
import { type OneOffOptions, targetWorkflow } from '../target.js';

export interface PlanCommandOptions extends Omit<GlobalOptions, 'output'>, OneOffOptions {
  /** A file; `json` and `-` for standard output. */
  output?: string;
  prune?: boolean;
  takeBack?: boolean;
  adopt?: boolean;
  full?: boolean;
}

/** Shows a diff and freezes it, so that exactly it can be applied later. */
export function planCommand(context: CommandContext, name: string | undefined, options: PlanCommandOptions): Promise<number> {
  const { output, ...rest } = options;
  const printed = output === 'json' || output === '-';
  const { terminal } = context;
  return withWorkspace(context, rest, async (workspace) => {
    const id = await targetWorkflow(workspace, name, options);
    const plan = await workspace.gitops.plan(id, {
      prune: options.prune,
      takeBack: options.takeBack,
      adopt: options.adopt,
      signal: context.signal,
    });
    const text = stringifyJson(plan, 2);
    if (printed) {
      terminal.out(text);
      return exit.done;
    }
    showDiff(plan.diff, terminal, { full: options.full === true });
    if (output === undefined) {
      terminal.out(`Not kept. To apply exactly this later: evenkeel plan ${id} -o FILE`);
      return exit.done;
    }
    const file = resolve(context.directory, output);
    await writeFile(file, `${text}\n`, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new EvenkeelError('USAGE', `the plan cannot be written: ${error.message}`, { where: { file: output } });
    });
    terminal.out(`Kept in ${output}. Apply exactly this: evenkeel sync --plan ${output}`);
    return exit.done;
  });
}
