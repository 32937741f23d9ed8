import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApiResource, Cluster } from '../src/kube/index.js';
import { openWorkspace } from '../src/workspace/index.js';
import { type CliLab, type CliResult, makeCliLab } from './support/cli.js';
import { makeRepository } from './support/repository.js';

const examples = join(import.meta.dirname, '../examples/pipelines');

const configMap = (name: string, value: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {value: "${value}"}
`;

const deployment = (
  name: string,
  more: { image?: string; labels?: string; replicas?: number; limits?: string } = {},
) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
${more.replicas === undefined ? '' : `  replicas: ${more.replicas}\n`}  selector: {matchLabels: {app: shop, name: ${name}}}
  template:
    metadata: {labels: {app: shop, name: ${name}${more.labels ?? ''}}}
    spec: {containers: [{name: app, image: "${more.image ?? 'registry.example/shop:1.0.0'}"${more.limits ?? ''}}]}
`;

async function inLab(action: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = makeCliLab();
  try {
    await action({ ...lab, example: (name, ...args) => lab.run(['run', use(lab, name), '--param', 'repo=./repository', ...args]) });
  } finally {
    await lab.close();
  }
}

interface Lab extends CliLab {
  /** Runs an example on the repository of the lab. */
  example(name: string, ...args: string[]): Promise<CliResult>;
}

function use(lab: CliLab, name: string): string {
  copyFileSync(join(examples, name), join(lab.folder, name));
  return name;
}

const succeeds = ({ status, stdout, stderr }: CliResult, ...says: string[]) => {
  expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  for (const line of says) expect(stdout).toContain(line);
};
const fails = ({ status, stdout, stderr }: CliResult, ...says: string[]) => {
  expect([status, status === 1 ? '' : stdout + stderr]).toEqual([1, '']);
  for (const line of says) expect(stdout + stderr).toContain(line);
};

/** What is at a path of an object `namespace/kind/name` of the sandbox; undefined where there is none. */
async function look(lab: CliLab, which: string, path = 'metadata.name'): Promise<unknown> {
  const [namespace, kind = '', name = ''] = which.split('/');
  return inCluster(lab, async (cluster) => {
    const resource = (await cluster.discovery()).byName(kind) as ApiResource;
    const object = await cluster.get(resource, { name, namespace });
    return path.split('.').reduce<unknown>((at, step) => (at as { [key: string]: unknown } | undefined)?.[step], object);
  });
}

async function inCluster<T>(lab: CliLab, action: (cluster: Cluster) => Promise<T>): Promise<T> {
  const workspace = await openWorkspace({ directory: lab.folder });
  try {
    return await action(await workspace.moduleHost.openCluster({ target: 'sandbox' }));
  } finally {
    await workspace.close();
  }
}

describe.concurrent('the examples in Lua', { timeout: 120_000 }, () => {
  test('promotion: to production only through the gate', () =>
    inLab(async (lab) => {
      const files = (value: string) =>
        Object.fromEntries(
          ['development', 'staging', 'production'].map((name) => [`environments/${name}/cm.yaml`, configMap('shop', value)]),
        );
      lab.repository.commit(files('one'));
      fails(await lab.example('promotion.lua'), 'PROMPT_UNANSWERED', '--answer', 'production was left as it was');
      fails(await lab.example('promotion.lua', '--answer', 'n'), 'not approved');
      expect(await look(lab, 'shop-production/configmap/shop')).toBeUndefined();
      succeeds(await lab.example('promotion.lua', '--yes'), 'create ConfigMap/shop (low impact)', 'production is up to date');
      expect(await look(lab, 'shop-production/configmap/shop', 'data.value')).toBe('one');
    }));

  test('validation: refuses what is dangerous, and syncs the rest', () =>
    inLab(async (lab) => {
      lab.repository.commit({ 'web.yaml': deployment('web', { image: 'registry.example/shop:latest' }) });
      fails(await lab.example('validation.lua'), 'no fixed version', 'no memory limit', '2 findings');
      lab.repository.commit({ 'web.yaml': deployment('web', { limits: ', resources: {limits: {memory: 64Mi}}' }) });
      succeeds(await lab.example('validation.lua'));
      expect(await look(lab, 'default/deployment/web', 'spec.template.spec.containers.0.image')).toBe('registry.example/shop:1.0.0');
      succeeds(await lab.example('validation.lua'), 'deploy');
    }));

  test('multi-repository: what failed holds up only what needs it, and a run goes on', () =>
    inLab(async (lab) => {
      const name = use(lab, 'multi-repository.lua');
      const repositories = ['database', 'backend', 'worker', 'frontend'].map((part) => {
        const repository = makeRepository(join(lab.folder, 'remotes', `${part}-config`));
        repository.commit({ 'cm.yaml': part === 'worker' ? 'kind: Nonsense' : configMap(part, 'one') });
        return repository;
      });
      // Its retry waits ten seconds, which is not what this is about.
      const path = join(lab.folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replace(':retries(1, "fixed", "10s")', ':retries(0)'));
      fails(await lab.run(['run', name, '--param', 'owner=./remotes']));
      expect(await look(lab, 'frontend/configmap/frontend', 'data.value')).toBe('one');
      repositories[2]?.commit({ 'cm.yaml': configMap('worker', 'one') });
      succeeds(await lab.run(['run', name, '--resume']), 'all is well');
    }));

  test('blue-green: switches when the idle colour works, and back when it does not serve', () =>
    inLab(async (lab) => {
      lab.repository.commit({
        'blue/web.yaml': deployment('shop-blue', { labels: ', colour: blue' }),
        'green/web.yaml': deployment('shop-green', { labels: ', colour: green' }),
      });
      const serving = () => look(lab, 'shop/service/shop', 'spec.selector.colour');
      succeeds(await lab.example('blue-green.lua', '--param', 'soak=0'), 'nothing serves, blue is next', 'blue serves');
      expect(await serving()).toBe('blue');
      // It works before the switch, and no longer after it.
      const smoke = 'test ! -e ran-$COLOUR || exit 1; touch ran-$COLOUR';
      fails(
        await lab.example('blue-green.lua', '--param', 'soak=0', '--param', `smoke=${smoke}`),
        'the Service points to green',
        'the Service points to blue',
      );
      expect(await serving()).toBe('blue');
    }));

  test('canary: grows, is watched, and goes', () =>
    inLab(async (lab) => {
      const labels = ', track: canary';
      lab.repository.commit({
        'canary/web.yaml': deployment('shop-canary', { labels }),
        'stable/web.yaml': deployment('shop-stable', { replicas: 1 }),
      });
      const steps = ['--param', 'soak=0', '--param', 'steps=[1,2]'];
      succeeds(await lab.example('canary.lua', ...steps), 'healthy with 2 replicas');
      expect(await look(lab, 'shop/deployment/shop-canary', 'spec.replicas')).toBe(0);
      expect(await look(lab, 'shop/deployment/shop-stable', 'status.readyReplicas')).toBe(1);
    }));

  test('disaster recovery: what was lost comes back as it was', () =>
    inLab(async (lab) => {
      lab.repository.commit({ 'web.yaml': deployment('web', { replicas: 1 }), 'cm.yaml': configMap('settings', 'one') });
      succeeds(await lab.run(['sync', '--repo', './repository', '--namespace', 'shop', '--create-namespace', '--id', 'shop']));
      const name = use(lab, 'disaster-recovery.lua');
      const pipeline = (which: string) => lab.run(['run', name, '--pipeline', which, '--param', 'namespace=shop']);
      succeeds(await pipeline('backup'), '2 objects in shop');
      await inCluster(lab, async (cluster) => {
        const find = async (kind: string) => (await cluster.discovery()).byName(kind) as ApiResource;
        await cluster.delete(await find('configmap'), { name: 'settings', namespace: 'shop' });
        await cluster.delete(await find('deployment'), { name: 'web', namespace: 'shop' });
      });
      succeeds(await pipeline('restore'), '2 of them were gone', 'Deployment/web is healthy');
      expect(await look(lab, 'shop/configmap/settings', 'data.value')).toBe('one');
      const file = join(lab.folder, 'backups/shop.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'two'));
      fails(await pipeline('restore'), 'the backup was changed after it was written');
    }));
});
