import { type PlanChoices, whatMoved } from '../compare/index.js';
import { type Approval, checkApproval, gateOf, requestApproval } from '../gates/index.js';
import { type Hold, holdOf } from '../history/index.js';
import { EvenkeelError } from '../model/index.js';
import { freeze, type Prepared } from './prepare.js';
import type { RunInput } from './run.js';

/**
 * Holds a sync against the plan that it was asked for, and against the approval that its workflow wants.
 * @returns the approval that it goes ahead on, where it needs one
 * @throws EvenkeelError PLAN_MOVED, APPROVAL_PENDING, APPROVAL_REJECTED
 */
export async function passGates(
  { workflow, settings, store, clock, options, requestedBy }: RunInput,
  prepared: Prepared,
  choices: PlanChoices,
): Promise<Approval | undefined> {
  const { diff } = prepared;
  const gate = diff.summary.conflictCount === 0 ? gateOf(settings.approval, diff) : undefined;
  if (options.plan === undefined && gate === undefined) return undefined;
  const plan = await freeze(prepared, { workflowId: workflow.id, store, choices, now: clock.now() });
  if (options.plan !== undefined) {
    const moved = whatMoved(options.plan, plan);
    if (moved.length > 0)
      throw new EvenkeelError('PLAN_MOVED', `the plan of ${options.plan.createdAt} does not fit any more: ${moved.join('; ')}`, {
        hint: `Make a new one and look at it: evenkeel plan ${workflow.id} -o FILE`,
        details: { moved },
      });
  }
  if (gate === undefined) return undefined;
  const { approval, fresh } = await requestApproval({ store, plan, gate, policy: settings.approval, now: clock.now(), by: requestedBy });
  if (fresh) {
    await store.audit.append({
      at: clock.now(),
      actor: requestedBy,
      action: 'approval-requested',
      subject: workflow.id,
      reason: gate,
      detail: { approval: approval.id, revision: approval.revision, summary: approval.summary, impact: approval.impact },
    });
  }
  checkApproval(approval);
  return approval;
}

/**
 * After a rollback the revision that was rolled back from does not come back by itself.
 * @returns the hold that any other revision ends
 * @throws EvenkeelError WORKFLOW_HELD
 */
export async function passHold({ workflow, store }: RunInput, revision: string): Promise<Hold | undefined> {
  const hold = await holdOf(store, workflow.id);
  if (hold?.revision === revision) {
    throw new EvenkeelError(
      'WORKFLOW_HELD',
      `workflow "${workflow.id}" is held: revision ${revision.slice(0, 12)} was rolled back by ${hold.by} (${hold.reason})`,
      {
        hint: `Commit a correction, or let this revision in again: evenkeel resume ${workflow.id}`,
        details: { hold },
      },
    );
  }
  return hold;
}
