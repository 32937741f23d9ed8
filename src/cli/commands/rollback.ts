import { toContract } from '../../gitops/index.js';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { confirm } from '../confirm.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine } from '../output.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';
import { syncView } from '../show-sync.js';
import { targetWorkflow } from '../target.js';

export interface RollbackCommandOptions extends GlobalOptions {
  revision?: string;
  time?: string;
  run?: string;
  reason?: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** Shows what a rollback would do, asks, and does it. */
export function rollbackCommand(context: CommandContext, name: string | undefined, options: RollbackCommandOptions): Promise<number> {
  const { terminal, signal } = context;
  return withWorkspace(context, options, async (workspace) => {
    const { gitops } = workspace;
    const id = await targetWorkflow(workspace, name, {});
    const where = { revision: options.revision, time: options.time, run: options.run, signal };
    const json = options.output === 'json';
    const chatter = json ? { ...terminal, live: false, out: terminal.err } : terminal;
    const held = (await gitops.getWorkflowStatus(id)).hold;
    const back = held === undefined ? undefined : (await gitops.history(id, 200)).find((run) => run.id === held.runId);
    const preview =
      held !== undefined &&
      back?.status === 'succeeded' &&
      options.revision === undefined &&
      options.time === undefined &&
      options.run === undefined
        ? undefined
        : await gitops.previewRollback(id, where);
    if (preview !== undefined) {
      if (options.dryRun === true && json) {
        terminal.out(stringifyJson(toContract(preview), 2));
        return exit.done;
      }
      chatter.out(`${terminal.style('bold', 'Back to')} ${oneLine(preview.to)}`);
      showDiff(preview.diff, chatter, { full: false });
    } else {
      chatter.out(`Rolled back already, and held since then (${oneLine(held?.reason ?? '')}). Further back: --revision, --time or --run.`);
      if (options.dryRun === true && json) terminal.out(stringifyJson(toContract({ diff: null, to: null, hold: held }), 2));
    }
    if (options.dryRun === true) return exit.done;
    if (preview !== undefined && options.yes !== true && !(await confirm(terminal, 'Roll back?', '--yes'))) return exit.failed;
    const view = syncView(chatter);
    const report = await gitops
      .rollbackWorkflow(id, options.reason ?? 'rolled back by hand', { ...where, onEvent: view.onEvent })
      .catch((error: unknown) => {
        view.abandon();
        throw error;
      });
    view.end({ ...report, message: report.message });
    if (json) terminal.out(stringifyJson(toContract({ ...report, workflowId: id }), 2));
    else if (report.success) terminal.out(`Held: auto-sync leaves ${id} alone until a newer revision comes, or: evenkeel resume ${id}`);
    if (report.success) return exit.done;
    return report.status === 'cancelled' ? exit.interrupted : exit.failed;
  });
}

export interface ResumeCommandOptions extends GlobalOptions {
  reason?: string;
}

export function resumeCommand(context: CommandContext, name: string | undefined, options: ResumeCommandOptions): Promise<number> {
  return withWorkspace(context, options, async (workspace) => {
    const id = await targetWorkflow(workspace, name, {});
    const released = await workspace.gitops.resumeWorkflow(id, options.reason);
    if (options.output === 'json') context.terminal.out(stringifyJson({ workflow_id: id, released }, 2));
    else if (released) context.terminal.out(`${id} is no longer held`);
    else throw new EvenkeelError('USAGE', `workflow "${id}" is not held`);
    return exit.done;
  });
}
