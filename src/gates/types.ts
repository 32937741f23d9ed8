import type { Impact, PlanChoices } from '../compare/index.js';

export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'expired';

/** A person's word, or the want of it, on one plan. Bound to the plan's content: another plan needs another one. */
export interface Approval {
  id: string;
  workflowId: string;
  state: ApprovalState;
  /** Of the plan. */
  digest: string;
  /** Of each of its changes, so that what is left of a plan that failed half-way is still covered. */
  changes: string[];
  /** What was chosen for the sync that asked. */
  choices: PlanChoices;
  /** Hash of what Git wanted. */
  rendered: string;
  revision: string;
  /** Why it is asked for: `approval_required`, or an impact. */
  gate: string;
  impact: Impact;
  /** `2 to update, 1 to delete` */
  summary: string;
  /** Milliseconds since the epoch, as all times here. */
  requestedAt: number;
  requestedBy: string;
  /** When it ends by itself, pending or approved. */
  expiresAt: number;
  decidedAt?: number;
  decidedBy?: string;
  /** What the person who decided said, or why it expired. */
  reason?: string;
  /** The first run that went ahead on it. */
  usedBy?: string;
  /** That run and its retries have ended: the approval is used up. */
  finished?: boolean;
}
