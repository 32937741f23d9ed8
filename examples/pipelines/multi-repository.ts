/**
 * Several repositories in the order in which they need each other: the database before the backend, the backend before
 * the frontend. What failed holds up only what needs it, and a run goes on where it stopped:
 *
 *     evenkeel run examples/pipelines/multi-repository.ts --param owner=company
 *     evenkeel run examples/pipelines/multi-repository.ts --resume
 */
import { gitops, type Params, type Task, task, workflow } from 'evenkeel';

/** Each with what has to be there before it. */
const parts = {
  database: [],
  backend: ['database'],
  worker: ['database'],
  frontend: ['backend'],
} as const;

const deployments: Task<string, { workflowId: string; revision: string }>[] = Object.entries(parts).map(([part, needs]) =>
  task(part)
    .description(`Deploys the ${part}`)
    .dependsOn(needs)
    .timeout('15m')
    .retries(1, 'fixed', '1s')
    .command(async ({ owner }: Params) => {
      const { workflowId } = await gitops.workflow({
        repo: `${String(owner)}/${part}-config`,
        namespace: part,
        createNamespace: true,
        rollbackOnFailure: true,
      });
      const report = await gitops.syncWorkflow(workflowId);
      return { ...report, output: { workflowId, revision: report.commitHash } };
    })
    .build(),
);

const verify = task('verify')
  .description('Looks once more at everything together')
  .dependsOn(deployments)
  .command(async (_, deps) => {
    const unhealthy: string[] = [];
    for (const { workflowId } of Object.values(deps) as { workflowId: string }[]) {
      for (const { key, health, sync } of await gitops.inspect(workflowId)) {
        if (sync !== 'synced' || (health !== null && health.status !== 'Healthy')) unhealthy.push(`${key.kind}/${key.name}`);
      }
    }
    return { success: unhealthy.length === 0, message: unhealthy.length === 0 ? 'all is well' : `not well: ${unhealthy.join(', ')}` };
  })
  .build();

workflow.define('everything', {
  description: 'All repositories, in the order of their needs',
  params: { owner: { type: 'string', required: true, description: 'owner, folder or URL that the repositories are under' } },
  maxParallel: 4,
  tasks: [...deployments, verify],
});
