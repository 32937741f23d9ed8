/**
 * A new version for a few first: the canary grows step by step and is watched at each; only then the stable Deployment
 * follows. Whatever happens, the canary is taken back to nothing at the end.
 *
 *     evenkeel run examples/pipelines/canary.ts --param repo=company/shop --param soak=60
 *
 * The repository has the folders canary and stable with the Deployments shop-canary and shop-stable. That of the canary
 * says nothing of replicas: how many there are is the pipeline's to decide.
 */
import { gitops, kubernetes, log, task, workflow } from 'evenkeel';

const params = {
  repo: { type: 'string', required: true, description: 'repository of the manifests' },
  namespace: 'shop',
  steps: { type: 'list', default: [1, 2, 4], description: 'replicas of the canary, step by step' },
  soak: { type: 'number', default: 60, description: 'seconds to watch at each step' },
  restarts: { type: 'number', default: 0, description: 'restarts of containers that are put up with' },
} as const;

const name = 'shop-canary';

interface Pod {
  status?: { containerStatuses?: { restartCount?: number }[] };
}

/** Why the canary should not go on, or undefined where nothing speaks against it. */
async function complaint(namespace: string, restarts: number): Promise<string | undefined> {
  const health = await kubernetes.health('Deployment', name, { namespace });
  if (health?.status !== 'Healthy') return `${name} is ${health?.status ?? 'gone'}${health?.message ? `: ${health.message}` : ''}`;
  const pods = (await kubernetes.list('Pod', { namespace, labelSelector: 'track=canary' })) as Pod[];
  const counted = pods.flatMap((pod) => pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
  return counted > restarts ? `its containers were restarted ${counted} times` : undefined;
}

async function syncFolder(targetPath: string, { repo, namespace }: { repo: string; namespace: string }) {
  const { workflowId } = await gitops.workflow({ repo, targetPath, namespace, createNamespace: true, rollbackOnFailure: true });
  return gitops.syncWorkflow(workflowId, { reason: 'canary release' });
}

const canary = task('canary')
  .description('Deploys the canary')
  .params(params)
  .command((given) => syncFolder('canary', given))
  .build();

const grow = task('grow')
  .description('Lets the canary grow, and watches it')
  .dependsOn(canary)
  .params(params)
  .command(async ({ namespace, steps, soak, restarts }, _, { signal }) => {
    for (const replicas of steps.map(Number)) {
      await kubernetes.scale('Deployment', name, replicas, { namespace, wait: true, timeout: '5m' });
      log.info(`${replicas} replicas, watching for ${soak}s`);
      for (let second = 0; second <= soak; second += 5) {
        signal.throwIfAborted();
        const why = await complaint(namespace, restarts);
        if (why !== undefined) return { success: false, message: why };
        if (second + 5 <= soak) await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
    }
    return { success: true, message: `healthy with ${steps.at(-1)} replicas` };
  })
  .build();

const promote = task('promote')
  .description('Lets the stable Deployment follow')
  .dependsOn(grow)
  .params(params)
  .command((given) => syncFolder('stable', given))
  .build();

const retire = task('retire')
  .description('Takes the canary back')
  .dependsOn(canary, grow, promote)
  .when('always')
  .params(params)
  .command(async ({ namespace }) => {
    if ((await kubernetes.get('Deployment', name, { namespace })) !== undefined)
      await kubernetes.scale('Deployment', name, 0, { namespace });
  })
  .build();

workflow.define('canary', { description: 'A few first, then all', tasks: [canary, grow, promote, retire] });
