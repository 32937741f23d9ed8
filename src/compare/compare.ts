import type { Cluster, Discovery } from '../kube/index.js';
import { compareForDelete } from '../manifest/index.js';
import { count, describeKey, EvenkeelError, formatKey, type KubeObject, mapBounded } from '../model/index.js';
import { type DecideOptions, decide } from './decide.js';
import { readLive, servedAs } from './live.js';
import { ownerOf } from './marks.js';
import type { AppliedRecord, Compared, Comparison, Conflict, Desired, PruneCandidate } from './types.js';

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
  const items = await mapBounded(
    desired,
    options.parallel ?? 16,
    async (one): Promise<Compared> => {
      const key = formatKey(one.key);
      const absent = one.resource?.namespaced ? missing.get(one.key.namespace) : undefined;
      if (absent === 'blocks') return withoutNamespace(one, options);
      // The server cannot be asked about an object in a namespace that this very sync makes.
      const asked = absent === 'made-here' ? { ...options, dryRunCreates: false } : options;
      return decide(one, live.get(key), records.get(key), asked);
    },
    signal,
  );
  const { prune, warnings } = findPrunable(options, live);
  return { items, prune, warnings: [...warnings, ...items.flatMap((item) => item.warnings)] };
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

/** Annotations by which a manifest says, in the words of other tools, that its object is never deleted. */
function isKept(object: KubeObject): boolean {
  const annotations = object.metadata.annotations ?? {};
  const argo = (annotations['argocd.argoproj.io/sync-options'] ?? '').split(',').map((option) => option.trim());
  return (
    argo.includes('Prune=false') ||
    annotations['helm.sh/resource-policy'] === 'keep' ||
    annotations['kustomize.toolkit.fluxcd.io/prune'] === 'disabled'
  );
}

/** What the inventory has, Git no longer wants, and still carries our mark. */
function findPrunable(options: CompareOptions, live: ReadonlyMap<string, KubeObject>): { prune: PruneCandidate[]; warnings: string[] } {
  const { applied, desired, discovery, workflowId, prune } = options;
  const wanted = new Set(desired.map((d) => formatKey(d.key)));
  const known = new Set(applied.map((record) => formatKey(record.key)));
  const candidates: PruneCandidate[] = [];
  const warnings: string[] = [];
  for (const record of applied) {
    const object = live.get(formatKey(record.key));
    if (wanted.has(formatKey(record.key)) || object === undefined || ownerOf(object) !== workflowId) continue;
    if (object.metadata.deletionTimestamp !== undefined) continue;
    const resource = servedAs(discovery, record);
    if (resource === undefined) continue;
    if (isKept(object)) warnings.push(`${describeKey(record.key)} left Git but is kept: an annotation on it says so`);
    else candidates.push({ key: record.key, resource, live: object });
  }
  for (const [key, object] of live) {
    if (known.has(key) || wanted.has(key) || ownerOf(object) !== workflowId) continue;
    warnings.push(
      `${object.kind}/${object.metadata.name ?? ''} carries this workflow's mark but is neither in Git nor in its inventory; it is left alone`,
    );
  }
  candidates.sort((a, b) => compareForDelete(a.live, b.live));
  if (prune || candidates.length === 0) return { prune: candidates, warnings: warnings.sort() };
  const names = candidates.slice(0, 5).map((c) => describeKey(c.key));
  const rest = candidates.length - names.length;
  warnings.push(
    `${count(candidates.length, 'object')} left Git and would be deleted with --prune: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
  );
  return { prune: [], warnings: warnings.sort() };
}
