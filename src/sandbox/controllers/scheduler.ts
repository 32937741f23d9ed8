import { quantityNanos } from '../gotypes/quantity.js';
import { behaviourAnnotation } from './behaviour.js';
import { findCondition, withCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import { ownKey } from './owners.js';
import { isFinished } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { matchesLabels, matchesTerm } from './selector.js';
import type { Node, Pod, Toleration } from './shapes.js';

/** Puts pods on nodes, or says why none fits. */
export function scheduler(world: World): Controller {
  const { cache, host } = world;
  const waiting = (namespace?: string) =>
    cache
      .list<Pod>(r.pods, namespace)
      .filter((pod) => !pod.spec.nodeName && !isFinished(pod))
      .map(objectKey);
  return {
    name: 'scheduler',
    rank: 0,
    watches: [
      { resource: r.pods, keys: (change) => (change.type !== 'deleted' && !(change.object as Pod).spec.nodeName ? ownKey(change) : []) },
      { resource: r.nodes, keys: ({ type }) => (type === 'deleted' ? [] : waiting()) },
      { resource: r.claims, keys: ({ object }) => waiting(object.metadata.namespace) },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cache.get<Pod>(r.pods, namespace, name);
      if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp || isFinished(pod)) return undefined;
      if ((pod.spec.schedulerName ?? 'default-scheduler') !== 'default-scheduler') return undefined;
      if ((pod.spec.schedulingGates ?? []).length > 0) {
        refuse(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
        return undefined;
      }
      const nodes = cache.list<Node>(r.nodes);
      if (nodes.length === 0) {
        refuse(pod, 'Unschedulable', 'no nodes available to schedule pods');
        return undefined;
      }
      const blocked =
        pod.metadata.annotations?.[behaviourAnnotation] === 'unschedulable' ? 'node(s) were unschedulable' : claimProblem(world, pod);
      const reasons = new Map<string, number>();
      const fitting: Node[] = [];
      for (const node of nodes) {
        const reason = blocked ?? misfit(pod, node);
        if (reason === undefined) fitting.push(node);
        else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      if (fitting.length === 0) {
        const list = [...reasons].map(([reason, n]) => (reason.startsWith('persistentvolumeclaim') ? reason : `${n} ${reason}`)).sort();
        refuse(pod, 'Unschedulable', `0/${nodes.length} nodes are available: ${list.join(', ')}.`);
        return undefined;
      }
      fitting.sort((a, b) => cache.podsOnNode(nameOf(a)) - cache.podsOnNode(nameOf(b)) || (nameOf(a) < nameOf(b) ? -1 : 1));
      const node = nameOf(fitting[0] as Node);
      host.bind(namespace, name, node);
      world.events.tell(pod, {
        from: 'default-scheduler',
        reason: 'Scheduled',
        message: `Successfully assigned ${namespace}/${name} to ${node}`,
        action: 'Binding',
      });
      return undefined;
    },
  };

  function refuse(pod: Pod, reason: string, message: string): void {
    const old = findCondition(pod.status?.conditions, 'PodScheduled');
    if (old?.status === 'False' && old.reason === reason && old.message === message) return;
    const conditions = withCondition(pod.status?.conditions, { type: 'PodScheduled', status: 'False', reason, message }, world.now());
    host.updateStatus(r.pods, { ...pod, status: { phase: 'Pending', ...pod.status, conditions } }, { manager: 'kube-scheduler' });
    if (reason === 'Unschedulable')
      world.events.tell(pod, { from: 'default-scheduler', reason: 'FailedScheduling', message, warning: true, action: 'Scheduling' });
  }
}

const nameOf = (node: Node) => node.metadata.name ?? '';

function claimProblem({ cache }: World, pod: Pod): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined);
    if (name === undefined) continue;
    const claim = cache.get(r.claims, pod.metadata.namespace ?? '', name);
    if (!claim) return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim ${JSON.stringify(name)} is being deleted`;
    if ((claim.status as { phase?: string } | undefined)?.phase !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

/** Why a pod cannot run on a node, in the scheduler's words. */
function misfit(pod: Pod, node: Node): string | undefined {
  const { spec } = pod;
  const tolerations = spec.tolerations ?? [];
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (node.spec?.unschedulable && !tolerated(tolerations, unschedulable)) return 'node(s) were unschedulable';
  if (!matchesNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  for (const taint of node.spec?.taints ?? [])
    if (taint.effect !== 'PreferNoSchedule' && !tolerated(tolerations, taint))
      return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  return insufficient(pod, node);
}

/** A resource of which the pod asks more than the whole node has. What other pods use is not counted. */
function insufficient({ spec }: Pod, node: Node): string | undefined {
  const allocatable = node.status?.allocatable;
  if (!allocatable) return undefined;
  const wanted = new Map<string, bigint>();
  for (const { resources } of spec.containers)
    for (const [resource, amount] of Object.entries({ ...resources?.limits, ...resources?.requests }))
      wanted.set(resource, (wanted.get(resource) ?? 0n) + (quantityNanos(String(amount)) ?? 0n));
  for (const [resource, amount] of wanted) {
    // Plain names that the node does not list are not limited; extended resources (with a domain) are.
    if (!Object.hasOwn(allocatable, resource) && !resource.includes('/')) continue;
    if (amount > (quantityNanos(String(allocatable[resource] ?? '0')) ?? 0n)) return `Insufficient ${resource}`;
  }
  return undefined;
}

/** Whether a node has what the pod's node selector and required node affinity ask for. */
export function matchesNode({ spec }: Pod, node: Node): boolean {
  if (!matchesLabels(spec.nodeSelector, node.metadata.labels)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms) return true;
  return terms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.length + matchFields.length > 0 &&
      matchExpressions.every((term) => matchesTerm(term, node.metadata.labels)) &&
      matchFields.every((term) => matchesTerm(term, { 'metadata.name': nameOf(node) })),
  );
}

export function tolerated(tolerations: readonly Toleration[], taint: { key: string; value?: string; effect: string }): boolean {
  return tolerations.some(
    (t) =>
      (!t.effect || t.effect === taint.effect) &&
      (!t.key ? t.operator === 'Exists' : t.key === taint.key) &&
      (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? '')),
  );
}
