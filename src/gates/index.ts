export {
  type ApprovalPolicy,
  approvalFor,
  checkApproval,
  decideApproval,
  finishApprovals,
  gateOf,
  listApprovals,
  planOf,
  requestApproval,
  useApproval,
} from './approvals.js';
export type * from './types.js';
