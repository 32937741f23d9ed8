import { equalJson, type KubeObject } from '../../model/index.js';
import { canonicalQuantity, quantityNanos } from '../gotypes/quantity.js';
import { withCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import { ownKey } from './owners.js';
import { isFinished } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import type { Condition, Node, Pod } from './shapes.js';

/** APIServices that name no Service are served by the API server itself, and available. */
export function apiServices(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'apiservice',
    rank: 2,
    watches: [
      { resource: r.apiServices, keys: ({ object }) => [object.metadata.name ?? ''] },
      {
        resource: r.services,
        keys: ({ type, object }) =>
          type === 'modified'
            ? []
            : cache
                .list<ApiService>(r.apiServices)
                .filter((a) => a.spec?.service?.name === object.metadata.name)
                .map((a) => a.metadata.name ?? ''),
      },
    ],
    reconcile(name) {
      const service = cache.get<ApiService>(r.apiServices, '', name);
      if (!service) return undefined;
      const ref = service.spec?.service;
      const found = ref && cache.get(r.services, ref.namespace ?? '', ref.name ?? '');
      const facts = !ref
        ? { status: 'True' as const, reason: 'Local', message: 'Local APIServices are always available' }
        : found
          ? { status: 'True' as const, reason: 'Passed', message: 'all checks passed' }
          : { status: 'False' as const, reason: 'ServiceNotFound', message: `service/${ref.name} in "${ref.namespace}" is not present` };
      const status = {
        ...service.status,
        conditions: withCondition(service.status?.conditions, { type: 'Available', ...facts }, world.now()),
      };
      if (!equalJson(status, service.status ?? {})) host.updateStatus(r.apiServices, { ...service, status });
      return undefined;
    },
  };
}

interface ApiService extends KubeObject {
  spec?: { service?: { namespace?: string; name?: string } };
  status?: { conditions?: Condition[] };
}

interface Quota extends KubeObject {
  spec?: { hard?: { [resource: string]: string } };
  status?: { hard?: { [resource: string]: string }; used?: { [resource: string]: string } };
}

const counted: { [resource: string]: { group: string; plural: string } } = {
  pods: r.pods,
  services: r.services,
  configmaps: r.configMaps,
  secrets: r.secrets,
  persistentvolumeclaims: r.claims,
  replicationcontrollers: r.replicationControllers,
  resourcequotas: r.quotas,
};

/** Says what of each ResourceQuota is used: numbers of objects, and what pods request. */
export function quotas(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'quota',
    rank: 2,
    watches: [
      { resource: r.quotas, keys: ownKey },
      {
        resource: '*',
        keys: ({ object, before, type }) => {
          const { namespace } = object.metadata;
          if (!namespace) return [];
          const ended =
            type === 'modified' && object.kind === 'Pod' && before !== undefined && isFinished(before as Pod) !== isFinished(object as Pod);
          return type === 'modified' && !ended ? [] : cache.list(r.quotas, namespace).map(objectKey);
        },
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const quota = cache.get<Quota>(r.quotas, namespace, name);
      if (!quota) return undefined;
      const hard = quota.spec?.hard ?? {};
      const used: { [resource: string]: string } = {};
      for (const resource of Object.keys(hard)) used[resource] = usage(namespace, resource);
      const status = { hard, used };
      if (!equalJson(status, quota.status ?? {})) host.updateStatus(r.quotas, { ...quota, status });
      return undefined;
    },
  };

  function usage(namespace: string, resource: string): string {
    const match = /^count\/([^.]+)\.?(.*)$/.exec(resource);
    const type = match
      ? { plural: match[1] as string, group: match[2] as string }
      : Object.hasOwn(counted, resource)
        ? counted[resource]
        : undefined;
    if (type) {
      const objects = cache.list(type, namespace);
      return String(resource === 'pods' ? objects.filter((pod) => !isFinished(pod as Pod)).length : objects.length);
    }
    const amount = /^(?:(requests|limits)\.)?(.+)$/.exec(resource);
    const list = amount?.[1] === 'limits' ? 'limits' : 'requests';
    let total = 0n;
    let binary = false;
    const add = (quantity: string | number | undefined) => {
      if (quantity === undefined) return;
      binary ||= /i$/.test(String(quantity));
      total += quantityNanos(String(quantity)) ?? 0n;
    };
    if (resource === 'requests.storage')
      for (const claim of cache.list(r.claims, namespace))
        add((claim.spec as { resources?: { requests?: { storage?: string } } }).resources?.requests?.storage);
    else
      for (const pod of cache.list<Pod>(r.pods, namespace))
        if (!isFinished(pod)) for (const { resources } of pod.spec.containers) add(resources?.[list]?.[amount?.[2] ?? '']);
    if (binary && total % 1_000_000_000n === 0n && total % (1024n * 1_000_000_000n) === 0n)
      return canonicalQuantity(`${total / 1024n / 1_000_000_000n}Ki`) ?? '0';
    return canonicalQuantity(`${total}n`) ?? '0';
  }
}

/** Pods of a node that is gone go too. */
export function podCollector(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'pod-collector',
    rank: 2,
    watches: [
      {
        resource: r.nodes,
        keys: ({ type, object }) =>
          type === 'deleted'
            ? cache
                .list<Pod>(r.pods)
                .filter((pod) => pod.spec.nodeName === object.metadata.name)
                .map(objectKey)
            : [],
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cache.get<Pod>(r.pods, namespace, name);
      if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp || cache.get<Node>(r.nodes, '', pod.spec.nodeName)) return undefined;
      host.delete(r.pods, namespace, name, { uid: pod.metadata.uid ?? '' });
      return undefined;
    },
  };
}
