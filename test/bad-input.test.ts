import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCluster } from '../src/kube/index.js';
import type { WireResponse } from '../src/model/index.js';
import { configMap, deployment, type Lab, makeLab } from './support/lab.js';

let lab: Lab;

beforeEach(async () => {
  lab = await makeLab();
});

afterEach(() => lab.close());

/** Syncs a commit that also holds a good object, and holds that nothing at all was written. */
async function refused(files: { [path: string]: string }, options: { workflow?: object } = {}) {
  lab.repository.commit({ 'k8s/good.yaml': configMap('good', { a: '1' }), ...files });
  const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s', ...options.workflow });
  const report = await lab.gitops.syncWorkflow(workflowId);
  expect(report.success).toBe(false);
  expect(lab.writes()).toEqual([]);
  expect(await lab.get('v1', 'ConfigMap', 'good')).toBeUndefined();
  return report.error as {
    code: string;
    message: string;
    hint?: string;
    where?: { file?: string; line?: number; column?: number; resource?: string };
  };
}

describe('bad input is refused as a whole, with nothing written', () => {
  it('malformed YAML in one file of many', async () => {
    const error = await refused({ 'k8s/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n\ta: "1"\n' });
    expect(error).toMatchObject({ code: expect.stringMatching(/^MANIFEST_/), where: { file: 'k8s/bad.yaml', line: 6, column: 1 } });
  });

  it('a template that was never rendered', async () => {
    const error = await refused({ 'k8s/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n' });
    expect(error).toMatchObject({ where: { file: 'k8s/bad.yaml', line: 4 }, hint: expect.stringContaining('chart') });
  });

  it('a duplicate object', async () => {
    const error = await refused({ 'k8s/one.yaml': configMap('same', { a: '1' }), 'k8s/two.yaml': configMap('same', { a: '2' }) });
    expect(error).toMatchObject({ code: 'MANIFEST_DUPLICATE' });
    expect(error.message + JSON.stringify(error)).toMatch(/one\.yaml.*two\.yaml|two\.yaml.*one\.yaml/s);
  });

  it('an unknown kind, with the nearest known one', async () => {
    const error = await refused({ 'k8s/bad.yaml': deployment('web').replace('kind: Deployment', 'kind: Deploymnet') });
    expect(error).toMatchObject({
      code: 'MANIFEST_UNKNOWN_KIND',
      where: { file: 'k8s/bad.yaml', line: 1 },
      hint: expect.stringContaining('Deployment'),
    });
  });

  it('a missing namespace', async () => {
    const error = await refused({}, { workflow: { namespace: 'nowhere' } });
    expect(error).toMatchObject({
      code: 'SYNC_BLOCKED',
      message: expect.stringContaining('namespace "nowhere" does not exist'),
      hint: expect.stringContaining('--create-namespace'),
    });
  });

  it('a misspelt field', async () => {
    const error = await refused({ 'k8s/bad.yaml': deployment('web').replace('replicas', 'replcas') });
    expect(error).toMatchObject({ code: 'SYNC_BLOCKED', message: expect.stringContaining('replcas') });
  });

  it('a value that the API server refuses, of an object that exists', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web') });
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s' });
    expect((await lab.gitops.syncWorkflow(workflowId)).success).toBe(true);
    lab.repository.commit({ 'k8s/web.yaml': deployment('web').replaceAll('app: web', 'app: other') });
    lab.forget();
    const report = await lab.gitops.syncWorkflow(workflowId);
    expect(report.error).toMatchObject({ code: 'SYNC_BLOCKED', message: expect.stringContaining('field is immutable') });
    expect(lab.writes()).toEqual([]);
  });

  it('a path that does not exist', async () => {
    lab.repository.commit({ 'k8s/production/a.yaml': configMap('a', { a: '1' }) });
    const { workflowId } = await lab.gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s/prodction' });
    expect((await lab.gitops.syncWorkflow(workflowId)).error).toMatchObject({
      code: 'MANIFEST_PATH_NOT_FOUND',
      hint: expect.stringContaining('k8s/production'),
    });
  });

  it('a symlink out of the tree', async () => {
    lab.repository.link('k8s/leak.yaml', '../../../../etc/passwd');
    const error = await refused({});
    expect(error.message).toMatch(/leak\.yaml/);
    expect(error.code).toBe('MANIFEST_LINK_OUTSIDE');
  });

  it('a file of 200 MB, without reading it', async () => {
    const error = await refused({ 'k8s/huge.yaml': `# ${'x'.repeat(200 * 1024 * 1024)}` });
    expect(error).toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(JSON.stringify(error)).toContain('k8s/huge.yaml');
  });

  it('a YAML alias bomb', async () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `${'abcdefghijkl'[i]}: &${'abcdefghijkl'[i]} [${Array(9)
          .fill(`*${'abcdefghijkl'[i - 1]}`)
          .join(',')}]`,
      );
    const error = await refused({ 'k8s/bomb.yaml': `${lines.join('\n')}\n` });
    expect(error).toMatchObject({ where: { file: 'k8s/bomb.yaml' } });
  });

  it('an annotation with an unknown value', async () => {
    const error = await refused({ 'k8s/hook.yaml': configMap('hook', { a: '1' }, '  annotations: {argocd.argoproj.io/hook: PreSnyc}\n') });
    expect(error).toMatchObject({
      code: 'COMPARE_ANNOTATION_INVALID',
      where: { file: 'k8s/hook.yaml', line: 1 },
      hint: 'Did you mean "PreSync"?',
    });
  });
});

describe('a cluster that cannot be used', () => {
  it('is said to be unreachable', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const { connectCluster, connectionFor, parseKubeconfig } = await import('../src/kube/index.js');
    const text = `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:${port}"}}]\nusers: [{name: u, user: {}}]\n`;
    const gitops = await lab.reopen({
      openCluster: async () =>
        connectCluster(await connectionFor(parseKubeconfig(text, 'kubeconfig'), undefined, { env: {} }), { attempts: 1 }),
    });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { a: '1' }) });
    const { workflowId } = await gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s' });
    const report = await gitops.syncWorkflow(workflowId);
    expect(report.error).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      message: `c (http://127.0.0.1:${port}) refuses connections`,
      hint: expect.any(String),
    });
    expect((await gitops.history(workflowId))[0]).toMatchObject({ status: 'failed' });
  });

  it('with an expired token is said to refuse the credentials', async () => {
    const wire = async (): Promise<WireResponse> => ({
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      }),
    });
    const gitops = await lab.reopen({ openCluster: async () => openCluster({ wire, name: 'production' }) });
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { a: '1' }) });
    const { workflowId } = await gitops.workflow({ repo: lab.repository.path, targetPath: 'k8s' });
    expect((await gitops.syncWorkflow(workflowId)).error).toMatchObject({ code: 'KUBE_UNAUTHORIZED', hint: expect.any(String) });
  });
});
