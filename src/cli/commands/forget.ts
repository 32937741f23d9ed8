import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { exit } from '../report.js';

/** Forgets a workflow that evenkeel.yaml does not declare; its objects stay where they are. */
export function forgetCommand(context: CommandContext, id: string, options: GlobalOptions): Promise<number> {
  return withWorkspace(context, options, async ({ gitops, declared }) => {
    if (declared.includes(id))
      throw new EvenkeelError('USAGE', `workflow "${id}" stands in the configuration file`, { hint: 'Remove it there, then forget it.' });
    await gitops.forgetWorkflow(id);
    if (options.output === 'json') context.terminal.out(stringifyJson({ workflow_id: id, forgotten: true }, 2));
    else context.terminal.out(`${id} is forgotten. Its objects stay in the cluster; a workflow of the same id takes them on again.`);
    return exit.done;
  });
}
