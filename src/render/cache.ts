import { type BuildOptions, type BuildResult, type Lookup, lookupOf } from '../kustomize/index.js';
import type { ParseCache } from '../manifest/index.js';
import { type FileTree, type Json, parseJson, sha256, stringifyJson } from '../model/index.js';

/** Changed with every change of what a build makes of the same files. */
const format = 1;
/** Results kept for one path: branches that are followed by turns, and the way back. */
const mostKept = 8;

type Cached = Omit<BuildResult, 'read'> & { read: BuildResult['read'] };

/**
 * The result of an earlier build, by this process or another, if everything that it looked for is found alike
 * in this tree and its remote bases still are at the same commits.
 */
export async function cachedBuild(tree: FileTree, path: string, { cache, options }: CacheUse): Promise<BuildResult | undefined> {
  if (cache === undefined) return undefined;
  const index = indexKey(tree, path, options);
  const known = readJson<string[]>((await cache.get([index])).get(index));
  if (known === undefined) return undefined;
  const entries = await cache.get(known);
  for (const key of known) {
    const result = readJson<Cached>(entries.get(key));
    if (result !== undefined && (await stillStands(tree, result, options))) return result;
  }
  return undefined;
}

export interface CacheUse {
  cache: ParseCache | undefined;
  options: BuildOptions;
}

export async function keepBuild(tree: FileTree, path: string, result: BuildResult, { cache, options }: CacheUse): Promise<void> {
  if (cache === undefined) return;
  const index = indexKey(tree, path, options);
  const key = `${index}:${sha256(stringifyJson([result.lookups, result.remotes] as unknown as Json))}`;
  const known = readJson<string[]>((await cache.get([index])).get(index)) ?? [];
  const kept = [key, ...known.filter((other) => other !== key)].slice(0, mostKept);
  await cache.put([
    { key, value: stringifyJson(result as unknown as Json) },
    { key: index, value: stringifyJson(kept) },
  ]);
}

function indexKey(tree: FileTree, path: string, { loadRestrictor = 'root', reorder = 'legacy' }: BuildOptions): string {
  return `kustomize:${format}:${sha256(stringifyJson([tree.origin, path, loadRestrictor, reorder]))}`;
}

async function stillStands(tree: FileTree, { lookups, remotes }: Cached, { fetchRemote }: BuildOptions): Promise<boolean> {
  for (const { path, found } of lookups as Lookup[]) if (lookupOf(path, await tree.entry(path)).found !== found) return false;
  for (const { url, ref, revision } of remotes) {
    if (fetchRemote === undefined) return false;
    // A full commit hash is what it is.
    if (ref !== revision && (await fetchRemote({ url, ref })).revision !== revision) return false;
  }
  return true;
}

function readJson<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parseJson(text) as unknown as T;
  } catch {
    return undefined;
  }
}
