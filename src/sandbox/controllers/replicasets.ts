import { equalJson } from '../../model/index.js';
import { withCondition, withoutCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import type { ResourceName } from './host.js';
import { claimed, ownerKeys, ownKey } from './owners.js';
import { createPod, removePod } from './pod-create.js';
import { byDisposability, isActive, isAvailable, isReady, nextAvailable } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { matchesLabels } from './selector.js';
import type { LabelSelectorSpec, Pod, Workload } from './shapes.js';

const burst = 500;

export const replicaSets = (world: World): Controller =>
  podCounter(world, { name: 'replicaset', kind: 'ReplicaSet', resource: r.replicaSets, selectorOf: (owner) => owner.spec.selector });

export const replicationControllers = (world: World): Controller =>
  podCounter(world, {
    name: 'replicationcontroller',
    kind: 'ReplicationController',
    resource: r.replicationControllers,
    selectorOf: (owner) => ({ matchLabels: owner.spec.selector as { [key: string]: string } | undefined }),
  });

interface Kind {
  name: string;
  kind: string;
  resource: ResourceName;
  selectorOf: (owner: Workload) => LabelSelectorSpec | undefined;
}

/** Keeps as many active pods as asked, and counts them: what ReplicaSets and ReplicationControllers have in common. */
function podCounter(world: World, { name, kind, resource, selectorOf }: Kind): Controller {
  const { cache, host } = world;
  const from = `${name}-controller`;
  const orphanKeys = (pod: Pod): string[] => {
    // A pod that nobody controls may be adopted by whoever selects it.
    if ((pod.metadata.ownerReferences ?? []).some((o) => o.controller)) return [];
    return cache
      .list<Workload>(resource, pod.metadata.namespace)
      .filter((o) => matchesLabels(selectorOf(o)?.matchLabels, pod.metadata.labels))
      .map(objectKey);
  };
  return {
    name,
    rank: 1,
    watches: [
      { resource, keys: ownKey },
      {
        resource: r.pods,
        keys: (change) => [...ownerKeys(kind)(change), ...(change.type === 'added' ? orphanKeys(change.object as Pod) : [])],
      },
      {
        resource: r.serviceAccounts,
        keys: ({ type, object }) =>
          type === 'added' ? cache.list<Workload>(resource, object.metadata.namespace).filter(lacksPods).map(objectKey) : [],
      },
    ],
    reconcile(key) {
      const at = splitKey(key);
      const owner = cache.get<Workload>(resource, at.namespace, at.name);
      if (!owner) return undefined;
      const pods = claimed<Pod>(world, { resource: r.pods, owner, selector: selectorOf(owner) });
      const failure = owner.metadata.deletionTimestamp ? undefined : reconcilePods(owner, pods.filter(isActive));
      const again = writeStatus(owner, failure);
      // The status tells of the refusal; making the pods is tried again later.
      if (failure) throw Object.assign(new Error(failure), { code: 403 });
      return again;
    },
  };

  function reconcilePods(owner: Workload, active: Pod[]): string | undefined {
    const diff = active.length - (owner.spec.replicas ?? 1);
    if (diff > 0) {
      active.sort(byDisposability);
      for (const pod of active.slice(0, Math.min(diff, burst))) removePod(world, { from, owner, pod });
      return undefined;
    }
    for (let i = 0; i < Math.min(-diff, burst); i++) {
      const made = createPod(world, { owner, template: owner.spec.template, from });
      if (made.failure !== undefined) return made.failure;
    }
    return undefined;
  }

  function writeStatus(before: Workload, failure: string | undefined): number | undefined {
    const owner = cache.get<Workload>(resource, before.metadata.namespace ?? '', before.metadata.name ?? '');
    if (!owner || owner.metadata.uid !== before.metadata.uid) return undefined;
    const pods = cache.dependentsOf<Pod>(owner.metadata.uid ?? '', r.pods).filter(isActive);
    const { minReadySeconds } = owner.spec;
    const labels = owner.spec.template.metadata?.labels;
    const ready = pods.filter(isReady).length;
    const available = pods.filter((pod) => isAvailable(world, pod, minReadySeconds)).length;
    const labelled = pods.filter((pod) => matchesLabels(labels, pod.metadata.labels)).length;
    const conditions = failure
      ? withCondition(
          owner.status?.conditions,
          { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
          world.now(),
        )
      : withoutCondition(owner.status?.conditions, 'ReplicaFailure');
    const status = {
      replicas: pods.length,
      ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(available > 0 ? { availableReplicas: available } : {}),
      observedGeneration: owner.metadata.generation ?? 0,
      ...(conditions.length > 0 ? { conditions } : {}),
    };
    if (!equalJson(status, owner.status)) host.updateStatus(resource, { ...owner, status });
    return nextAvailable(world, pods, minReadySeconds);
  }
}

const lacksPods = (owner: Workload): boolean => (owner.status?.replicas ?? 0) < (owner.spec.replicas ?? 1);
