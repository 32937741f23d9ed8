/**
 * One change on its way through development and staging to production, with a gate before the last step: it shows what
 * would change, refuses conflicts, and asks. Production gets exactly the revision that staging has shown to work.
 *
 *     evenkeel run examples/pipelines/promotion.ts --param repo=company/shop
 *
 * The repository has the folders environments/development, environments/staging and environments/production.
 */
import { gitops, log, prompt, task, workflow } from 'evenkeel';

const params = {
  repo: { type: 'string', required: true, description: 'repository of the manifests' },
  branch: 'main',
} as const;

type Environment = 'development' | 'staging' | 'production';

async function workflowOf(environment: Environment, { repo, branch }: { repo: string; branch: string }): Promise<string> {
  const { workflowId } = await gitops.workflow({
    repo,
    branch,
    targetPath: `environments/${environment}`,
    namespace: `shop-${environment}`,
    createNamespace: true,
    rollbackOnFailure: true,
  });
  return workflowId;
}

/** Syncs an environment and waits until it is healthy. */
async function deploy(environment: Environment, given: { repo: string; branch: string }) {
  const workflowId = await workflowOf(environment, given);
  const report = await gitops.syncWorkflow(workflowId, { reason: 'promotion' });
  return { ...report, output: { workflowId, revision: report.commitHash } };
}

const development = task('development')
  .description('Deploys to development')
  .params(params)
  .command((given) => deploy('development', given))
  .build();

const staging = task('staging')
  .description('Deploys to staging')
  .dependsOn(development)
  .params(params)
  .command((given) => deploy('staging', given))
  .build();

const gate = task('gate')
  .description('Shows what would change in production, and asks')
  .dependsOn(staging)
  .params(params)
  .command(async (given) => {
    const diff = await gitops.generateDiff(await workflowOf('production', given));
    for (const conflict of diff.conflicts) log.error(`${conflict.resource}: ${conflict.description}`);
    if (diff.summary.conflictCount > 0) return { success: false, message: 'conflicts have to be resolved first' };
    if (diff.summary.totalChanges === 0) return { success: true, message: 'nothing changes' };
    for (const change of diff.changes) log.info(`${change.type} ${change.resource} (${change.impact} impact)`);
    for (const warning of diff.warnings) log.warn(warning);
    const yes = await prompt.confirm(`Deploy ${diff.summary.totalChanges} changes to production?`);
    return { success: yes, message: yes ? 'approved' : 'not approved' };
  })
  .build();

const production = task('production')
  .description('Deploys to production')
  .dependsOn(staging, gate)
  .params(params)
  .command(async (given, deps) => {
    const result = await deploy('production', given);
    const { workflowId, revision } = result.output;
    if (!result.success || revision === deps.staging.revision) return result;
    await gitops.rollbackWorkflow(workflowId, `${given.branch} moved on after staging was deployed`);
    return {
      success: false,
      message: `${given.branch} moved on after staging was deployed: promote ${revision.slice(0, 12)} from the start`,
    };
  })
  .build();

workflow.define('promotion', {
  description: 'development → staging → gate → production',
  tasks: [development, staging, gate, production],
  onComplete: (success) => log.info(success ? 'production is up to date' : 'production was left as it was'),
});
