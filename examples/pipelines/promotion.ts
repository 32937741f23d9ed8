/**
 * One change on its way through development and staging to production, with a gate before the last step: it shows what
 * would change, refuses conflicts, and asks. Every environment gets the revision that the one before has shown to work,
 * whatever was pushed meanwhile.
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

interface From {
  url: string;
  branch?: string;
  /** A revision to hold on to, in place of a branch to follow. */
  commit?: string;
}

async function workflowOf(environment: Environment, from: From): Promise<string> {
  const id = `shop-${environment}`;
  const repository = await gitops.registerRepository({ id, ...from });
  return gitops.createWorkflow({
    id,
    name: id,
    repository,
    targetPath: `environments/${environment}`,
    namespace: id,
    createNamespace: true,
    rollbackOnFailure: true,
  });
}

/** Syncs an environment and waits until it is healthy. */
async function deploy(environment: Environment, from: From) {
  const report = await gitops.syncWorkflow(await workflowOf(environment, from), { reason: 'promotion' });
  return { ...report, output: { revision: report.commitHash } };
}

const development = task('development')
  .description('Deploys to development')
  .params(params)
  .command(({ repo, branch }) => deploy('development', { url: repo, branch }))
  .build();

const staging = task('staging')
  .description('Deploys to staging')
  .dependsOn(development)
  .params(params)
  .command(({ repo }, deps) => deploy('staging', { url: repo, commit: deps.development.revision }))
  .build();

const gate = task('gate')
  .description('Shows what would change in production, and asks')
  .dependsOn(staging)
  .params(params)
  .command(async ({ repo }, deps) => {
    const diff = await gitops.generateDiff(await workflowOf('production', { url: repo, commit: deps.staging.revision }));
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
  .command(({ repo }, deps) => deploy('production', { url: repo, commit: deps.staging.revision }))
  .build();

workflow.define('promotion', {
  description: 'development → staging → gate → production',
  tasks: [development, staging, gate, production],
  onComplete: (_, { production: result }) => log.info(result?.success ? 'production is up to date' : 'production was left as it was'),
});
