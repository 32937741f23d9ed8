import { equalJson, type KubeObject } from '../../model/index.js';
import { withCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import { countOf } from './numbers.js';
import { controllerOf, ownKey } from './owners.js';
import { isActive, isReady } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { isEmptySelector, matchesSelector } from './selector.js';
import type { Condition, LabelSelectorSpec, Pod, Workload } from './shapes.js';

interface Budget extends KubeObject {
  spec: { selector?: LabelSelectorSpec; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { conditions?: Condition[]; [field: string]: unknown };
}

/** Says how many pods of each PodDisruptionBudget may be taken away. */
export function disruptionBudgets(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'disruption',
    rank: 2,
    watches: [
      { resource: r.budgets, keys: ownKey },
      {
        resource: r.pods,
        keys: ({ object, before, type }) => {
          const all = cache.list<Budget>(r.budgets, object.metadata.namespace);
          if (
            all.length === 0 ||
            (type === 'modified' &&
              before &&
              isReady(before as Pod) === isReady(object as Pod) &&
              isActive(before as Pod) === isActive(object as Pod))
          )
            return [];
          return all.filter((budget) => matchesSelector(budget.spec.selector, object.metadata.labels)).map(objectKey);
        },
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const budget = cache.get<Budget>(r.budgets, namespace, name);
      if (!budget || budget.metadata.deletionTimestamp) return undefined;
      const { selector, minAvailable, maxUnavailable } = budget.spec;
      const candidates = isEmptySelector(selector)
        ? cache.list<Pod>(r.pods, namespace)
        : cache.candidates<Pod>(r.pods, namespace, selector?.matchLabels);
      const pods = candidates.filter((pod) => matchesSelector(selector, pod.metadata.labels) && isActive(pod));
      const expected = maxUnavailable !== undefined || typeof minAvailable === 'string' ? expectedPods(pods) : pods.length;
      const desired =
        maxUnavailable !== undefined
          ? Math.max(0, expected - countOf(maxUnavailable, expected, true))
          : countOf(minAvailable ?? 1, expected, true);
      const healthy = pods.filter(isReady).length;
      const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
      const status = {
        currentHealthy: healthy,
        desiredHealthy: desired,
        disruptionsAllowed: allowed,
        expectedPods: expected,
        observedGeneration: budget.metadata.generation ?? 0,
        conditions: withCondition(
          budget.status?.conditions,
          {
            type: 'DisruptionAllowed',
            status: allowed > 0 ? 'True' : 'False',
            reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
            message: '',
          },
          world.now(),
        ).map((c) => (c.type === 'DisruptionAllowed' ? { ...c, observedGeneration: budget.metadata.generation ?? 0 } : c)),
      };
      if (!equalJson(status, budget.status ?? {})) host.updateStatus(r.budgets, { ...budget, status });
      return undefined;
    },
  };

  /** As many as the pods' controllers mean to have. */
  function expectedPods(pods: readonly Pod[]): number {
    const sizes = new Map<string, number>();
    for (const pod of pods) {
      const held = cache.byUid(controllerOf(pod)?.uid ?? '');
      // Of a ReplicaSet that belongs to a Deployment, the Deployment's size counts.
      const above = cache.byUid(controllerOf(held?.object)?.uid ?? '') ?? held;
      const replicas = (above?.object as Workload | undefined)?.spec?.replicas;
      sizes.set(above?.object.metadata.uid ?? pod.metadata.uid ?? '', replicas ?? 1);
    }
    return [...sizes.values()].reduce((total, n) => total + n, 0);
  }
}
