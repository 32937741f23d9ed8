import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PrepareEvent } from '../src/gitops/index.js';
import { type GitServer, serveGit } from '../src/source/httpGit.testing.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';
import { makeRepository, type TestRepository } from './support/repository.js';

const shared = join(import.meta.dirname, '../../shared/repos');
const examples = join(shared, 'argocd-example-apps.bundle');
const flux = join(shared, 'flux2-kustomize-helm-example.bundle');
if (!existsSync(flux)) console.log(`Real kustomizations skipped: there is no ${shared}.`);

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

async function syncOnce(workflowId: string): Promise<{ applied: number; cached: boolean }> {
  let rendered: Extract<PrepareEvent, { type: 'rendered' }> | undefined;
  const report = await lab.gitops.syncWorkflow(workflowId, {
    onEvent: (event) => {
      if (event.type === 'rendered') rendered = event;
    },
  });
  expect(report.reason).toBe(undefined);
  return { applied: report.metrics.resourcesApplied, cached: rendered?.cached ?? false };
}

function crd(kind: string, plural: string, group: string, version: string, scope = 'Namespaced'): string {
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    // Kinds of the Kubernetes project's own groups need a word of approval.
    metadata: { name: `${plural}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' } },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
}

describe.skipIf(!existsSync(flux))('real kustomizations', () => {
  it('kustomize-guestbook is synced, healthy, and left alone afterwards', async () => {
    const { workflowId } = await lab.gitops.workflow({ repo: examples, branch: 'master', targetPath: 'kustomize-guestbook' });
    expect((await syncOnce(workflowId)).applied).toBe(2);
    const resources = await lab.gitops.inspect(workflowId);
    expect(resources.map(({ key }) => `${key.kind}/${key.name}`).sort()).toEqual([
      'Deployment/kustomize-guestbook-ui',
      'Service/kustomize-guestbook-ui',
    ]);
    expect(resources.filter((r) => r.sync !== 'synced' || (r.health !== null && r.health.status !== 'Healthy'))).toEqual([]);
    lab.forget();
    expect(await syncOnce(workflowId)).toEqual({ applied: 0, cached: true });
    expect(lab.writes()).toEqual([]);
  });

  it('those of Flux are synced once their kinds are there', async () => {
    const kinds = [
      ['Kustomization', 'kustomizations', 'kustomize.toolkit.fluxcd.io', 'v1'],
      ['ArtifactGenerator', 'artifactgenerators', 'source.extensions.fluxcd.io', 'v1beta1'],
      ['HelmRelease', 'helmreleases', 'helm.toolkit.fluxcd.io', 'v2'],
      ['HelmRepository', 'helmrepositories', 'source.toolkit.fluxcd.io', 'v1'],
      ['OCIRepository', 'ocirepositories', 'source.toolkit.fluxcd.io', 'v1'],
      ['ClusterIssuer', 'clusterissuers', 'cert-manager.io', 'v1', 'Cluster'],
      ['Gateway', 'gateways', 'gateway.networking.k8s.io', 'v1'],
      ['GatewayClass', 'gatewayclasses', 'gateway.networking.k8s.io', 'v1', 'Cluster'],
    ] as const;
    lab.repository.commit({
      'crds/all.yaml': kinds.map(([kind, plural, group, version, scope]) => crd(kind, plural, group, version, scope)).join('\n---\n'),
      'crds/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: flux-system}\n',
      'crds/kustomization.yaml': 'resources: [namespace.yaml, all.yaml]\ncommonAnnotations: {purpose: tests}\n',
    });
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'crds' });
    expect((await syncOnce(workflowId)).applied).toBe(kinds.length + 1);
    // What a cluster knows is remembered for a while; another process asks anew. No controller runs that would make these ready.
    lab.gitops = await lab.reopen();
    const sync = async (targetPath: string) => {
      const settings = { createNamespace: true, syncPolicy: { healthCheck: { enabled: false } } };
      const workflow = await lab.gitops.workflow({ repo: flux, branch: 'main', targetPath, ...settings });
      const { applied } = await syncOnce(workflow.workflowId);
      expect((await lab.gitops.generateDiff(workflow.workflowId)).summary).toMatchObject({ totalChanges: 0, conflictCount: 0 });
      return applied;
    };
    expect(await sync('clusters/production/flux-system')).toBe(0);
    expect(await sync('clusters/production')).toBe(4);
    expect(await sync('infrastructure/controllers')).toBe(6);
    expect(await sync('infrastructure/configs')).toBe(3);
    expect(await sync('apps/staging')).toBe(3);
    const release = await lab.get('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'podinfo', 'podinfo');
    expect(release?.['spec']).toMatchObject({ values: { httpRoute: { hostnames: ['podinfo.staging'] } } });
  });
});

const overlay = {
  'base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [colour=red]}]\n',
  'base/web.yaml': deployment('web'),
  'prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\nreplicas: [{name: web, count: 3}]\n',
};

describe('a kustomization', () => {
  it('is not rendered again while nothing that it looked for has changed, whatever else has, by whichever process', async () => {
    lab.repository.commit(overlay);
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'prod' });
    expect(await syncOnce(workflowId)).toEqual({ applied: 2, cached: false });
    lab.repository.commit({ 'README.md': 'words', 'base/not-listed.yaml': configMap('no', {}) });
    expect(await syncOnce(workflowId)).toEqual({ applied: 0, cached: true });
    lab.gitops = await lab.reopen();
    expect(await syncOnce(workflowId)).toEqual({ applied: 0, cached: true });
    lab.repository.commit({ 'base/web.yaml': deployment('web', { image: 'nginx:1.26' }) });
    expect(await syncOnce(workflowId)).toEqual({ applied: 1, cached: false });
    // A second name for the kustomization file was looked for and not found; now it is there.
    lab.repository.commit({ 'prod/kustomization.yml': 'resources: [../base]\n' });
    await expect(lab.gitops.generateDiff(workflowId)).rejects.toMatchObject({ code: 'KUSTOMIZE_INVALID' });
  });

  it('is refused as a whole with file and field where it is wrong, and nothing is written', async () => {
    lab.repository.commit({ ...overlay, 'prod/kustomization.yaml': 'resources: [../base]\nreplicas: [{name: wbe, count: 3}]\n' });
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'prod' });
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report).toMatchObject({ success: false, reason: expect.stringContaining('wbe') });
    await expect(lab.gitops.generateDiff(workflowId)).rejects.toMatchObject({
      code: 'KUSTOMIZE_NO_MATCH',
      where: { file: 'prod/kustomization.yaml', field: 'replicas[0]' },
    });
    expect(lab.writes()).toEqual([]);
  });
});

describe('a base in another repository', () => {
  let folder: string;
  let remote: TestRepository;
  let server: GitServer;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-bases-'));
    remote = makeRepository(join(folder, 'bases'));
    remote.commit({ 'web/kustomization.yaml': 'resources: [web.yaml]\n', 'web/web.yaml': deployment('web') });
    remote.git('tag', 'v1');
    server = await serveGit(folder);
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const base = (ref: string) => `resources: ["${server.origin}/bases/.git//web?ref=${ref}"]\nnamePrefix: my-\n`;
  const open = (options: object = {}) => lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'app', ...options });

  it('is pinned to a commit that the diff names, and looked at again when its branch moves', async () => {
    const pinned = remote.git('rev-parse', 'v1');
    lab.repository.commit({ 'app/kustomization.yaml': base('v1') });
    const { workflowId } = await open();
    const diff = await lab.gitops.generateDiff(workflowId);
    expect(diff.bases).toEqual([{ url: `${server.origin}/bases/.git`, ref: 'v1', revision: pinned }]);
    expect(diff.changes.map(({ resource }) => resource)).toEqual(['Deployment/my-web']);

    lab.repository.commit({ 'app/kustomization.yaml': base('main') });
    expect((await syncOnce(workflowId)).applied).toBe(1);
    expect(await syncOnce(workflowId)).toEqual({ applied: 0, cached: true });
    const moved = remote.commit({ 'web/web.yaml': deployment('web', { image: 'nginx:1.26' }) });
    expect((await lab.gitops.generateDiff(workflowId)).bases).toMatchObject([{ revision: moved }]);
    expect(await syncOnce(workflowId)).toEqual({ applied: 1, cached: false });
  });

  it('is refused where the workflow forbids it, where the ref is not there, and where it is a repository of this machine', async () => {
    lab.repository.commit({ 'app/kustomization.yaml': base('v1') });
    const forbidden = await open({ remoteBases: 'refuse' });
    await expect(lab.gitops.generateDiff(forbidden.workflowId)).rejects.toMatchObject({
      code: 'KUSTOMIZE_REMOTE',
      where: { file: 'app/kustomization.yaml', field: 'resources[0]' },
    });
    expect(server.requests).toEqual([]);
    const { workflowId } = await open({ remoteBases: 'allow' });
    lab.repository.commit({ 'app/kustomization.yaml': base('v9') });
    await expect(lab.gitops.generateDiff(workflowId)).rejects.toMatchObject({ code: 'KUSTOMIZE_NOT_FOUND' });
    lab.repository.commit({ 'app/kustomization.yaml': `resources: ["file://${remote.path}//web?ref=v1"]\n` });
    await expect(lab.gitops.generateDiff(workflowId)).rejects.toMatchObject({ code: 'KUSTOMIZE_FORBIDDEN' });
  });
});
