import type { ApiResource, Cluster, Discovery, ListOptions } from '../kube/index.js';
import { compareText, EvenkeelError, type KubeObject, mapBounded } from '../model/index.js';
import { buildGraph, type Graph } from './graph.js';
import { at } from './loose.js';
import { ownerOf } from './marks.js';
import { type Need, needsBeyond } from './missing.js';
import { selectorText } from './selector.js';
import type { Comparison } from './types.js';
import { isWorkload } from './workloads.js';

/** What lives in a namespace beside the objects of the workflow. */
export interface Inhabitants {
  /** By kind, most numerous first; derived objects (of a controller, or that every namespace has) are left out. */
  counts: { kind: string; count: number; atLeast: boolean }[];
  /** Types that the caller may not list. */
  unseen: string[];
}

/** The objects of a custom type. */
export interface Instances {
  count: number;
  atLeast: boolean;
  namespaces: string[];
}

/** What only the cluster knows and a change makes worth asking. */
export interface Surroundings {
  /** Of namespaces that are deleted. */
  namespaces: ReadonlyMap<string, Inhabitants>;
  /** Of CustomResourceDefinitions that are deleted, by their name. */
  instances: ReadonlyMap<string, Instances>;
  /** In the namespaces of workloads whose pods restart or stop. */
  disruptionBudgets: readonly KubeObject[];
  /** Keys (`namespace/name`) of Services that no workload of the workflow backs, and for which the cluster has no pods either. */
  withoutPods: ReadonlySet<string>;
  /** What pods need to start and neither the workflow nor the cluster has. */
  missing: readonly Need[];
  warnings: readonly string[];
}

export interface SurroundingsInput {
  cluster: Cluster;
  discovery: Discovery;
  comparison: Pick<Comparison, 'items' | 'prune'>;
  workflowId: string;
  signal?: AbortSignal;
}

interface Context extends SurroundingsInput {
  ask: ReturnType<typeof asker>;
  warnings: string[];
}

/** Most that is asked of a cluster for one diff, and at once. */
const most = {
  namespaces: 5,
  types: 120,
  objects: 500,
  definitions: 20,
  budgetNamespaces: 20,
  services: 20,
  needs: 20,
  failures: 3,
  parallel: 8,
};

/** Written for every namespace or for other objects by the cluster itself; nobody misses them. */
const derivedKinds = new Set(['Event', 'Endpoints', 'EndpointSlice', 'ControllerRevision', 'Lease', 'PodMetrics', 'ReplicaSet']);

/**
 * Asks the cluster what a comparison's changes reach beyond the workflow: only where a change makes it worth it (a
 * Namespace or a CRD that goes, workloads whose pods restart or stop, a Service that nothing of the workflow backs).
 * Bounded; what may not be seen is a warning and no error.
 * @returns undefined where there was nothing to ask
 */
export async function readSurroundings(given: SurroundingsInput): Promise<Surroundings | undefined> {
  const { prune, items } = given.comparison;
  const input: Context = { ...given, ask: asker(given), warnings: [] };
  const { ask, warnings } = input;
  const namespaces = prune.filter(({ key }) => key.group === '' && key.kind === 'Namespace').map(({ key }) => key.name);
  const definitions = prune.filter(({ live }) => live.kind === 'CustomResourceDefinition').map(({ live }) => live);
  const disturbed = disturbedNamespaces(given.comparison);
  let built: Graph | undefined;
  const graph = () => {
    built ??= buildGraph(items.map((item) => item.desired.object));
    return built;
  };
  const services = lonelyServices(items, graph);
  const needs = needsBeyond(items, graph);
  if (namespaces.length + definitions.length + disturbed.length + services.length + needs.length === 0) return undefined;
  if (namespaces.length > most.namespaces)
    warnings.push(`only ${most.namespaces} of the ${namespaces.length} namespaces that are deleted were looked into`);
  const inhabitants = new Map<string, Inhabitants>();
  for (const name of namespaces.slice(0, most.namespaces)) inhabitants.set(name, await inhabitantsOf(name, input));
  const instances = new Map<string, Instances>();
  await each(definitions.slice(0, most.definitions), input, async (definition) => {
    const found = await instancesOf(definition, input);
    if (found !== undefined) instances.set(definition.metadata.name ?? '', found);
  });
  const disruptionBudgets: KubeObject[] = [];
  const budgets = input.discovery.preferred('policy', 'PodDisruptionBudget');
  if (budgets !== undefined)
    await each(disturbed.slice(0, most.budgetNamespaces), input, async (namespace) => {
      const list = await ask(budgets, { namespace, first: most.objects });
      if (list === 'unanswered')
        warnings.push(`the PodDisruptionBudgets of namespace ${namespace} could not be listed: whether one is concerned is not known`);
      else disruptionBudgets.push(...list.items);
    });
  disruptionBudgets.sort((a, b) => compareText(a.metadata.name ?? '', b.metadata.name ?? ''));
  const withoutPods = await podless(services, input);
  const missing = await absent(needs, input);
  return { namespaces: inhabitants, instances, disruptionBudgets, withoutPods, missing, warnings: warnings.sort() };
}

async function each<T>(list: readonly T[], { signal }: SurroundingsInput, task: (one: T) => Promise<void>): Promise<void> {
  await mapBounded(list, most.parallel, task, signal);
}

type Asked = { items: KubeObject[]; remaining?: number | 'unknown' } | 'unanswered';

/**
 * Lists, and takes no answer for one: what may not be seen, or is served by an API that is down, is no reason to
 * fail a diff that is about something else. Where the cluster itself ceases to answer, it is not asked again.
 */
function asker({ cluster, signal }: SurroundingsInput): (resource: ApiResource, options: ListOptions) => Promise<Asked> {
  let failures = 0;
  return async (resource, options) => {
    if (failures >= most.failures) return 'unanswered';
    try {
      return await cluster.list(resource, { ...options, signal });
    } catch (error) {
      if (!(error instanceof EvenkeelError) || error.code === 'CANCELLED' || error.class === 'internal') throw error;
      if (error.code === 'KUBE_NOT_FOUND') return { items: [] };
      if (error.transient) failures++;
      return 'unanswered';
    }
  };
}

/** Namespaces in which pods restart or stop. */
function disturbedNamespaces({ items, prune }: SurroundingsInput['comparison']): string[] {
  const names = new Set<string>();
  for (const { desired, live, action, predicted, send, recreate } of items) {
    if (action !== 'update' || live === undefined || !isWorkload(desired.object)) continue;
    const after = predicted ?? send;
    const moved = recreate === true || !same(at(live, 'spec', 'template'), at(after, 'spec', 'template'));
    const fewer = Number(at(after, 'spec', 'replicas') ?? 1) < Number(at(live, 'spec', 'replicas') ?? 1);
    if (moved || fewer) names.add(desired.key.namespace);
  }
  for (const { live } of prune) if (isWorkload(live)) names.add(live.metadata.namespace ?? '');
  return [...names].sort();
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, plain) === JSON.stringify(b, plain);
}

const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

interface Lonely {
  namespace: string;
  name: string;
  labels: string;
}

/** Services that are made or changed and whose selector no workload of the workflow has. */
function lonelyServices(items: SurroundingsInput['comparison']['items'], graph: () => Graph): Lonely[] {
  const changed = items.filter(
    ({ desired, action }) => desired.key.kind === 'Service' && desired.key.group === '' && (action === 'create' || action === 'update'),
  );
  return changed.flatMap(({ desired: { key, object } }) => {
    const labels = selectorText(at(object, 'spec', 'selector'));
    return labels === '' || graph().selectedBy(object).length > 0 ? [] : [{ namespace: key.namespace, name: key.name, labels }];
  });
}

async function podless(services: readonly Lonely[], input: Context): Promise<Set<string>> {
  const without = new Set<string>();
  const resource = input.discovery.find({ group: '', version: 'v1', kind: 'Pod' });
  if (resource === undefined) return without;
  await each(services.slice(0, most.services), input, async ({ namespace, name, labels }) => {
    const list = await input.ask(resource, { namespace, labelSelector: labels, first: 1, metadataOnly: true });
    if (list !== 'unanswered' && list.items.length === 0) without.add(`${namespace}/${name}`);
  });
  return without;
}

/** Those that the cluster certainly does not have. Only names are asked for: nobody reads a Secret for this. */
async function absent(needs: readonly Need[], input: Context): Promise<Need[]> {
  const missing: Need[] = [];
  await each(needs.slice(0, most.needs), input, async (need) => {
    const resource = input.discovery.preferred(need.group, need.kind);
    if (resource === undefined) return;
    const { namespace, name } = need;
    const list = await input.ask(resource, { namespace, fieldSelector: `metadata.name=${name}`, first: 1, metadataOnly: true });
    if (list !== 'unanswered' && list.items.length === 0) missing.push(need);
  });
  return missing.sort((a, b) => needs.indexOf(a) - needs.indexOf(b));
}

async function inhabitantsOf(namespace: string, input: Context): Promise<Inhabitants> {
  const { ask, warnings } = input;
  const types = namespacedTypes(input.discovery);
  if (types.length > most.types) warnings.push(`only ${most.types} of ${types.length} types were looked for in namespace ${namespace}`);
  const counts: Inhabitants['counts'] = [];
  const unseen: string[] = [];
  await each(types.slice(0, most.types), input, async (resource) => {
    const list = await ask(resource, { namespace, first: most.objects, metadataOnly: true });
    if (list === 'unanswered') {
      unseen.push(resource.kind);
      return;
    }
    const count = list.items.filter((object) => isOthers(object, input.workflowId)).length;
    const more = list.remaining ?? 0;
    if (count > 0 || more !== 0)
      counts.push({ kind: resource.kind, count: count + (more === 'unknown' ? 0 : more), atLeast: more === 'unknown' });
  });
  counts.sort((a, b) => b.count - a.count || compareText(a.kind, b.kind));
  if (unseen.length > 0)
    warnings.push(
      `${unseen.length === 1 ? unseen[0] : `${unseen.length} types`} could not be listed in namespace ${namespace}, which is deleted`,
    );
  return { counts, unseen: unseen.sort() };
}

/** Types of which somebody would miss the objects, built-in ones first, each once. */
function namespacedTypes(discovery: Discovery): ApiResource[] {
  const seen = new Set<string>();
  const types = discovery.resources.filter((resource) => {
    const { group, kind, namespaced, verbs } = resource;
    if (!namespaced || derivedKinds.has(kind) || !verbs.includes('list') || !verbs.includes('delete')) return false;
    const preferred = discovery.preferred(group, kind);
    const once = `${group}/${kind}`;
    if (preferred === undefined || preferred.version !== resource.version || seen.has(once)) return false;
    seen.add(once);
    return true;
  });
  const rank = ({ group }: ApiResource) => (group === '' ? 0 : group.includes('.') ? 2 : 1);
  return types.sort((a, b) => rank(a) - rank(b) || compareText(a.group, b.group) || compareText(a.kind, b.kind));
}

/** Not of this workflow, not what every namespace has, and, but for pods, not made by a controller. */
function isOthers(object: KubeObject, workflowId: string): boolean {
  const { name, ownerReferences, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined || ownerOf(object) === workflowId) return false;
  if (object.kind === 'ConfigMap' && name === 'kube-root-ca.crt') return false;
  if (object.kind === 'ServiceAccount' && name === 'default') return false;
  return object.kind === 'Pod' || (ownerReferences ?? []).length === 0;
}

async function instancesOf(definition: KubeObject, input: Context): Promise<Instances | undefined> {
  const { ask, warnings } = input;
  const group = at(definition, 'spec', 'group');
  const kind = at(definition, 'spec', 'names', 'kind');
  const resource = typeof group === 'string' && typeof kind === 'string' ? input.discovery.preferred(group, kind) : undefined;
  if (resource === undefined) return undefined;
  const list = await ask(resource, { first: most.objects, metadataOnly: true });
  if (list === 'unanswered') {
    warnings.push(`objects of ${resource.kind}, whose type is deleted, could not be listed: how many go with it is not known`);
    return undefined;
  }
  const more = list.remaining ?? 0;
  return {
    count: list.items.length + (more === 'unknown' ? 0 : more),
    atLeast: more === 'unknown',
    namespaces: [...new Set(list.items.map((object) => object.metadata.namespace ?? ''))].sort(),
  };
}
