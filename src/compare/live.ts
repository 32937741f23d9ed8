import type { ApiResource, Cluster, Discovery } from '../kube/index.js';
import { EvenkeelError, formatKey, groupBy, type KubeObject, keyOf, mapBounded, type ResourceKey } from '../model/index.js';
import { workflowLabel } from './marks.js';
import type { AppliedRecord, Desired } from './types.js';

export interface LiveInput {
  cluster: Cluster;
  discovery: Discovery;
  workflowId: string;
  desired: readonly Desired[];
  applied: readonly AppliedRecord[];
  signal?: AbortSignal;
}

/** Single objects are asked for by name up to here; beyond it one list of names costs less. */
const singleGets = 8;

const parallel = 32;

/**
 * The live objects that matter to a workflow, by formatKey: all that carry its label, and those that
 * stand where it wants to put something. One list per type where everything is ours already.
 */
export async function readLive(input: LiveInput): Promise<Map<string, KubeObject>> {
  const { cluster, workflowId, signal } = input;
  const live = new Map<string, KubeObject>();
  const wanted = byType(input);
  const labelSelector = `${workflowLabel}=${workflowId}`;
  await mapBounded(
    [...wanted.values()],
    parallel,
    async ({ resource, keys }) => {
      for (const object of await listAcross(cluster, resource, keys, { labelSelector, signal })) live.set(formatKey(keyOf(object)), object);
    },
    signal,
  );
  const missing: { resource: ApiResource; key: ResourceKey }[] = [];
  for (const { key, resource } of input.desired) if (resource !== undefined && !live.has(formatKey(key))) missing.push({ resource, key });
  const places = groupBy(missing, ({ resource, key }) => `${resource.group}/${resource.version}/${resource.plural}:${key.namespace}`);
  const present: { resource: ApiResource; key: ResourceKey }[] = [];
  await mapBounded(
    [...places.values()],
    parallel,
    async (group) => {
      if (group.length <= singleGets) {
        present.push(...group);
        return;
      }
      const { resource, key } = group[0] as (typeof group)[number];
      const list = await cluster.list(resource, { namespace: namespaceOf(resource, key.namespace), metadataOnly: true, signal });
      const names = new Set(list.items.map((item) => item.metadata.name));
      present.push(...group.filter((wish) => names.has(wish.key.name)));
    },
    signal,
  );
  await mapBounded(
    present,
    parallel,
    async ({ resource, key }) => {
      const object = await cluster.get(resource, { namespace: namespaceOf(resource, key.namespace), name: key.name }, { signal });
      if (object !== undefined) live.set(formatKey(key), object);
    },
    signal,
  );
  return live;
}

export function namespaceOf(resource: ApiResource, namespace: string): string | undefined {
  return resource.namespaced ? namespace : undefined;
}

/** The type under which an object that was applied once is served today; undefined where it no longer is. */
export function servedAs(discovery: Discovery, { key, version }: AppliedRecord): ApiResource | undefined {
  return discovery.find({ group: key.group, version, kind: key.kind }) ?? discovery.preferred(key.group, key.kind);
}

interface TypeGroup {
  resource: ApiResource;
  keys: ResourceKey[];
}

function byType({ desired, applied, discovery }: LiveInput): Map<string, TypeGroup> {
  const types = new Map<string, TypeGroup>();
  const versions = new Set<string>();
  const add = (resource: ApiResource | undefined, key: ResourceKey) => {
    if (resource === undefined) return;
    const id = `${resource.group}/${resource.version}/${resource.plural}`;
    const type = types.get(id);
    if (type) type.keys.push(key);
    else types.set(id, { resource, keys: [key] });
    versions.add(formatKey(key));
  };
  for (const { resource, key } of desired) add(resource, key);
  for (const record of applied) if (!versions.has(formatKey(record.key))) add(servedAs(discovery, record), record.key);
  return types;
}

/** Lists a type in all namespaces, or in each one that matters where the caller may not see all. */
async function listAcross(
  cluster: Cluster,
  resource: ApiResource,
  keys: readonly ResourceKey[],
  options: { labelSelector: string; signal?: AbortSignal },
): Promise<KubeObject[]> {
  try {
    return (await cluster.list(resource, options)).items;
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    if (error.code === 'KUBE_NOT_FOUND') return [];
    if (error.code !== 'KUBE_FORBIDDEN' || !resource.namespaced) throw error;
    const namespaces = [...new Set(keys.map((key) => key.namespace))];
    const lists = await mapBounded(namespaces, 8, (namespace) => cluster.list(resource, { ...options, namespace }), options.signal);
    return lists.flatMap((list) => list.items);
  }
}
