import { parseYaml, readManifests } from '../manifest/index.js';
import { EvenkeelError, type FileTree, type Manifest, type TreeEntry } from '../model/index.js';

/** The names that a kustomization file may have, in the order in which they are looked for. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

export interface BuildResult {
  manifests: Manifest[];
  /** Every file that was read, by which a result can be known to still stand. */
  read: { path: string; id: string }[];
}

const known = new Set(['apiVersion', 'kind', 'metadata', 'resources']);

/**
 * Renders a kustomization that gathers resources. Everything else that Kustomize can do answers NOT_YET,
 * naming the file and the field, so that no output is ever silently wrong.
 * @throws EvenkeelError KUSTOMIZE_INVALID, KUSTOMIZE_NOT_FOUND, NOT_YET
 */
export async function build(tree: FileTree, path: string): Promise<BuildResult> {
  const result: BuildResult = { manifests: [], read: [] };
  await accumulate(tree, path, { result, stack: [] });
  return result;
}

async function accumulate(tree: FileTree, directory: string, { result, stack }: { result: BuildResult; stack: string[] }): Promise<void> {
  const file = await kustomizationIn(tree, directory);
  if (stack.includes(directory))
    throw new EvenkeelError('KUSTOMIZE_INVALID', `cycle: ${[...stack, directory].map((d) => d || '.').join(' → ')}`, {
      where: { file: file.path },
    });
  const [bytes] = await tree.read([file]);
  result.read.push({ path: file.path, id: file.id });
  const value = parseYaml(new TextDecoder().decode(bytes), { file: file.path })[0]?.value ?? {};
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new EvenkeelError('KUSTOMIZE_INVALID', 'a kustomization is a map', { where: { file: file.path } });
  for (const field of Object.keys(value)) {
    if (!known.has(field)) {
      throw new EvenkeelError('NOT_YET', `this version renders kustomizations that only list resources; ${file.path} also has "${field}"`, {
        where: { file: file.path, field },
        hint: 'Render it with "kustomize build" into a folder of plain manifests and sync that folder.',
      });
    }
  }
  const resources = value['resources'] ?? [];
  if (!Array.isArray(resources))
    throw new EvenkeelError('KUSTOMIZE_INVALID', 'resources is a list of paths', { where: { file: file.path, field: 'resources' } });
  for (const [index, resource] of resources.entries()) {
    const field = `resources[${index}]`;
    if (typeof resource !== 'string')
      throw new EvenkeelError('KUSTOMIZE_INVALID', 'a resource is a path', { where: { file: file.path, field } });
    if (/^[a-z+]+:\/\/|^git@|^github\.com\//.test(resource))
      throw new EvenkeelError('NOT_YET', `remote resources are not fetched in this version: ${resource}`, {
        where: { file: file.path, field },
      });
    const target = join(directory, resource);
    const entry = target === undefined ? undefined : target === '' ? await directoryEntry() : await tree.entry(target);
    if (entry === undefined) {
      throw new EvenkeelError(
        'KUSTOMIZE_NOT_FOUND',
        `there is no ${resource} ${target === undefined ? 'inside the repository' : `(looked for ${target})`}`,
        { where: { file: file.path, field }, hint: 'Paths are relative to the kustomization file.' },
      );
    }
    if (entry.type === 'directory') await accumulate(tree, entry.path, { result, stack: [...stack, directory] });
    else {
      const [text] = await tree.read([entry]);
      result.read.push({ path: entry.path, id: entry.id });
      result.manifests.push(...readManifests(parseYaml(new TextDecoder().decode(text), { file: entry.path }), { file: entry.path }));
    }
  }
}

async function directoryEntry(): Promise<TreeEntry> {
  return { path: '', type: 'directory', id: '' };
}

async function kustomizationIn(tree: FileTree, directory: string): Promise<TreeEntry> {
  const found: TreeEntry[] = [];
  for (const name of kustomizationNames) {
    const entry = await tree.entry(directory === '' ? name : `${directory}/${name}`);
    if (entry !== undefined && entry.type !== 'directory') found.push(entry);
  }
  if (found.length > 1)
    throw new EvenkeelError('KUSTOMIZE_INVALID', `several kustomization files: ${found.map((f) => f.path).join(', ')}`, {
      where: { file: directory },
    });
  if (found[0] === undefined)
    throw new EvenkeelError('KUSTOMIZE_NOT_FOUND', `there is no kustomization file in ${directory || 'the root'}`, {
      where: { file: directory },
    });
  return found[0];
}

/** A path relative to a directory of the tree; undefined where it leaves the tree. */
function join(directory: string, relative: string): string | undefined {
  if (relative.startsWith('/')) return undefined;
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
