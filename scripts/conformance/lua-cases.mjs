// What the listings of the API documents do when they run, one case an outcome. A listing runs as it is; the names that it leaves
// open are given by a script that requires it.
import assert from 'node:assert/strict';
import { configMap, deployment } from './lua-lab.mjs';

/** The workflow that a listing gets by `params.workflow_id`. */
const shop = (more = '') => `
gitops.create_workflow({
  id = "shop",
  repository = gitops.register_repository({ id = "shop", url = "https://github.com/company/shop" }),
  ${more}
})
`;

const around = (listing, before = shop()) => `${before}\nrequire("${listing.replace(/\.lua$/, '')}")\n`;

/** Runs a listing with what it needs in front of it. */
async function runListing(lab, listing, { before, args = [] } = {}) {
  lab.write('around.lua', around(listing, before));
  return lab.run('run', 'around.lua', '--param', 'workflow_id=shop', ...args);
}

/** The shop as it is at first, synced. */
async function synced(lab, options = {}) {
  lab.commit('company/shop', { 'web.yaml': deployment('web'), 'settings.yaml': configMap('settings', 'one'), ...options.files });
  lab.write('first.lua', `${shop(options.more)}\nassert(gitops.sync_workflow("shop"))\n`);
  const { status, text } = await lab.run('run', 'first.lua');
  assert.equal(status, 0, text);
}

const succeeds = ({ status, text }, ...says) => {
  assert.equal(status, 0, text);
  for (const line of says) assert.ok(text.includes(line), `"${line}" is not in:\n${text}`);
};
const fails = ({ status, text }, ...says) => {
  assert.equal(status, 1, text);
  for (const line of says) assert.ok(text.includes(line), `"${line}" is not in:\n${text}`);
};
const statusOf = (lab, id = 'shop') => lab.inside(({ gitops }) => gitops.getWorkflowStatus(id));
const image = (object) => object?.spec.template.spec.containers[0].image;

/** @type {{ listing: string, what: string, run: (lab: ReturnType<import('./lua-lab.mjs').makeLab>) => Promise<void> }[]} */
export const cases = [
  {
    listing: 'features-01-quick-start.lua',
    what: 'creates a workflow that the command line syncs',
    async run(lab) {
      lab.commit('company/infrastructure', { 'web.yaml': deployment('web') });
      const result = await lab.run('run', this.listing);
      succeeds(result, 'GitOps workflow created: workflow-');
      const [workflow] = await lab.inside(({ gitops }) => gitops.listWorkflows());
      assert.equal(workflow.autoSync, true);
      assert.ok(result.text.includes(workflow.id));
      succeeds(await lab.run('sync', workflow.id));
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.0.0');
    },
  },
  {
    listing: 'features-02-multi-environment.lua',
    what: 'creates a workflow for each environment, on its branch',
    async run(lab) {
      for (const [name, branch] of [
        ['dev', 'develop'],
        ['staging', 'staging'],
        ['prod', 'main'],
      ])
        lab.commit(`company/k8s-${name}`, { 'cm.yaml': configMap(name, branch) }, branch);
      succeeds(await lab.run('run', this.listing), 'for development: ', 'for staging: ', 'for production: ');
      const workflows = await lab.inside(({ gitops }) => gitops.listWorkflows());
      assert.deepEqual(workflows.map(({ name, branch, autoSync }) => [name, branch, autoSync]).sort(), [
        ['development Environment', 'develop', true],
        ['production Environment', 'main', false],
        ['staging Environment', 'staging', true],
      ]);
      for (const { id } of workflows) succeeds(await lab.run('sync', id));
      for (const [name, branch] of [
        ['dev', 'develop'],
        ['staging', 'staging'],
        ['prod', 'main'],
      ])
        assert.equal((await lab.object(`ConfigMap/${name}`))?.data.value, branch);
    },
  },
  {
    listing: 'features-03-preview-and-deploy.lua',
    what: 'shows what is new and syncs it; a second time there is nothing to do',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web'), 'cm.yaml': configMap('settings', 'one') });
      succeeds(await runListing(lab, this.listing), 'Total changes: 2', 'Created: 2', 'Updated: 0', 'Executing deployment...');
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.0.0');
      assert.equal((await statusOf(lab)).status, 'synced');
      succeeds(await runListing(lab, this.listing), 'Total changes: 0');
    },
  },
  {
    listing: 'features-03-preview-and-deploy.lua',
    what: 'refuses where there are conflicts',
    async run(lab) {
      await synced(lab);
      await lab.edit('ConfigMap/settings', { data: { value: 'by hand' } });
      lab.commit('company/shop', { 'settings.yaml': configMap('settings', 'two') });
      fails(
        await runListing(lab, this.listing),
        'Conflicts detected:',
        'ConfigMap/settings: ',
        'Conflicts must be resolved before deployment',
      );
      assert.equal((await lab.object('ConfigMap/settings')).data.value, 'by hand');
    },
  },
  {
    listing: 'features-03-preview-and-deploy.lua',
    what: 'asks before what has a high impact, and does as it is answered',
    async run(lab) {
      await synced(lab);
      lab.commit('company/shop', { 'web.yaml': deployment('web', { replicas: 0 }) });
      fails(await runListing(lab, this.listing), 'High-impact change: Deployment/web (update)', 'PROMPT_UNANSWERED', '--answer');
      fails(await runListing(lab, this.listing, { args: ['--answer', 'n'] }), 'Deployment cancelled by user');
      assert.equal((await lab.object('Deployment/web')).spec.replicas, 2);
      succeeds(await runListing(lab, this.listing, { args: ['--yes'] }));
      assert.equal((await lab.object('Deployment/web')).spec.replicas, 0);
    },
  },
  {
    listing: 'features-04-auto-sync.lua',
    what: 'syncs before the command ends',
    async run(lab) {
      lab.commit('company/dev-config', { 'cm.yaml': configMap('dev', 'one') });
      succeeds(await lab.run('run', this.listing), 'Auto-sync controller started');
      assert.equal((await lab.object('ConfigMap/dev'))?.data.value, 'one');
    },
  },
  {
    listing: 'features-04-auto-sync.lua',
    what: 'starts a controller that syncs while tasks run',
    async run(lab) {
      lab.commit('company/dev-config', { 'cm.yaml': configMap('dev', 'one') });
      lab.write(
        'around.lua',
        `require("features-04-auto-sync")
        task("wait"):timeout("30s"):command(function()
          repeat local workflow = gitops.list_workflows()[1] until workflow.status == "synced"
          return gitops.stop_auto_sync()
        end):build()`,
      );
      succeeds(await lab.run('run', 'around.lua'), 'Auto-sync controller started');
      assert.equal((await lab.object('ConfigMap/dev'))?.data.value, 'one');
    },
  },
  {
    listing: 'features-05-production-deploy.lua',
    what: 'deploys and verifies',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web') });
      succeeds(await runListing(lab, this.listing), 'Verifying deployment...', 'Production deployment successful!');
      assert.ok(await lab.object('Deployment/web'));
      const status = await statusOf(lab);
      assert.deepEqual([status.status, status.lastSyncResult.status], ['synced', 'succeeded']);
    },
  },
  {
    listing: 'features-05-production-deploy.lua',
    what: 'does not delete a PersistentVolume',
    async run(lab) {
      const volume = `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}\n`;
      const more = 'sync_policy = { auto_prune = true },';
      await synced(lab, { files: { 'volume.yaml': volume }, more });
      lab.commit('company/shop', { 'volume.yaml': undefined });
      fails(await runListing(lab, this.listing, { before: shop(more) }), 'Breaking change detected', 'manual review required');
      assert.ok(await lab.object('PersistentVolume/data'));
    },
  },
  {
    listing: 'features-06-resilient-deploy.lua',
    what: 'deploys',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web') });
      succeeds(await runListing(lab, this.listing));
      assert.ok(await lab.object('Deployment/web'));
    },
  },
  {
    listing: 'features-06-resilient-deploy.lua',
    what: 'puts back what fails',
    async run(lab) {
      const more = 'sync_policy = { health_check = { timeout = "4s" } },';
      await synced(lab, { more });
      lab.commit('company/shop', { 'web.yaml': deployment('web', { image: 'registry.example/app:crash' }) });
      fails(
        await runListing(lab, this.listing, { before: shop(more) }),
        'Deployment failed, automatic rollback initiated',
        'Rollback completed successfully',
      );
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.0.0');
    },
  },
  {
    listing: 'features-07-manual-rollback.lua',
    what: 'rolls back',
    async run(lab) {
      await synced(lab);
      lab.commit('company/shop', { 'settings.yaml': configMap('settings', 'two'), 'more.yaml': configMap('more', 'x') });
      succeeds(await lab.run('sync', 'shop'));
      assert.equal((await lab.object('ConfigMap/settings')).data.value, 'two');
      succeeds(
        await runListing(lab, this.listing, { args: ['--param', 'reason=It is slow'] }),
        'Reason: It is slow',
        'Manual rollback completed successfully',
        'Current status: ',
      );
      assert.equal((await lab.object('ConfigMap/settings')).data.value, 'one');
      assert.equal(await lab.object('ConfigMap/more'), undefined);
      const [entry] = await lab.inside(({ gitops }) => gitops.history('shop', 1));
      assert.equal(entry.reason, 'It is slow');
    },
  },
  {
    listing: 'features-07-manual-rollback.lua',
    what: 'fails where there is nothing to roll back',
    async run(lab) {
      lab.commit('company/shop', { 'cm.yaml': configMap('settings', 'one') });
      fails(await runListing(lab, this.listing), 'Manual rollback failed');
    },
  },
  {
    listing: 'features-08-kubernetes.lua',
    what: 'makes a workflow of one folder and syncs it',
    async run(lab) {
      const file = 'manifests/production/web.yaml';
      lab.commit('company/k8s-manifests', { [file]: deployment('web'), 'elsewhere.yaml': configMap('elsewhere', 'x') });
      succeeds(await lab.run('run', this.listing));
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.0.0');
      assert.equal(await lab.object('ConfigMap/elsewhere'), undefined);
      lab.commit('company/k8s-manifests', { [file]: deployment('web', { image: 'registry.example/app:1.1.0' }) });
      succeeds(await lab.run('run', this.listing), 'Deployment update detected: Deployment/web');
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.1.0');
    },
  },
  ...['features-09-multi-repository.lua', 'reference-05-multi-repository.lua'].map((listing) => ({
    listing,
    what: 'syncs three repositories in their order',
    async run(lab) {
      for (const name of ['frontend', 'backend', 'database']) lab.commit(`company/${name}-config`, { 'cm.yaml': configMap(name, 'one') });
      succeeds(await lab.run('run', this.listing));
      for (const name of ['frontend', 'backend', 'database']) assert.equal((await lab.object(`ConfigMap/${name}`))?.data.value, 'one');
      const order = await lab.inside(async ({ gitops }) => {
        const workflows = new Map((await gitops.listWorkflows()).map((workflow) => [workflow.id, workflow.repositoryUrl]));
        return (await gitops.history()).map((run) => /(\w+)-config/.exec(workflows.get(run.workflowId))[1]).reverse();
      });
      assert.deepEqual(order, ['database', 'backend', 'frontend']);
    },
  })),
  {
    listing: 'reference-01-multi-environment.lua',
    what: 'creates the workflows and keeps those with auto-sync in sync',
    async run(lab) {
      for (const [name, branch] of [
        ['dev', 'develop'],
        ['staging', 'staging'],
        ['prod', 'main'],
      ])
        lab.commit(`company/k8s-${name}`, { 'manifests/cm.yaml': configMap(name, branch), 'other.yaml': configMap('other', 'x') }, branch);
      lab.write(
        'around.lua',
        `require("reference-01-multi-environment")
        task("wait"):timeout("30s"):command(function()
          for _, name in ipairs({ "development", "staging" }) do
            repeat until gitops.get_workflow_status(name .. "-workflow").status == "synced"
          end
          return gitops.stop_auto_sync()
        end):build()`,
      );
      succeeds(await lab.run('run', 'around.lua'), 'for production: production-workflow');
      for (const [name, branch] of [
        ['dev', 'develop'],
        ['staging', 'staging'],
      ])
        assert.equal((await lab.object(`ConfigMap/${name}`))?.data.value, branch);
      assert.equal(await lab.object('ConfigMap/prod'), undefined);
      assert.equal(await lab.object('ConfigMap/other'), undefined);
      assert.equal((await statusOf(lab, 'production-workflow')).repository, 'production-repo');
    },
  },
  {
    listing: 'reference-02-production-deploy.lua',
    what: 'deploys, verifies and tells the metrics',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web'), 'cm.yaml': configMap('settings', 'one') });
      const before = `${shop()}\nworkflows = { production = "shop" }`;
      succeeds(await runListing(lab, this.listing, { before }), 'Total changes: 2', 'Applied 2 resources', 'Completed in ');
      assert.ok(await lab.object('Deployment/web'));
      const { metrics } = (await statusOf(lab)).lastSyncResult;
      assert.match(metrics.duration, /^[0-9.]+m?s$/);
    },
  },
  {
    listing: 'reference-02-production-deploy.lua',
    what: 'refuses where there are conflicts, and asks before what has a high impact',
    async run(lab) {
      const before = `${shop()}\nworkflows = { production = "shop" }`;
      await synced(lab);
      lab.commit('company/shop', { 'web.yaml': deployment('web', { replicas: 0 }) });
      fails(
        await runListing(lab, this.listing, { before, args: ['--answer', 'no'] }),
        'High-impact: Deployment/web (update)',
        'Deployment cancelled',
      );
      await lab.edit('ConfigMap/settings', { data: { value: 'by hand' } });
      lab.commit('company/shop', { 'settings.yaml': configMap('settings', 'two') });
      fails(await runListing(lab, this.listing, { before }), 'manual resolution required', 'Conflicts must be resolved');
      assert.equal((await lab.object('Deployment/web')).spec.replicas, 2);
    },
  },
  {
    listing: 'reference-03-kubernetes.lua',
    what: 'syncs, and asks before it deletes a namespace',
    async run(lab) {
      const more = 'sync_policy = { auto_prune = true },';
      const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n';
      lab.commit('company/shop', { 'web.yaml': deployment('web'), 'ns.yaml': namespace });
      succeeds(await runListing(lab, this.listing, { before: shop(more) }), 'Running Kubernetes health checks...');
      assert.ok(await lab.object('Namespace/team'));
      lab.commit('company/shop', { 'ns.yaml': undefined, 'web.yaml': deployment('web', { image: 'registry.example/app:1.1.0' }) });
      fails(
        await runListing(lab, this.listing, { before: shop(more), args: ['--answer', 'n'] }),
        'Deployment update: Deployment/web',
        'CRITICAL: Deleting namespace Namespace/team',
        'Deployment cancelled due to K8s issues',
      );
      assert.ok(await lab.object('Namespace/team'));
      succeeds(await runListing(lab, this.listing, { before: shop(more), args: ['--answer', 'y'] }));
      assert.equal(image(await lab.object('Deployment/web')), 'registry.example/app:1.1.0');
    },
  },
  {
    listing: 'reference-04-advanced-sync-policy.lua',
    what: 'is refused at line and column: lists are written in braces',
    async run(lab) {
      fails(await lab.run('run', this.listing), 'LUA_SYNTAX', `${this.listing}:16:18`, 'braces');
      const result = await lab.run('validate', this.listing, '-o', 'json');
      fails(result, '"column": 18');
    },
  },
  {
    listing: 'reference-06-ai-deploy.lua',
    what: 'predicts, syncs and records',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web') });
      lab.write(
        'around.lua',
        `${around(this.listing)}
        task("learnt"):depends_on("ai_gitops_deploy"):command(function()
          local stats = require("ai").get_task_stats("ai_gitops_deploy")
          assert(stats.success_count >= 1, "the success was not recorded")
          assert(stats.predictions.count == 1 and stats.predictions.used == 1, "the prediction was not recorded")
        end):build()`,
      );
      succeeds(await lab.run('run', 'around.lua', '--param', 'gitops_workflow_id=shop'));
      assert.ok(await lab.object('Deployment/web'));
    },
  },
  {
    listing: 'reference-07-pipeline.lua',
    what: 'calls the hooks of its pipeline',
    async run(lab) {
      lab.commit('company/shop', { 'web.yaml': deployment('web') });
      const before = `${shop()}
production_workflow_id = "shop"
production_deploy = task("production_deploy"):command(function(params) return gitops.sync_workflow(params.workflow_id) end):build()
k8s_deploy = task("kubernetes_gitops_deploy"):depends_on(production_deploy):command("echo checked"):build()`;
      succeeds(
        await runListing(lab, this.listing, { before }),
        'Starting GitOps task: production_deploy',
        'GitOps task completed: kubernetes_gitops_deploy',
        'GitOps pipeline completed successfully!',
      );
      assert.ok(await lab.object('Deployment/web'));
    },
  },
  {
    listing: 'reference-07-pipeline.lua',
    what: 'rolls back from a hook where production fails',
    async run(lab) {
      await synced(lab);
      lab.commit('company/shop', { 'settings.yaml': configMap('settings', 'two') });
      const before = `${shop()}
production_workflow_id = "shop"
production_deploy = task("production_deploy"):command(function(params)
  assert(gitops.sync_workflow(params.workflow_id))
  return false, "it is not what was wanted"
end):build()
k8s_deploy = task("kubernetes_gitops_deploy"):depends_on(production_deploy):command("echo checked"):build()`;
      fails(
        await runListing(lab, this.listing, { before }),
        'GitOps task failed: production_deploy',
        'Triggering emergency rollback',
        'GitOps pipeline failed',
      );
      assert.equal((await lab.object('ConfigMap/settings')).data.value, 'one');
    },
  },
];
