import type { Cluster, Discovery } from '../kube/index.js';
import { describeKey, EvenkeelError, formatKey, type KubeObject, mapBounded } from '../model/index.js';
import { additionsWarning } from './additions.js';
import { type DecideOptions, decide } from './decide.js';
import { readLive } from './live.js';
import { ownerOf } from './marks.js';
import { findPrunable } from './prune.js';
import { readSurroundings } from './surroundings.js';
import { leftAloneBy } from './treatment.js';
import type { AppliedRecord, Compared, Comparison, Conflict, Desired } from './types.js';

export interface CompareOptions extends Omit<DecideOptions, 'cluster'> {
  cluster: Cluster;
  discovery: Discovery;
  desired: readonly Desired[];
  /** The workflow's inventory for this cluster. */
  applied: readonly AppliedRecord[];
  /** Whether what left Git is deleted. */
  prune: boolean;
  /** Whether namespaces that are missing will be made by the sync. */
  createNamespaces: boolean;
  /** Dry runs under way at once. */
  parallel?: number;
}

/**
 * Compares what Git wants with what the cluster has. Reads only: dry runs change nothing. Items are in
 * the order of `desired`.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { cluster, discovery, desired, applied, workflowId, signal } = options;
  const live = await readLive({ cluster, discovery, workflowId, desired, applied, signal });
  const records = new Map(applied.map((record) => [formatKey(record.key), record]));
  const missing = await missingNamespaces(options, live);
  const left: string[] = [];
  if (options.createNamespaces) left.push(...madeHere(options, missing));
  const handled = desired.filter((one) => {
    const why = leftAlone(one, live.get(formatKey(one.key)), workflowId);
    if (why !== undefined && why !== '') left.push(`${describeKey(one.key)} is left alone: ${why}`);
    return why === undefined;
  });
  const items = await mapBounded(
    handled,
    options.parallel ?? 16,
    async (one): Promise<Compared> => {
      const key = formatKey(one.key);
      const absent = one.resource?.namespaced ? missing.get(one.key.namespace) : undefined;
      if (absent === 'blocks') return withoutNamespace(one, options);
      // The server cannot be asked about an object in a namespace that this very sync makes.
      const asked = absent === 'made-here' ? { ...options, namespaceComes: true } : options;
      const takeAll = asked.takeAll === true || one.treatment?.takeAll === true;
      const object = live.get(key);
      if (one.treatment?.onlyCreate === true && object !== undefined && object.metadata.deletionTimestamp === undefined)
        return untouched(one, object);
      const item = await decide(one, object, records.get(key), { ...asked, takeAll });
      const added = additionsWarning(item);
      return added === undefined ? item : { ...item, warnings: [...item.warnings, added] };
    },
    signal,
  );
  const { prune, leftovers, gone, warnings } = findPrunable(options, live);
  const surroundings = await readSurroundings({ cluster, discovery, comparison: { items, prune }, workflowId, signal });
  return {
    items,
    prune,
    leftovers,
    gone,
    warnings: [...left, ...warnings, ...(surroundings?.warnings ?? []), ...items.flatMap((item) => item.warnings)],
    ...(handled.length === desired.length ? {} : { leftAlone: desired.length - handled.length }),
    ...(surroundings === undefined ? {} : { surroundings }),
  };
}

/**
 * Why an object of Git is no part of the sync: an annotation, in Git or on the live object, says so. '' where
 * that is nothing to tell: an object that is only to be made, and is there and somebody else's.
 */
function leftAlone({ treatment }: Desired, live: KubeObject | undefined, workflowId: string): string | undefined {
  if (treatment?.leave !== undefined) return treatment.leave;
  if (live === undefined) return undefined;
  const onCluster = leftAloneBy(live, treatment);
  if (onCluster !== undefined) return `${onCluster} on the live object`;
  return treatment?.onlyCreate === true && ownerOf(live) !== workflowId ? '' : undefined;
}

function untouched(desired: Desired, live: KubeObject): Compared {
  return { desired, live, action: 'unchanged', send: desired.object, force: false, afterDeletion: false, conflicts: [], warnings: [] };
}

/** Namespaces that no manifest declares and that the sync makes all the same. */
function madeHere({ desired }: CompareOptions, missing: ReadonlyMap<string, Absence>): string[] {
  const declared = new Set(desired.filter((d) => d.key.kind === 'Namespace' && d.key.group === '').map((d) => d.key.name));
  return [...missing]
    .filter(([name, absence]) => absence === 'made-here' && !declared.has(name))
    .map(([name]) => `namespace ${name} does not exist; the sync makes it, without the mark of the workflow`)
    .sort();
}

type Absence = 'made-here' | 'blocks';

/** Namespaces that something is to be put into and that are not there. */
async function missingNamespaces(
  { cluster, discovery, desired, createNamespaces, signal }: CompareOptions,
  live: ReadonlyMap<string, KubeObject>,
) {
  const missing = new Map<string, Absence>();
  const made = new Set(desired.filter((d) => d.key.kind === 'Namespace' && d.key.group === '').map((d) => d.key.name));
  const inhabited = new Set([...live.values()].map((object) => object.metadata.namespace ?? ''));
  const unsure = new Set(desired.filter((d) => d.resource?.namespaced && !inhabited.has(d.key.namespace)).map((d) => d.key.namespace));
  const resource = discovery.find({ group: '', version: 'v1', kind: 'Namespace' });
  if (resource === undefined) return missing;
  await mapBounded(
    [...unsure],
    8,
    async (name) => {
      try {
        if ((await cluster.get(resource, { name }, { signal })) === undefined)
          missing.set(name, made.has(name) || createNamespaces ? 'made-here' : 'blocks');
      } catch (error) {
        // Who may not look at namespaces learns at the first write whether it is there.
        if (!(error instanceof EvenkeelError) || error.code !== 'KUBE_FORBIDDEN') throw error;
      }
    },
    signal,
  );
  return missing;
}

function withoutNamespace(desired: Desired, { workflowId }: CompareOptions): Compared {
  const conflict: Conflict = {
    resource: `${desired.key.kind}/${desired.key.name}`,
    namespace: desired.key.namespace,
    group: desired.key.group,
    type: 'validation',
    description: `namespace "${desired.key.namespace}" does not exist, and this sync does not create it`,
    suggestions: [
      `Let the sync make it: evenkeel sync ${workflowId} --create-namespace`,
      `Or add a Namespace manifest "${desired.key.namespace}" to the path, or choose another with --namespace`,
    ],
    resolution: 'blocked',
    source: desired.source,
  };
  return { desired, action: 'blocked', send: desired.object, force: false, afterDeletion: false, conflicts: [conflict], warnings: [] };
}
