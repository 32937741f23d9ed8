import { type BuildOptions, build, formatBuild, kustomizationNames, type ReadRemote } from '../kustomize/index.js';
import { formatYamlDocuments, loadDirectory, type ParseCache, readManifests } from '../manifest/index.js';
import { EvenkeelError, type FileTree, type Json, type Manifest } from '../model/index.js';
import { cachedBuild, keepBuild } from './cache.js';

export interface RenderInput {
  tree: FileTree;
  /** Folder or file in the tree; '' or '.' is the root. */
  path: string;
  /** Of a directory of manifests. */
  include?: readonly string[];
  exclude?: readonly string[];
  /** What earlier renders have read and made, by contents. */
  cache?: ParseCache;
  /** Of a kustomization. */
  kustomize?: BuildOptions;
  /** Whether what a kustomization makes must be objects that a cluster can take. Default true. */
  check?: boolean;
}

export interface Rendered {
  manifests: Manifest[];
  /** What rendered the path. */
  tool: 'directory' | 'kustomize';
  /** Every file that the result came from. Where none of them changes, the result is the same. */
  read: { path: string; id: string }[];
  /** Bases of other repositories that the result came from. */
  remotes: ReadRemote[];
  warnings: string[];
  /** Whether nothing was rendered: everything was as an earlier render found it. */
  cached: boolean;
  /** The manifests as text: for a kustomization what `kustomize build` prints. */
  format(): string;
}

/**
 * Renders a path of a revision: a kustomization where there is a kustomization file, else a directory of
 * manifests. A pure function of the files that it names in `read`, and of `remotes`.
 */
export async function renderPath(input: RenderInput): Promise<Rendered> {
  const { tree, path } = input;
  const directory = normalise(path);
  const names = new Set((await tree.list(directory)).map((entry) => entry.path.slice(entry.path.lastIndexOf('/') + 1)));
  if (kustomizationNames.some((name) => names.has(name))) return renderKustomization(input, directory);
  if (names.has('Chart.yaml')) {
    throw new EvenkeelError('NOT_YET', `${directory || 'the root'} is a Helm chart, which this version does not render`, {
      where: { file: `${directory === '' ? '' : `${directory}/`}Chart.yaml` },
      hint: 'Render it with "helm template" into a folder of plain manifests and sync that folder.',
    });
  }
  const { include, exclude, cache } = input;
  const { manifests, read, warnings } = await loadDirectory(tree, directory, { include, exclude, cache });
  return {
    manifests,
    tool: 'directory',
    read,
    remotes: [],
    warnings,
    cached: false,
    format: () => formatYamlDocuments(manifests.map(({ object }) => object)),
  };
}

async function renderKustomization(
  { tree, cache, kustomize: options = {}, check = true }: RenderInput,
  directory: string,
): Promise<Rendered> {
  let result = await cachedBuild(tree, directory, { cache, options });
  const cached = result !== undefined;
  if (result === undefined) {
    result = await build(tree, directory, options);
    await keepBuild(tree, directory, result, { cache, options });
  }
  const { manifests: built, read, remotes, warnings } = result;
  const manifests = check ? built.flatMap(checked) : built;
  return { manifests, tool: 'kustomize', read, remotes, warnings, cached, format: () => formatBuild(built) };
}

/** Kustomize makes objects that no cluster takes without a word; here they are refused, with the file that they come from. */
function checked({ object, source }: Manifest): Manifest[] {
  const position = { line: source.line ?? 1, column: source.column ?? 1 };
  return readManifests([{ value: object as unknown as Json, ...position, warnings: [], locate: () => position }], source);
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
