import { type Approval, toContract } from '../../gitops/index.js';
import { EvenkeelError, stringifyJson } from '../../model/index.js';
import { confirm } from '../confirm.js';
import { type CommandContext, type GlobalOptions, withWorkspace } from '../context.js';
import { oneLine } from '../output.js';
import { readPlanFile } from '../plan-file.js';
import { exit } from '../report.js';
import { showDiff } from '../show-diff.js';
import { targetWorkflow } from '../target.js';

export interface ApproveCommandOptions extends GlobalOptions {
  reason?: string;
  plan?: string;
  approval?: string;
  yes?: boolean;
}

export function approveCommand(context: CommandContext, name: string | undefined, options: ApproveCommandOptions): Promise<number> {
  return decideCommand(context, name, options, 'approved');
}

export function rejectCommand(context: CommandContext, name: string | undefined, options: ApproveCommandOptions): Promise<number> {
  return decideCommand(context, name, options, 'rejected');
}

/**
 * Writes down what a person says of the changes that a workflow waits with: of exactly those that it shows.
 */
function decideCommand(
  context: CommandContext,
  name: string | undefined,
  options: ApproveCommandOptions,
  state: 'approved' | 'rejected',
): Promise<number> {
  const { terminal, signal } = context;
  return withWorkspace(context, options, async (workspace) => {
    const { gitops } = workspace;
    const given = options.plan === undefined ? undefined : await readPlanFile(context.directory, options.plan);
    const id = await targetWorkflow(workspace, name ?? given?.workflowId, {});
    const json = options.output === 'json';
    const requested = (await gitops.approvals(id)).find((approval) => approval.state === 'pending');
    if (options.approval !== undefined && requested?.id !== options.approval)
      throw new EvenkeelError(
        'USAGE',
        `${options.approval} is not what "${id}" waits for${requested === undefined ? '' : `: that is ${requested.id}`}`,
        {
          hint: `Look at it again: evenkeel diff ${id}`,
        },
      );
    // What is shown here is what the word is given on: anything that moves from now on voids it.
    const plan = given ?? (await gitops.plan(id, { ...requested?.choices, signal }));
    const changes = plan.diff.summary.totalChanges > 0 && plan.diff.summary.conflictCount === 0;
    if (changes && !json) showDiff(plan.diff, terminal, { full: false });
    const question = state === 'approved' ? 'Approve these changes?' : 'Reject these changes?';
    // Without a terminal the command itself is the word on what a sync has asked for.
    const known = (await gitops.approvals(id)).some((one) => one.state !== 'expired' && one.finished !== true);
    const settled = options.yes === true || given !== undefined || (known && !terminal.interactive);
    if (changes && !settled && !(await confirm(terminal, question, '--yes'))) return exit.failed;
    const decide = state === 'approved' ? gitops.approveWorkflow : gitops.rejectWorkflow;
    const approval = await decide(id, { reason: options.reason, signal, plan });
    if (json) terminal.out(stringifyJson(toContract(approval), 2));
    else terminal.out(describe(approval));
    return exit.done;
  });
}

function describe({ workflowId, state, summary, revision, decidedBy, expiresAt }: Approval): string {
  const what = `${summary} of ${workflowId} at revision ${revision.slice(0, 12)}`;
  if (state === 'rejected') return `Rejected by ${oneLine(decidedBy ?? '')}: ${what}. It is not applied until something changes.`;
  const until = new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ');
  return `Approved by ${oneLine(decidedBy ?? '')}: ${what}, until ${until} UTC. Next: evenkeel sync ${workflowId}`;
}
