import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';
import { type Cluster, connectCluster, connectionFor, parseKubeconfig } from '../../kube/index.js';
import { startSandbox, type TestSandbox } from '../../testing/index.js';
import { invokeSnake, type Modules } from '../index.js';

let sandbox: TestSandbox;
let cluster: Cluster;
let lab: ModuleLab;
let kubernetes: Modules['kubernetes'];

/** Over HTTP, as a real cluster is. */
beforeAll(async () => {
  sandbox = await startSandbox();
  const served = await sandbox.serve();
  cluster = connectCluster(await connectionFor(parseKubeconfig(served.kubeconfig, 'served'), undefined, { env: {} }));
  lab = await moduleLab({ openCluster: async () => cluster });
  kubernetes = lab.modules.kubernetes;
});
afterAll(async () => {
  await cluster.close();
  await lab.close();
  await sandbox.close();
});

const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
});

describe('kubernetes', () => {
  test('applies objects and YAML in the order that they need, and again changes nothing', async () => {
    const yaml =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {camelCase: a, snake_case: b}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
    expect(await kubernetes.apply(yaml)).toMatchObject({ created: 2, objects: [{ kind: 'Namespace' }, { kind: 'ConfigMap' }] });
    expect(await kubernetes.apply(yaml)).toMatchObject({ created: 0 });
    expect(await kubernetes.get('cm', 'settings', { namespace: 'shop' })).toMatchObject({ data: { camelCase: 'a', snake_case: 'b' } });
    expect(await kubernetes.get('configmaps', 'none', { namespace: 'shop' })).toBeUndefined();
    expect(await kubernetes.apply(deployment('tried'), { dryRun: true })).toMatchObject({ created: 1 });
    expect(await kubernetes.get('Deployment', 'tried')).toBeUndefined();
  });

  test('waits for health, scales, restarts and reads logs', async () => {
    await kubernetes.apply([deployment('web')]);
    expect(await kubernetes.wait('deployment', 'web', { timeout: 20 })).toMatchObject({ status: { readyReplicas: 1 } });
    expect(await kubernetes.health('deploy', 'web')).toMatchObject({ status: 'Healthy' });
    expect(await kubernetes.scale('deployments.apps', 'web', 3, { wait: true, timeout: '20s' })).toMatchObject({
      status: { readyReplicas: 3 },
    });
    const before = await kubernetes.list('pods', { labelSelector: 'app=web' });
    expect(before).toHaveLength(3);
    await kubernetes.restart('deployment', 'web', { wait: true, timeout: 20 });
    const after = await kubernetes.list('po', { labelSelector: 'app=web', fieldSelector: 'status.phase=Running' });
    const names = new Set(before.map((pod) => pod.metadata.name));
    const fresh = after.find((pod) => !names.has(pod.metadata.name));
    expect(await kubernetes.logs(fresh?.metadata.name as string, { tail: 1 })).toContain('container web');
    await expect(kubernetes.logs('none')).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' });
    expect((await kubernetes.list('namespaces')).map((one) => one.metadata.name)).toContain('shop');
    expect((await kubernetes.list('configmap', { allNamespaces: true })).map((one) => one.metadata.name)).toContain('settings');
  });

  test('patches and deletes, and waits until it is gone', async () => {
    expect(await kubernetes.patch('deploy', 'web', { metadata: { annotations: { seen: 'yes' } } })).toMatchObject({
      metadata: { annotations: { seen: 'yes' } },
    });
    expect(await kubernetes.patch('deploy', 'web', [{ op: 'remove', path: '/metadata/annotations/seen' }], { type: 'json' })).toMatchObject(
      { kind: 'Deployment' },
    );
    expect(await kubernetes.delete('deploy', 'web', { wait: true, propagation: 'foreground', timeout: 20 })).toBe('deleted');
    expect(await kubernetes.delete('deploy', 'web')).toBe('gone');
    expect(await kubernetes.health('deploy', 'web')).toMatchObject({ status: 'Missing' });
    expect(await kubernetes.wait('deploy', 'web', { deleted: true })).toBeUndefined();
  });

  test('waits for a condition and for a field', async () => {
    await kubernetes.apply(deployment('api'));
    expect(await kubernetes.wait('deploy', 'api', { condition: 'available', timeout: 20 })).toMatchObject({ kind: 'Deployment' });
    expect(await kubernetes.wait('deploy', 'api', { path: 'status.readyReplicas', value: 1, timeout: 20 })).toMatchObject({
      kind: 'Deployment',
    });
    await expect(kubernetes.wait('deploy', 'api', { condition: 'Perfect', timeout: 2 })).rejects.toMatchObject({
      code: 'KUBE_WAIT',
      message: expect.stringContaining('it has no condition Perfect'),
    });
    await expect(kubernetes.wait('deploy', 'none', { timeout: '2s' })).rejects.toMatchObject({
      message: expect.stringContaining('it is not there'),
    });
    const controller = new AbortController();
    const waiting = lab.with({ signal: controller.signal }).kubernetes.wait('deploy', 'none');
    setTimeout(() => controller.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('says what is wrong', async () => {
    await expect(kubernetes.get('deplyment', 'web')).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN_KIND',
      hint: 'Did you mean "Deployment"?',
    });
    await expect(kubernetes.scale('configmap', 'settings', 2, { namespace: 'shop' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(kubernetes.restart('pod', 'x')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(kubernetes.wait('pod', 'x', { deleted: true, healthy: true })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(kubernetes.wait('pod', 'x', { value: 1 })).rejects.toMatchObject({ code: 'OPTION_INVALID', where: { field: 'value' } });
    await expect(kubernetes.get('pod', '../secrets/x')).rejects.toMatchObject({ code: 'KUBE_REQUEST_REFUSED' });
    await expect(kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata: {} })).rejects.toMatchObject({
      code: 'MANIFEST_METADATA_INVALID',
    });
    await expect(kubernetes.apply('a: [')).rejects.toMatchObject({ code: 'MANIFEST_YAML_INVALID' });
    await kubernetes.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { a: '1' } } as never, {
      fieldManager: 'helm',
    });
    const mine = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { a: '2' } };
    await expect(kubernetes.apply(mine)).rejects.toMatchObject({ code: 'KUBE_CONFLICT' });
    expect(await kubernetes.apply(mine, { force: true })).toMatchObject({ created: 0 });
  });

  test('leaves names in objects alone for scripts in snake_case', async () => {
    const given = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'raw' }, data: { some_key: '1', someKey: '2' } };
    expect(await invokeSnake(lab.modules, 'kubernetes', 'apply', [given, { field_manager: 'lua' }])).toMatchObject({
      objects: [{ data: { some_key: '1', someKey: '2' }, metadata: { managedFields: [{ manager: 'lua', fieldsType: 'FieldsV1' }] } }],
    });
  });
});
