import { build, kustomizationNames } from '../kustomize/index.js';
import { loadDirectory, type ParseCache } from '../manifest/index.js';
import { EvenkeelError, type FileTree, type Manifest } from '../model/index.js';

export interface RenderInput {
  tree: FileTree;
  /** Folder or file in the tree; '' or '.' is the root. */
  path: string;
  include?: readonly string[];
  exclude?: readonly string[];
  cache?: ParseCache;
}

export interface Rendered {
  manifests: Manifest[];
  /** What rendered the path. */
  tool: 'directory' | 'kustomize';
  /** Every file that the result came from. Where none of them changes, the result is the same. */
  read: { path: string; id: string }[];
  warnings: string[];
}

/**
 * Renders a path of a revision: a kustomization where there is a kustomization file, else a directory of
 * manifests. A pure function of the files that it names in `read`.
 */
export async function renderPath({ tree, path, include, exclude, cache }: RenderInput): Promise<Rendered> {
  const directory = normalise(path);
  const names = new Set((await tree.list(directory)).map((entry) => entry.path.slice(entry.path.lastIndexOf('/') + 1)));
  if (kustomizationNames.some((name) => names.has(name))) {
    const { manifests, read } = await build(tree, directory);
    return { manifests, tool: 'kustomize', read, warnings: [] };
  }
  if (names.has('Chart.yaml')) {
    throw new EvenkeelError('NOT_YET', `${directory || 'the root'} is a Helm chart, which this version does not render`, {
      where: { file: `${directory === '' ? '' : `${directory}/`}Chart.yaml` },
      hint: 'Render it with "helm template" into a folder of plain manifests and sync that folder.',
    });
  }
  const { manifests, read, warnings } = await loadDirectory(tree, directory, { include, exclude, cache });
  return { manifests, tool: 'directory', read, warnings };
}

function normalise(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || path.startsWith('/')) {
    throw new EvenkeelError('MANIFEST_PATH_NOT_FOUND', `"${path}" is not a path inside the repository`, {
      hint: 'Give a path relative to the root of the repository, for example k8s/production.',
    });
  }
  return parts.join('/');
}
