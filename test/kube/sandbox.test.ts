import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiResource,
  type Cluster,
  connectCluster,
  connectionFor,
  loadKubeconfig,
  openCluster,
  type WatchEvent,
} from '../../src/kube/index.js';
import type { KubeObject } from '../../src/model/index.js';
import { createSandbox, type Sandbox, type SandboxServer, serveSandbox } from '../../src/sandbox/index.js';

let sandbox: Sandbox;
let server: SandboxServer;
let folder: string;
const clusters = new Map<string, Cluster>();

beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false });
  server = await serveSandbox(sandbox, { port: 0 });
  folder = await mkdtemp(join(tmpdir(), 'kube-'));
  const path = join(folder, 'config');
  await writeFile(path, server.kubeconfig);
  const connection = await connectionFor(await loadKubeconfig({ path, env: {} }), undefined, { env: {} });
  clusters.set('in this process', openCluster({ wire: sandbox.wire, name: 'sandbox' }));
  clusters.set('over HTTPS', connectCluster(connection));
});

afterAll(async () => {
  for (const cluster of clusters.values()) await cluster.close();
  await server?.close();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

const object = (namespace: string, name: string, data: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
});

async function resource(cluster: Cluster, name: string): Promise<ApiResource> {
  const found = (await cluster.discovery()).byName(name);
  if (found === undefined) throw new Error(`${name} is not served`);
  return found;
}

for (const where of ['in this process', 'over HTTPS'])
  describe(`the sandbox ${where}`, () => {
    const namespace = where.replaceAll(' ', '-').toLowerCase();
    const open = () => clusters.get(where) as Cluster;

    it('lists the first ones only, and says how many are left', async () => {
      const cluster = open();
      const configMaps = await resource(cluster, 'configmaps');
      const place = `${namespace}-first`;
      await cluster.create(await resource(cluster, 'namespaces'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } });
      for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster.create(configMaps, object(place, name, {}));
      const { items, remaining } = await cluster.list(configMaps, { namespace: place, first: 2, metadataOnly: true });
      expect(items.map((item) => item.metadata.name)).toEqual(['a', 'b']);
      expect(remaining).toBe(3);
      expect((await cluster.list(configMaps, { namespace: place, first: 5 })).remaining).toBeUndefined();
    });

    it('serves discovery and its version', async () => {
      const discovery = await open().discovery();
      expect(discovery.incomplete).toEqual([]);
      expect(discovery.preferred('apps', 'Deployment')).toMatchObject({ version: 'v1', plural: 'deployments', namespaced: true });
      expect((await open().version()).gitVersion).toMatch(/^v1\./);
    });

    it('applies, lists page by page, conflicts, patches and deletes', async () => {
      const cluster = open();
      const cms = await resource(cluster, 'cm');
      await cluster.create(await resource(cluster, 'ns'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      const first = await cluster.apply(cms, object(namespace, 'web', { a: '1' }), { fieldManager: 'one' });
      expect([first.created, first.object['data']]).toEqual([true, { a: '1' }]);
      expect((await cluster.apply(cms, object(namespace, 'web', { a: '1' }), { fieldManager: 'one' })).created).toBe(false);
      await expect(cluster.apply(cms, object(namespace, 'web', { a: '2' }), { fieldManager: 'two' })).rejects.toMatchObject({
        code: 'KUBE_CONFLICT',
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] },
      });
      await expect(cluster.create(cms, object(namespace, 'web', {}))).rejects.toMatchObject({ code: 'KUBE_ALREADY_EXISTS' });
      const dry = await cluster.apply(cms, object(namespace, 'dry', {}), { fieldManager: 'one', dryRun: true });
      expect([dry.created, await cluster.get(cms, { namespace, name: 'dry' })]).toEqual([true, undefined]);
      const patched = await cluster.patch(cms, { namespace, name: 'web' }, { data: { b: '2' } }, { type: 'merge', fieldManager: 'three' });
      expect(patched.object['data']).toEqual({ a: '1', b: '2' });
      for (let i = 0; i < 5; i++) await cluster.apply(cms, object(namespace, `n${i}`, {}), { fieldManager: 'one' });
      const { items } = await cluster.list(cms, { namespace, pageSize: 2, fieldSelector: 'metadata.name!=kube-root-ca.crt' });
      expect(items.map((item) => `${item.apiVersion} ${item.kind} ${item.metadata.name}`)).toEqual(
        ['n0', 'n1', 'n2', 'n3', 'n4', 'web'].map((name) => `v1 ConfigMap ${name}`),
      );
      const reduced = await cluster.list(cms, { namespace, metadataOnly: true });
      for (const item of reduced.items) expect(Object.keys(item).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      const uid = patched.object.metadata.uid ?? '';
      await expect(cluster.delete(cms, { namespace, name: 'web' }, { preconditions: { uid: 'other' } })).rejects.toMatchObject({
        code: 'KUBE_CONFLICT',
      });
      expect(await cluster.delete(cms, { namespace, name: 'web' }, { preconditions: { uid } })).toBe('deleted');
      expect(await cluster.delete(cms, { namespace, name: 'web' })).toBe('gone');
    });

    it('is watched', async () => {
      const cluster = open();
      const cms = await resource(cluster, 'configmaps');
      const seen: string[] = [];
      const stop = new AbortController();
      const describeEvent = (e: WatchEvent) =>
        e.type === 'added' || e.type === 'modified' || e.type === 'deleted' ? `${e.type} ${e.object.metadata.name}` : e.type;
      for await (const e of cluster.watch(cms, { namespace, fieldSelector: 'metadata.name=watched', signal: stop.signal })) {
        seen.push(describeEvent(e));
        if (e.type === 'synced') {
          await cluster.apply(cms, object(namespace, 'watched', { a: '1' }), { fieldManager: 'one' });
          await cluster.apply(cms, object(namespace, 'watched', { a: '2' }), { fieldManager: 'one' });
          await cluster.delete(cms, { namespace, name: 'watched' });
        }
        if (e.type === 'deleted') stop.abort();
      }
      expect(seen).toEqual(['synced', 'added watched', 'modified watched', 'deleted watched']);
    });

    it('answers wrong objects with what is wrong', async () => {
      const cluster = open();
      const deployments = await resource(cluster, 'deployments');
      const wrong = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name: 'x' }, spec: { replicas: 'many' } };
      await expect(cluster.apply(deployments, wrong, { fieldManager: 'one' })).rejects.toMatchObject({
        name: 'EvenkeelError',
        transient: false,
      });
    });
  });
