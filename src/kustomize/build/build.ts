import type { FileTree, Json, KubeObject, Manifest, SourceLocation } from '../../model/index.js';
import { within, withinAsync } from '../errors.js';
import {
  type FetchRemote,
  type LoadedKustomization,
  type Lookup,
  loadKustomization,
  type ReadFile,
  type Reading,
  type ReadRemote,
  rootLoader,
} from '../load/index.js';
import { buildNotes, checkObject, note, type Resource } from '../resource/index.js';
import { openSchemas, type Schemas } from '../schema/index.js';
import { transformEntries, transformHashes, transformOrder, transformReferences, transformVars, type Work } from '../transform/index.js';
import { getMetaMap, setMetaMap, toJson, writeYaml } from '../yaml/index.js';
import { newAccumulator } from './accumulator.js';
import { accumulate, useOpenApi } from './target.js';

export interface BuildOptions {
  /**
   * `root`: files must lie in or below the folder of the kustomization that names them, as `kustomize build`
   * wants it; `none`: anywhere in the tree. Default root.
   */
  loadRestrictor?: 'root' | 'none';
  /** Order of the objects, where the kustomization has no `sortOptions`. Default legacy, as `kustomize build` prints them. */
  reorder?: 'none' | 'legacy';
  /** Brings bases of other repositories. Without it they are refused. */
  fetchRemote?: FetchRemote;
}

export interface BuildResult {
  manifests: Manifest[];
  /** Every file of the tree that was read, by which a result can be known to still stand. */
  read: ReadFile[];
  /** Everything that was looked for in the tree. Where all of it is found alike, the result is the same. */
  lookups: Lookup[];
  /** Bases of other repositories, each with the commit that it was pinned to. */
  remotes: ReadRemote[];
  /** Deprecated fields, and vars that nothing uses. */
  warnings: string[];
}

/** The version of Kustomize that this room does what it does as. */
const version = 'v5.5.0';

/**
 * Builds the kustomization in a folder of a tree, as Kustomize 5 does.
 *
 *     const { manifests } = await build(tree, 'overlays/production');
 *     console.log(formatBuild(manifests));
 *
 * Numbers of objects beyond 2^53 are `bigint`. Nothing is run, and nothing outside the tree is read unless
 * `fetchRemote` brings it.
 * @throws EvenkeelError KUSTOMIZE_* with the file and, where it is known, the field and line
 */
export async function build(tree: FileTree, path: string, options: BuildOptions = {}): Promise<BuildResult> {
  const reading: Reading = {
    read: new Map(),
    lookups: new Map(),
    remotes: new Map(),
    fetched: new Map(),
    fetchRemote: options.fetchRemote,
    restrict: options.loadRestrictor ?? 'root',
    opened: 0,
  };
  const folder = path === '.' ? '' : path.replace(/\/+$/, '');
  const loader = rootLoader(tree, folder, reading);
  const schemas = openSchemas();
  const loaded = await loadKustomization(loader);
  const { buildMetadata } = loaded.value;
  const warnings = [...loaded.warnings, ...unknownOptions(loaded)];
  await useOpenApi(loader, loaded, { schemas, root: true });
  const origin = buildMetadata.length > 0 ? {} : undefined;
  const result = await accumulate({ loader, loaded, schemas, origin, warnings }, newAccumulator());
  const work: Work = { resources: result.resources, schemas };
  await withinAsync({ file: loaded.file }, async () => {
    transformHashes(work);
    transformReferences(work, result.config.nameReference);
    const unused = transformVars(work, [...result.vars.values()].sort(byName), result.config.varReference);
    if (unused.length > 0) warnings.push(`${loaded.file}: vars that were never used: ${unused.join(', ')}`);
    dropLocal(work);
    if (loaded.value.sortOptions !== undefined) transformOrder(work, loaded.value.sortOptions);
    else if (options.reorder !== 'none') transformOrder(work, { order: 'legacy' });
    finish(work, buildMetadata);
  });
  return {
    manifests: work.resources.map((resource) => manifestOf(resource, schemas)),
    read: [...reading.read.values()],
    lookups: [...reading.lookups.values()],
    remotes: [...reading.remotes.values()],
    warnings: [...new Set(warnings)],
  };
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Objects that say they are only for the build leave it now. */
function dropLocal({ resources }: Work): void {
  for (const resource of resources) checkObject(resource);
  const left = resources.filter(({ node }) => (getMetaMap(node, 'annotations').get(note.local) ?? 'false') === 'false');
  resources.length = 0;
  for (const resource of left) resources.push(resource);
}

const metadataOptions = ['originAnnotations', 'transformerAnnotations', 'managedByLabel'];

/** Kustomize passes over what it does not know in `buildMetadata`; so does the build, but it says so. */
const unknownOptions = ({ file, value: { buildMetadata } }: LoadedKustomization): string[] =>
  buildMetadata.flatMap((option, i) =>
    metadataOptions.includes(option)
      ? []
      : [`${file}: buildMetadata[${i}] does nothing: there are ${metadataOptions.join(', ')}, and no ${option}`],
  );

/** Takes away what only the build knows, unless `buildMetadata` asks for it. */
function finish(work: Work, buildMetadata: readonly string[]): void {
  if (buildMetadata.includes('managedByLabel'))
    transformEntries(work, { 'app.kubernetes.io/managed-by': `kustomize-${version}` }, [{ path: 'metadata/labels', create: true }]);
  for (const { node } of work.resources) {
    const annotations = getMetaMap(node, 'annotations');
    for (const key of buildNotes) annotations.delete(key);
    if (!buildMetadata.includes('originAnnotations')) annotations.delete(note.origin);
    if (!buildMetadata.includes('transformerAnnotations')) annotations.delete(note.transformations);
    setMetaMap(node, 'annotations', annotations);
  }
}

function manifestOf(resource: Resource, _schemas: Schemas): Manifest {
  const { file, line } = resource;
  const object = within({ file, line }, () => toJson(resource.node)) as unknown as KubeObject;
  const source: SourceLocation = { file: file ?? '', ...(line === undefined ? {} : { line }) };
  return { object, source };
}

/** Objects as `kustomize build` prints them. */
export function formatBuild(manifests: readonly Manifest[]): string {
  return manifests.map(({ object }) => writeYaml(object as unknown as Json)).join('---\n');
}
