import type { Plan } from '../../compare/index.js';
import { toContract } from '../../gitops/index.js';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { readPlanFile } from '../plan-file.js';
import { errorLines, exit } from '../report.js';
import { syncView } from '../show-sync.js';
import { type OneOffOptions, syncTarget } from '../target.js';

export interface SyncCommandOptions extends GlobalOptions, OneOffOptions {
  prune?: boolean;
  takeBack?: boolean;
  adopt?: boolean;
  allowMassPrune?: boolean;
  reason?: string;
  plan?: string;
}

export function syncCommand(context: CommandContext, name: string | undefined, options: SyncCommandOptions): Promise<number> {
  const { terminal, signal } = context;
  return withWorkspace(context, options, async (workspace) => {
    const plan = options.plan === undefined ? undefined : await readPlanFile(context.directory, options.plan);
    const named = options.repo === undefined ? (name ?? plan?.workflowId) : name;
    const json = options.output === 'json';
    // With JSON on standard output, progress goes to standard error as plain lines.
    const view = syncView(json ? { ...terminal, live: false, out: terminal.err } : terminal);
    try {
      const { id, report } = await syncTarget(workspace, named, options, async (target) => {
        checkPlan(plan, target, options);
        const done = await workspace.gitops.syncWorkflow(target, {
          ...(plan === undefined ? {} : { plan }),
          prune: options.prune,
          takeBack: options.takeBack,
          adopt: options.adopt,
          allowMassPrune: options.allowMassPrune,
          createNamespace: options.createNamespace,
          healthTimeout: options.healthTimeout,
          noWait: options.wait === false,
          reason: options.reason,
          signal,
          onEvent: view.onEvent,
        });
        return { id: target, report: done, commitHash: done.commitHash };
      });
      view.end(report);
      if (json) terminal.out(stringifyJson(toContract({ ...report, workflowId: id }), 2));
      else if (!report.success && report.error !== undefined && report.status !== 'cancelled') {
        const { code, message, hint, where, details } = report.error as {
          code: 'INTERNAL';
          message: string;
          hint?: string;
          where?: object;
          details?: { [key: string]: unknown };
        };
        for (const line of errorLines(new EvenkeelError(code, message, { hint, where, details }), terminal).slice(1)) terminal.err(line);
      }
      if (report.success) return exit.done;
      return report.status === 'cancelled' ? exit.interrupted : exit.failed;
    } catch (error) {
      view.abandon();
      throw error;
    }
  });
}

/** @throws EvenkeelError USAGE where the plan is another workflow's, or choices are made beside it */
function checkPlan(plan: Plan | undefined, id: string, options: SyncCommandOptions): void {
  if (plan === undefined) return;
  if (plan.workflowId !== id) throw new EvenkeelError('USAGE', `the plan is one of workflow "${plan.workflowId}", not of "${id}"`);
  for (const [flag, given] of [
    ['--prune', options.prune],
    ['--take-back', options.takeBack],
    ['--adopt', options.adopt],
  ] as const)
    if (given === true)
      throw new EvenkeelError('USAGE', `${flag} and --plan do not go together`, {
        hint: `Make a plan with it: evenkeel plan ${id} ${flag} -o FILE`,
      });
}
