import { type Plan, whatMoved } from '../compare/index.js';
import { type Approval, approvalFor, decideApproval, gateOf, listApprovals, planOf, requestApproval } from '../gates/index.js';
import { type Clock, EvenkeelError } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { WorkflowSettings } from './settings.js';
import type { ApprovalOptions, DiffOptions } from './types.js';

export interface ApprovalsInput {
  store: Store;
  clock: Clock;
  workflowId: string;
  settings: WorkflowSettings;
  by: string;
  /** The plan as it is now. */
  planNow: (choices: Pick<DiffOptions, 'prune' | 'takeBack' | 'adopt'>) => Promise<Plan>;
}

/**
 * Writes a person's word on what a workflow waits for: on exactly the plan that was requested, or that the
 * caller hands in, and only while it still is the plan.
 * @throws EvenkeelError APPROVAL_NOTHING where nothing has to be approved; PLAN_MOVED naming what is another now
 */
export async function giveWord(input: ApprovalsInput, state: 'approved' | 'rejected', options: ApprovalOptions): Promise<Approval> {
  const { store, clock, workflowId, settings, by } = input;
  const policy = settings.approval;
  const pending = (await listApprovals(store, workflowId, clock.now())).find((approval) => approval.state === 'pending');
  const seen = options.plan ?? (pending === undefined ? undefined : await planOf(store, pending));
  const plan = await input.planNow(seen?.choices ?? {});
  const nothing = (why: string, hint?: string) => new EvenkeelError('APPROVAL_NOTHING', `workflow "${workflowId}": ${why}`, { hint });
  if (plan.diff.summary.conflictCount > 0)
    throw nothing('its diff has conflicts, which no approval lets pass', `Solve them first: evenkeel diff ${workflowId}`);
  const gate = gateOf(policy, plan.diff);
  if (gate === undefined)
    throw plan.diff.summary.totalChanges === 0
      ? nothing('there is nothing to do, so there is nothing to decide')
      : nothing('these changes need no approval', 'Set approval_required or approval_impact where they shall.');
  const moved = seen === undefined ? [] : whatMoved(seen, plan);
  const { approval } = await requestApproval({ store, plan, gate, policy, now: clock.now(), by });
  if (moved.length > 0)
    throw new EvenkeelError('PLAN_MOVED', `what was asked for has changed: ${moved.join('; ')}`, {
      hint: `Look at it again (evenkeel diff ${workflowId}), then decide.`,
      details: { moved },
    });
  const decided = await decideApproval(store, approval, { state, by, reason: options.reason, now: clock.now(), policy });
  await store.audit.append({
    at: clock.now(),
    actor: by,
    action: state === 'approved' ? 'approve' : 'reject',
    subject: workflowId,
    reason: options.reason,
    detail: { approval: decided.id, revision: decided.revision, summary: decided.summary, digest: decided.digest },
  });
  return decided;
}

/** What a diff says of the approval that a sync of it would need. */
export async function approvalOf({ store, clock, settings }: ApprovalsInput, plan: Plan) {
  const gate = plan.diff.summary.conflictCount > 0 ? undefined : gateOf(settings.approval, plan.diff);
  if (gate === undefined) return undefined;
  const approval = await approvalFor(store, plan, clock.now());
  return {
    because: gate,
    ...(approval === undefined ? {} : { id: approval.id }),
    state: approval?.state ?? ('needed' as const),
    ...(approval?.decidedBy === undefined ? {} : { by: approval.decidedBy }),
    ...(approval?.reason === undefined ? {} : { reason: approval.reason }),
  };
}
