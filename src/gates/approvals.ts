import { changeDigest, coveredDigests, type Diff, type Impact, type Plan, summaryLine } from '../compare/index.js';
import { EvenkeelError, hashJson, newId } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { Approval } from './types.js';

const kind = 'approval';
/** Plans of approvals, by the approval's id. */
const planKind = 'approval-plan';
/** Approvals that are kept of each workflow. */
const kept = 200;

const order: readonly Impact[] = ['low', 'medium', 'high', 'critical'];

/** When a workflow's syncs wait for a person. */
export interface ApprovalPolicy {
  /** Before every sync that changes something. */
  required: boolean;
  /** Before a sync with a change of this impact or a higher one. */
  impact: Impact | undefined;
  /** How long a request, and an approval that was given, hold: milliseconds. */
  lifetimeMs: number;
}

function highestImpact({ changes }: Diff): Impact {
  return changes.reduce<Impact>((worst, { impact }) => (order.indexOf(impact) > order.indexOf(worst) ? impact : worst), 'low');
}

/** Why a diff has to be approved; undefined where it may go ahead. */
export function gateOf(policy: ApprovalPolicy, diff: Diff): string | undefined {
  if (diff.summary.totalChanges === 0) return undefined;
  if (policy.required) return 'every sync of this workflow is approved by a person';
  if (policy.impact === undefined) return undefined;
  const grave = diff.changes.filter((change) => order.indexOf(change.impact) >= order.indexOf(policy.impact as Impact));
  const first = grave[0];
  // What a hook does is not in the diff: it counts as medium.
  const hook = diff.hooks[0];
  if (first === undefined && hook !== undefined && order.indexOf(policy.impact) <= order.indexOf('medium'))
    return `the ${hook.phase} hook ${hook.resource} runs, and from ${policy.impact} on a person approves`;
  if (first === undefined) return undefined;
  const more = grave.length > 1 ? ` and ${grave.length - 1} more` : '';
  return `${first.resource}${more} has ${first.impact} impact, and from ${policy.impact} on a person approves`;
}

/** Newest first, with what has run out told as expired. */
export async function listApprovals(store: Store, workflowId: string, now: number): Promise<Approval[]> {
  const found: Approval[] = [];
  for (const { id } of await store.documents.list(kind, { workflowId })) {
    const document = await store.documents.get(kind, id);
    if (document !== undefined) found.push(aged(document.value as Approval, now));
  }
  return found;
}

function aged(approval: Approval, now: number): Approval {
  const open = approval.state === 'pending' || (approval.state === 'approved' && approval.usedBy === undefined);
  return open && now >= approval.expiresAt ? { ...approval, state: 'expired', reason: 'nobody used it in time' } : approval;
}

async function put(store: Store, approval: Approval): Promise<Approval> {
  await store.documents.put(kind, { id: approval.id, workflowId: approval.workflowId, at: approval.requestedAt, value: approval });
  return approval;
}

/** Hash of what Git wants by a plan, whatever the cluster has. */
function renderedOf(plan: Plan): string {
  return hashJson(plan.desired);
}

export interface GateInput {
  store: Store;
  plan: Plan;
  gate: string;
  policy: ApprovalPolicy;
  /** Milliseconds since the epoch. */
  now: number;
  by: string;
}

/**
 * What is known about a plan: the approval that covers it, or the request for one, which is made where
 * there is none. Requests and approvals for another content of the workflow expire.
 */
export async function requestApproval({ store, plan, gate, policy, now, by }: GateInput): Promise<{ approval: Approval; fresh: boolean }> {
  const all = await listApprovals(store, plan.workflowId, now);
  const mine = all.find((approval) => covers(approval, plan));
  for (const other of all) {
    if (other === mine || other.usedBy !== undefined || (other.state !== 'pending' && other.state !== 'approved')) continue;
    await put(store, { ...other, state: 'expired', reason: 'the plan that it was for has changed' });
  }
  if (mine !== undefined) return { approval: mine, fresh: false };
  await forgetOld(store, plan.workflowId);
  const approval = await put(store, {
    id: newId('approval', now),
    workflowId: plan.workflowId,
    state: 'pending',
    digest: plan.digest,
    changes: plan.changes.flatMap(coveredDigests),
    choices: plan.choices,
    rendered: renderedOf(plan),
    revision: plan.revision,
    gate,
    impact: highestImpact(plan.diff),
    summary: summaryLine(plan.diff),
    requestedAt: now,
    requestedBy: by,
    expiresAt: now + policy.lifetimeMs,
  });
  await store.documents.put(planKind, { id: approval.id, workflowId: plan.workflowId, at: now, value: plan });
  return { approval, fresh: true };
}

/** The plan that an approval is about. */
export async function planOf(store: Store, approval: Approval): Promise<Plan | undefined> {
  return (await store.documents.get(planKind, approval.id))?.value as Plan | undefined;
}

/** The approval that covers a plan, if there is one; asks for none. */
export async function approvalFor(store: Store, plan: Plan, now: number): Promise<Approval | undefined> {
  return (await listApprovals(store, plan.workflowId, now)).find((approval) => covers(approval, plan));
}

/**
 * An approval covers exactly its plan; once a run has begun on it, it also covers what is left to do of it,
 * as long as Git wants the same.
 */
function covers(approval: Approval, plan: Plan): boolean {
  if (approval.state === 'expired' || approval.finished === true) return false;
  if (approval.digest === plan.digest) return true;
  if (approval.usedBy === undefined || approval.state !== 'approved' || approval.rendered !== renderedOf(plan)) return false;
  const approved = new Set(approval.changes);
  return plan.changes.every((change) => approved.has(changeDigest(change)));
}

async function forgetOld(store: Store, workflowId: string): Promise<void> {
  const all = await store.documents.list(kind, { workflowId });
  const gone = all.slice(kept - 1).map((document) => document.id);
  await store.documents.remove(kind, gone);
  await store.documents.remove(planKind, gone);
}

/** An approval is good for one sync, its retries included: when that has ended, however it ended, the next one asks again. */
export async function finishApprovals(store: Store, workflowId: string, now: number): Promise<void> {
  for (const approval of await listApprovals(store, workflowId, now)) {
    if (approval.usedBy !== undefined && approval.finished !== true) await put(store, { ...approval, finished: true });
  }
}

/**
 * Notes that a run goes ahead on an approval, as it stands at this moment.
 * @throws EvenkeelError APPROVAL_REJECTED, APPROVAL_PENDING where it was taken back or has run out since the run asked
 */
export async function useApproval(
  store: Store,
  { approval, runId, now }: { approval: Approval; runId: string; now: number },
): Promise<void> {
  const document = await store.documents.get(kind, approval.id);
  const current = document === undefined ? approval : aged(document.value as Approval, now);
  checkApproval(current);
  if (current.usedBy === undefined) await put(store, { ...current, usedBy: runId });
}

export interface Decision {
  state: 'approved' | 'rejected';
  by: string;
  reason: string | undefined;
  now: number;
  policy: ApprovalPolicy;
}

/** Writes a person's decision on a request. */
export async function decideApproval(store: Store, approval: Approval, { state, by, reason, now, policy }: Decision): Promise<Approval> {
  if (approval.usedBy !== undefined)
    throw new EvenkeelError('APPROVAL_NOTHING', `these changes were approved, and run ${approval.usedBy} carries them out already`, {
      hint: 'Stop that run, or roll back what it does.',
    });
  const { reason: _old, ...rest } = approval;
  return put(store, {
    ...rest,
    state,
    decidedAt: now,
    decidedBy: by,
    expiresAt: now + policy.lifetimeMs,
    ...(reason === undefined ? {} : { reason }),
  });
}

/** @throws EvenkeelError APPROVAL_PENDING, APPROVAL_REJECTED where the sync may not go ahead */
export function checkApproval(approval: Approval): void {
  const { workflowId, state, gate, decidedBy, reason } = approval;
  if (state === 'approved') return;
  const details = { approval: approval.id, state };
  if (state === 'rejected')
    throw new EvenkeelError(
      'APPROVAL_REJECTED',
      `this plan of workflow "${workflowId}" was rejected by ${decidedBy ?? 'somebody'}${reason === undefined ? '' : `: ${reason}`}`,
      { hint: `Change it in Git, or let it be after all: evenkeel approve ${workflowId}`, details },
    );
  throw new EvenkeelError('APPROVAL_PENDING', `workflow "${workflowId}" waits for approval: ${gate}`, {
    hint: `Look at it and decide: evenkeel diff ${workflowId}, then evenkeel approve ${workflowId} or evenkeel reject ${workflowId}`,
    details,
  });
}
