/**
 * Looks at what a sync would do before it does it, and refuses what nobody should deploy unseen: deleted data and
 * namespaces, images without a fixed version, containers without limits, conflicts.
 *
 *     evenkeel run examples/pipelines/validation.ts --param repo=company/shop --param path=k8s
 */
import { gitops, log, task, workflow } from 'evenkeel';

const params = {
  repo: { type: 'string', required: true, description: 'repository of the manifests' },
  path: '.',
  namespace: 'default',
} as const;

/** Kinds whose deletion loses more than the object. */
const precious = ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition'];

interface Container {
  name: string;
  image?: string;
  resources?: { limits?: { [resource: string]: string } };
}

interface PodTemplateOwner {
  spec?: { template?: { spec?: { containers?: Container[] } } };
}

const diff = task('diff')
  .description('Finds out what would change')
  .params(params)
  .retries(2, 'exponential')
  .command(async ({ repo, path, namespace }) => {
    const { workflowId } = await gitops.workflow({ repo, targetPath: path, namespace, createNamespace: true });
    const { summary, changes, conflicts } = await gitops.generateDiff(workflowId);
    return { workflowId, summary, changes, conflicts };
  })
  .build();

const validate = task('validate')
  .description('Refuses what is dangerous')
  .dependsOn(diff)
  .command((_, { diff: { changes, conflicts } }) => {
    const findings = conflicts.map((conflict) => `${conflict.resource}: ${conflict.description}`);
    for (const change of changes) {
      const [kind = ''] = change.resource.split('/');
      if (change.type === 'delete' && precious.includes(kind)) findings.push(`${change.resource} would be deleted`);
      const { spec } = (change.desiredState ?? {}) as PodTemplateOwner;
      for (const { name, image = '', resources } of spec?.template?.spec?.containers ?? []) {
        if (!/@sha256:|:(?!latest$)[^/:]+$/.test(image))
          findings.push(`${change.resource}: the image of ${name} has no fixed version (${image})`);
        if (resources?.limits?.['memory'] === undefined) findings.push(`${change.resource}: ${name} has no memory limit`);
      }
    }
    for (const finding of findings) log.error(finding);
    return {
      success: findings.length === 0,
      message: findings.length === 0 ? 'nothing found' : `${findings.length} findings`,
      output: findings,
    };
  })
  .build();

const deploy = task('deploy')
  .description('Syncs what was looked at')
  .dependsOn(diff, validate)
  .condition((_, deps) => deps.diff.summary.totalChanges > 0)
  .command((_, deps) => gitops.syncWorkflow(deps.diff.workflowId, { reason: 'validated' }))
  .build();

workflow.define('validated-deploy', { description: 'diff → validate → deploy', tasks: [diff, validate, deploy] });
