import { whatMoved } from '../compare/index.js';
import { checkApproval, gateOf, requestApproval, useApproval } from '../gates/index.js';
import { holdOf, releaseHold } from '../history/index.js';
import { EvenkeelError } from '../model/index.js';
import type { RunRecord } from '../store/index.js';
import { choicesOf } from './choices.js';
import { freeze, type Prepared } from './prepare.js';
import type { RunInput } from './run.js';

/**
 * Holds a sync against the plan that it was asked for, and against the approval that its workflow wants.
 * @throws EvenkeelError PLAN_MOVED, APPROVAL_PENDING, APPROVAL_REJECTED
 */
export async function passGates(
  { workflow, settings, store, clock, options, requestedBy }: RunInput,
  prepared: Prepared,
  run: RunRecord,
): Promise<void> {
  const { diff } = prepared;
  const gate = diff.summary.conflictCount === 0 ? gateOf(settings.approval, diff) : undefined;
  if (options.plan === undefined && gate === undefined) return;
  const plan = await freeze(prepared, { workflowId: workflow.id, store, choices: choicesOf(settings, options), now: clock.now() });
  if (options.plan !== undefined) {
    const moved = whatMoved(options.plan, plan);
    if (moved.length > 0)
      throw new EvenkeelError('PLAN_MOVED', `the plan of ${options.plan.createdAt} does not fit any more: ${moved.join('; ')}`, {
        hint: `Make a new one and look at it: evenkeel plan ${workflow.id} -o FILE`,
        details: { moved },
      });
  }
  if (gate === undefined) return;
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
  await useApproval(store, approval, run.id);
}

/**
 * After a rollback the revision that was rolled back from does not come back by itself; any other one ends the hold.
 * @throws EvenkeelError WORKFLOW_HELD
 */
export async function releaseByRevision({ workflow, store }: RunInput, revision: string): Promise<void> {
  const hold = await holdOf(store, workflow.id);
  if (hold === undefined) return;
  if (hold.revision === revision) {
    throw new EvenkeelError(
      'WORKFLOW_HELD',
      `workflow "${workflow.id}" is held: revision ${revision.slice(0, 12)} was rolled back by ${hold.by} (${hold.reason})`,
      {
        hint: `Commit a correction, or let this revision in again: evenkeel resume ${workflow.id}`,
        details: { hold },
      },
    );
  }
  await releaseHold(store, workflow.id);
}
