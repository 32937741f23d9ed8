import {
  buildDiff,
  type Comparison,
  compare,
  type DesiredInput,
  type Diff,
  type Hook,
  makePlan,
  type Plan,
  type PlanChoices,
  prepareDesired,
} from '../compare/index.js';
import type { Cluster } from '../kube/index.js';
import type { ParseCache } from '../manifest/index.js';
import { type Clock, EvenkeelError } from '../model/index.js';
import { remoteBases, renderPath } from '../render/index.js';
import type { Ref, Source } from '../source/index.js';
import type { Store, WorkflowRecord } from '../store/index.js';
import { appliedBase } from './caches.js';
import type { WorkflowSettings } from './settings.js';
import type { PrepareEvent } from './types.js';

export interface PrepareInput {
  workflow: WorkflowRecord;
  settings: WorkflowSettings;
  source: Source;
  ref: Ref;
  /** Another repository, which a kustomization has a base in, with the credentials that are registered for it. */
  openRemote: (url: string) => Promise<Source>;
  /** Files that were parsed before. */
  cache: ParseCache;
  /** Opens the cluster; it is done while Git is read. */
  openCluster: () => Promise<OpenedCluster>;
  store: Store;
  clock: Clock;
  prune: boolean;
  takeBack: boolean;
  adopt: boolean;
  /** Ask the server about creations too. */
  dryRunCreates: boolean;
  signal?: AbortSignal;
  onEvent?: (event: PrepareEvent) => void;
  onRevision?: (revision: string) => Promise<void>;
}

/** A cluster, and what tells it from others whatever it is called. */
export interface OpenedCluster {
  cluster: Cluster;
  id: string;
}

export interface Prepared {
  cluster: Cluster;
  clusterId: string;
  revision: string;
  comparison: Comparison;
  hooks: Hook[];
  diff: Diff;
  inventorySize: number;
}

/** From a repository to a comparison: fetch, render, place, compare. Writes nothing to the cluster. */
export async function prepare(input: PrepareInput): Promise<Prepared> {
  const { workflow, settings, source, store, clock, signal, onEvent } = input;
  const opening = input.openCluster();
  // Whoever fails first is what is reported; the other one must not count as unheard.
  opening.catch(() => {});
  const { revision } = await source.fetch(input.ref, signal);
  await input.onRevision?.(revision);
  const commit = await source.commit(revision);
  onEvent?.({ type: 'fetched', revision, subject: commit.subject, author: commit.author });
  const rendered = await renderPath({
    tree: source.tree(revision),
    path: workflow.targetPath,
    include: settings.include,
    exclude: settings.exclude,
    cache: input.cache,
    kustomize: {
      loadRestrictor: settings.loadRestrictor,
      fetchRemote: settings.remoteBases === 'allow' ? remoteBases({ open: input.openRemote, signal }) : undefined,
    },
  });
  onEvent?.({
    type: 'rendered',
    objects: rendered.manifests.length,
    tool: rendered.tool,
    warnings: rendered.warnings,
    cached: rendered.cached,
  });
  const { cluster, id: clusterId } = await opening;
  const { discovery, desired, hooks, warnings } = await place(cluster, signal, {
    manifests: rendered.manifests,
    workflowId: workflow.id,
    namespace: settings.namespace,
    rules: { conflicts: settings.conflictRules, ignore: settings.ignoreDifferences },
  });
  const applied = await store.inventory.list(workflow.id, clusterId);
  const secretKey = await store.secretKey();
  const comparison = await compare({
    cluster,
    discovery,
    desired,
    applied,
    workflowId: workflow.id,
    prune: input.prune,
    takeBack: input.takeBack,
    adopt: input.adopt,
    dryRunCreates: input.dryRunCreates,
    createNamespaces: settings.createNamespace,
    secretKey,
    baseOf: appliedBase(store),
    signal,
  });
  comparison.warnings.unshift(...rendered.warnings, ...warnings);
  const diff = buildDiff({
    comparison,
    hooks,
    workflowId: workflow.id,
    revision,
    now: clock.now(),
    secretKey,
    inventorySize: applied.length,
  });
  if (rendered.remotes.length > 0) diff.bases = rendered.remotes;
  onEvent?.({ type: 'compared', diff });
  return { cluster, clusterId, revision, comparison, hooks, diff, inventorySize: applied.length };
}

/** Desired objects by what the cluster serves; a kind that it did not serve when it was last asked is asked for again. */
async function place(cluster: Cluster, signal: AbortSignal | undefined, input: Omit<DesiredInput, 'discovery'>) {
  const known = await cluster.discovery({ signal });
  try {
    return { discovery: known, ...prepareDesired({ ...input, discovery: known }) };
  } catch (error) {
    if (!(error instanceof EvenkeelError) || error.code !== 'MANIFEST_UNKNOWN_KIND') throw error;
    const discovery = await cluster.discovery({ refresh: true, signal });
    return { discovery, ...prepareDesired({ ...input, discovery }) };
  }
}

/** A comparison as a plan. */
export async function freeze(
  { comparison, hooks, diff, clusterId }: Prepared,
  { workflowId, store, choices, now }: { workflowId: string; store: Store; choices: PlanChoices; now: number },
): Promise<Plan> {
  return makePlan({ workflowId, clusterId, comparison, hooks, diff, choices, secretKey: await store.secretKey(), now });
}
