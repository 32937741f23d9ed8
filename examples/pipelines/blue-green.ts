/**
 * Two versions side by side: the idle colour is deployed and tested while the other one serves, then the Service is
 * switched over. If what follows the switch fails, it is switched back.
 *
 *     evenkeel run examples/pipelines/blue-green.ts --param repo=company/shop --param smoke='curl -fsS http://shop-$COLOUR/health'
 *
 * The repository has the folders blue and green, each with a Deployment shop-blue or shop-green whose pods carry the
 * labels app=shop and colour=blue or green. The Service is the pipeline's own.
 */
import { gitops, kubernetes, log, type TaskContext, task, workflow } from 'evenkeel';

type Colour = 'blue' | 'green';

const params = {
  repo: { type: 'string', required: true, description: 'repository of the manifests' },
  namespace: 'shop',
  smoke: { type: 'string', default: 'true', description: 'command that succeeds where $COLOUR works' },
  soak: { type: 'number', default: 30, description: 'seconds to watch after the switch' },
} as const;

async function switchTo(colour: Colour, namespace: string): Promise<void> {
  await kubernetes.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop', namespace },
    spec: { selector: { app: 'shop', colour }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  log.info(`the Service points to ${colour}`);
}

const smokeTest = (colour: Colour, command: string, context: TaskContext) =>
  context.exec(command, { env: { COLOUR: colour }, timeoutMs: 60_000 });

const choose = task('choose')
  .description('Finds out which colour serves')
  .params(params)
  .command(async ({ namespace }) => {
    const service = await kubernetes.get('Service', 'shop', { namespace });
    const selector = (service?.['spec'] as { selector?: { colour?: Colour } } | undefined)?.selector;
    const live: Colour | undefined = selector?.colour;
    const idle: Colour = live === 'blue' ? 'green' : 'blue';
    return { success: true, message: `${live ?? 'nothing'} serves, ${idle} is next`, output: { live, idle } };
  })
  .build();

const deploy = task('deploy')
  .description('Deploys the idle colour')
  .dependsOn(choose)
  .params(params)
  .command(async ({ repo, namespace }, deps) => {
    const { workflowId } = await gitops.workflow({
      repo,
      targetPath: deps.choose.idle,
      namespace,
      createNamespace: true,
      rollbackOnFailure: true,
    });
    return gitops.syncWorkflow(workflowId, { reason: `deploy ${deps.choose.idle}` });
  })
  .build();

const test = task('test')
  .description('Tests the idle colour before anybody uses it')
  .dependsOn(choose, deploy)
  .params(params)
  .retries(3, 'linear', '5s')
  .command(async ({ namespace, smoke }, { choose: { idle } }, context) => {
    await kubernetes.wait('Deployment', `shop-${idle}`, { namespace, healthy: true, timeout: '5m' });
    await smokeTest(idle, smoke, context);
  })
  .build();

const switchOver = task('switch')
  .description('Lets the Service point to the new colour')
  .dependsOn(choose, test)
  .params(params)
  .command(({ namespace }, deps) => switchTo(deps.choose.idle, namespace))
  .build();

const verify = task('verify')
  .description('Watches the new colour serve')
  .dependsOn(choose, switchOver)
  .params(params)
  .command(async ({ namespace, smoke, soak }, { choose: { idle } }, context) => {
    for (let second = 0; second <= soak; second += 5) {
      const health = await kubernetes.health('Deployment', `shop-${idle}`, { namespace });
      if (health?.status !== 'Healthy') return { success: false, message: `shop-${idle} is ${health?.status ?? 'gone'}` };
      await smokeTest(idle, smoke, context);
      if (second + 5 <= soak) await new Promise((resolve) => setTimeout(resolve, 5_000));
    }
    return { success: true, message: `${idle} serves` };
  })
  .build();

const switchBack = task('switch-back')
  .description('Puts the Service back where what followed the switch failed')
  .dependsOn(choose, switchOver, verify)
  .params(params)
  .when('failure')
  .command(async ({ namespace }, deps) => {
    const live = deps.choose?.live;
    if (live === undefined) return { success: true, message: 'nothing served before' };
    await switchTo(live, namespace);
    return { success: true, message: `${live} serves again` };
  })
  .build();

workflow.define('blue-green', {
  description: 'Deploy and test beside what serves, then switch',
  tasks: [choose, deploy, test, switchOver, verify, switchBack],
});
