import { equalJson } from '../../model/index.js';
import type { Controller, World } from './framework.js';
import { countOf } from './numbers.js';
import { claimed, ownerKeys, ownKey } from './owners.js';
import { createPod, removePod } from './pod-create.js';
import { isAvailable, isFinished, isReady, nextAvailable } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { ensureRevisions, hashOf, revisionLabel, trimRevisions } from './revisions.js';
import { matchesNode, tolerated } from './scheduler.js';
import type { Node, Pod, Toleration, Workload } from './shapes.js';

interface DaemonSet extends Workload {
  spec: Workload['spec'] & {
    updateStrategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
  };
}

const from = 'daemonset-controller';

/** Troubles of a node that daemons put up with. */
const everywhere: Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** Keeps one pod on each node that matches. */
export function daemonSets(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'daemonset',
    rank: 1,
    watches: [
      { resource: r.daemonSets, keys: ownKey },
      { resource: r.pods, keys: ownerKeys('DaemonSet') },
      { resource: r.nodes, keys: () => cache.list(r.daemonSets).map(objectKey) },
      {
        resource: r.serviceAccounts,
        keys: ({ type, object }) => (type === 'added' ? cache.list(r.daemonSets, object.metadata.namespace).map(objectKey) : []),
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cache.get<DaemonSet>(r.daemonSets, namespace, name);
      if (!set) return undefined;
      const { all, current } = ensureRevisions(world, set);
      const hash = hashOf(current);
      const pods = claimed<Pod>(world, { resource: r.pods, owner: set, selector: set.spec.selector });
      let failure: string | undefined;
      if (!set.metadata.deletionTimestamp) {
        failure = place(set, pods, hash);
        if (failure === undefined) replaceOld(set, hash);
      }
      const again = writeStatus(key, hash);
      trimRevisions(world, set, all, new Set([hash, ...pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')]));
      if (failure !== undefined) throw Object.assign(new Error(failure), { code: 403 });
      return again;
    },
  };

  function place(set: DaemonSet, pods: Pod[], hash: string): string | undefined {
    const byNode = new Map<string, Pod[]>();
    for (const pod of pods) {
      const node = nodeOf(pod);
      byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    }
    for (const node of cache.list<Node>(r.nodes)) {
      const here = byNode.get(node.metadata.name ?? '') ?? [];
      byNode.delete(node.metadata.name ?? '');
      if (!wants(set, node)) for (const pod of here) remove(set, pod);
      else if (here.length === 0) {
        const failure = create(set, node, hash);
        if (failure !== undefined) return failure;
      } else for (const pod of here) if (isFinished(pod)) remove(set, pod);
    }
    for (const pods of byNode.values()) for (const pod of pods) remove(set, pod);
    return undefined;
  }

  function create(set: DaemonSet, node: Node, hash: string): string | undefined {
    const made = createPod(world, {
      owner: set,
      template: set.spec.template,
      from,
      labels: { [revisionLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) },
      adjust(pod) {
        const field = { key: 'metadata.name', operator: 'In', values: [node.metadata.name ?? ''] };
        const asked = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
        const terms = asked.length > 0 ? asked.map((term) => ({ ...term, matchFields: [field] })) : [{ matchFields: [field] }];
        pod.spec.affinity = {
          ...pod.spec.affinity,
          nodeAffinity: {
            ...pod.spec.affinity?.nodeAffinity,
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
          },
        };
        pod.spec.tolerations = [...(pod.spec.tolerations ?? []), ...everywhere];
      },
    });
    return made.failure;
  }

  function replaceOld(set: DaemonSet, hash: string): void {
    const { updateStrategy, minReadySeconds } = set.spec;
    if (updateStrategy?.type === 'OnDelete') return;
    const pods = cache.dependentsOf<Pod>(set.metadata.uid ?? '', r.pods);
    const { maxSurge, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
    const nodes = cache.list<Node>(r.nodes).filter((node) => wants(set, node));
    const surge = countOf(maxSurge, nodes.length, true);
    const here = (node: Node) => pods.filter((pod) => nodeOf(pod) === node.metadata.name);
    const isNew = (pod: Pod) => pod.metadata.labels?.[revisionLabel] === hash;
    const well = (pod: Pod) => !pod.metadata.deletionTimestamp && isAvailable(world, pod, minReadySeconds);
    if (surge > 0) {
      let under = nodes.filter((node) => here(node).length > 1).length;
      for (const node of nodes) {
        const all = here(node);
        const old = all.filter((pod) => !isNew(pod) && !pod.metadata.deletionTimestamp);
        if (old.length === 0) continue;
        const fresh = all.filter(isNew);
        if (fresh.some(well) || (fresh.length > 0 && !old.some(well))) for (const pod of old) remove(set, pod);
        else if (fresh.length === 0 && under < surge) {
          under++;
          create(set, node, hash);
        }
      }
      return;
    }
    let room = Math.max(1, countOf(maxUnavailable, nodes.length, true)) - nodes.filter((node) => !here(node).some(well)).length;
    for (const node of nodes) {
      for (const pod of here(node)) {
        if (isNew(pod) || pod.metadata.deletionTimestamp) continue;
        // A pod that is not available anyway costs nothing.
        if (well(pod) && room-- <= 0) continue;
        remove(set, pod);
      }
    }
  }

  function remove(set: DaemonSet, pod: Pod): void {
    if (!pod.metadata.deletionTimestamp) removePod(world, { from, owner: set, pod });
  }

  function writeStatus(key: string, hash: string): number | undefined {
    const { namespace, name } = splitKey(key);
    const set = cache.get<DaemonSet>(r.daemonSets, namespace, name);
    if (!set) return undefined;
    const pods = cache.dependentsOf<Pod>(set.metadata.uid ?? '', r.pods).filter((pod) => !pod.metadata.deletionTimestamp);
    const nodes = cache.list<Node>(r.nodes);
    const wanted = new Set(nodes.filter((node) => wants(set, node)).map((node) => node.metadata.name ?? ''));
    const count = (fits: (pod: Pod) => boolean) => new Set(pods.filter((pod) => wanted.has(nodeOf(pod)) && fits(pod)).map(nodeOf)).size;
    const available = count((pod) => isAvailable(world, pod, set.spec.minReadySeconds));
    const updated = count((pod) => pod.metadata.labels?.[revisionLabel] === hash);
    const status = {
      currentNumberScheduled: count(() => true),
      numberMisscheduled: new Set(pods.map(nodeOf).filter((node) => !wanted.has(node))).size,
      desiredNumberScheduled: wanted.size,
      numberReady: count(isReady),
      observedGeneration: set.metadata.generation ?? 0,
      ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      ...(available > 0 ? { numberAvailable: available } : {}),
      ...(wanted.size > available ? { numberUnavailable: wanted.size - available } : {}),
    };
    if (!equalJson(status, set.status ?? {})) host.updateStatus(r.daemonSets, { ...set, status });
    return nextAvailable(world, pods, set.spec.minReadySeconds);
  }
}

function wants(set: DaemonSet, node: Node): boolean {
  const { template } = set.spec;
  const tolerations = [...(template.spec.tolerations ?? []), ...everywhere];
  if (!matchesNode({ spec: template.spec } as Pod, node)) return false;
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerated(tolerations, taint));
}

/** The node that a daemon's pod is on or meant for. */
function nodeOf(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const [term] = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return term?.matchFields?.find((f) => f.key === 'metadata.name')?.values?.[0] ?? '';
}
