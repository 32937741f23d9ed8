import { gitops, log, task } from 'evenkeel';

task('deploy')
  .params({ repo: 'company/shop' })
  .command(async ({ repo }) => {
    const { workflowId } = await gitops.workflow({ repo, rollbackOnFailure: true });
    const diff = await gitops.generateDiff(workflowId);
    for (const change of diff.changes) log.info(change.diff, { impact: change.impact });
    if (diff.summary.conflictCount > 0) return { success: false, message: `${diff.summary.conflictCount} conflicts` };
    if (diff.changes.some(({ type, impact }) => type === 'delete' && impact === 'critical'))
      return { success: false, message: 'look at it first' };
    return gitops.syncWorkflow(workflowId, { reason: 'by the example' });
  })
  .build();
