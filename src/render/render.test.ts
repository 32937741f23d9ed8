import { describe, expect, it } from 'vitest';
import { memoryTree } from '../source/index.js';
import { renderPath } from './render.js';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const names = async (files: { [path: string]: string }, path: string) =>
  (await renderPath({ tree: memoryTree(files), path })).manifests.map((m) => m.object.metadata.name);

describe('renderPath', () => {
  it('reads a directory of manifests, recursively and in order', async () => {
    const files = {
      'k8s/b.yaml': configMap('b'),
      'k8s/a/c.yml': configMap('c'),
      'k8s/d.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"}}',
      'other.yaml': configMap('no'),
    };
    expect(await names(files, 'k8s')).toEqual(['c', 'b', 'd']);
    expect(await names(files, './k8s/')).toEqual(['c', 'b', 'd']);
    expect(await names(files, 'k8s/b.yaml')).toEqual(['b']);
  });

  it('reads a kustomization that gathers resources, folders among them', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [b.yaml, ../base]\n',
      'app/b.yaml': configMap('b'),
      'app/not-listed.yaml': configMap('no'),
      'base/kustomization.yml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- a.yaml\n',
      'base/a.yaml': configMap('a'),
    };
    const { manifests, tool, read } = await renderPath({ tree: memoryTree(files), path: 'app' });
    expect(manifests.map((m) => m.object.metadata.name)).toEqual(['a', 'b']);
    expect(tool).toBe('kustomize');
    expect(read.map((r) => r.path).sort()).toEqual(['app/b.yaml', 'app/kustomization.yaml', 'base/a.yaml', 'base/kustomization.yml']);
  });

  it('refuses what it cannot render, with file and field', async () => {
    const kustomization = (text: string) =>
      renderPath({ tree: memoryTree({ 'app/kustomization.yaml': text, 'app/a.yaml': configMap('a') }), path: 'app' });
    await expect(kustomization('resources: [a.yaml]\nhelmCharts: [{name: x}]\n')).rejects.toMatchObject({
      code: 'KUSTOMIZE_UNSUPPORTED',
      where: { file: 'app/kustomization.yaml', field: 'helmCharts' },
    });
    await expect(kustomization('resources: [github.com/org/repo//x]\n')).rejects.toMatchObject({ code: 'KUSTOMIZE_REMOTE' });
    await expect(kustomization('resources: [gone.yaml]\n')).rejects.toMatchObject({
      code: 'KUSTOMIZE_NOT_FOUND',
      where: { field: 'resources[0]' },
    });
    await expect(kustomization('resources: [../../outside.yaml]\n')).rejects.toMatchObject({ code: 'KUSTOMIZE_NOT_FOUND' });
    await expect(kustomization('resources: [.]\n')).rejects.toMatchObject({ code: 'KUSTOMIZE_CYCLE' });
    await expect(renderPath({ tree: memoryTree({ 'chart/Chart.yaml': 'name: x\n' }), path: 'chart' })).rejects.toMatchObject({
      code: 'NOT_YET',
    });
  });

  it('refuses objects of a kustomization that no cluster takes, unless told not to look', async () => {
    const tree = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: Not_A_Name/\n', 'a.yaml': configMap('a') });
    await expect(renderPath({ tree, path: '' })).rejects.toMatchObject({ code: 'MANIFEST_NAME_INVALID', where: { file: 'a.yaml' } });
    const { format } = await renderPath({ tree, path: '', check: false });
    expect(format()).toBe('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Not_A_Name/a\n');
  });

  it('refuses paths that leave the repository', async () => {
    for (const path of ['../x', 'a/../../x', '/etc'])
      await expect(renderPath({ tree: memoryTree({ 'a.yaml': configMap('a') }), path })).rejects.toMatchObject({
        code: 'MANIFEST_PATH_NOT_FOUND',
      });
  });
});
