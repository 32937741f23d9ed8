import type { KubeObject } from '../../model/index.js';
import { withCondition } from './conditions.js';
import type { Controller, World } from './framework.js';
import { r } from './resources.js';
import type { Condition } from './shapes.js';

interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string; conditions?: Condition[] };
}

const rootCertificate = 'kube-root-ca.crt';
/** The sandbox has no certificate authority of its own for pods: they do not run. */
const certificate = '-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----\n';

/** Gives each namespace what it begins with, and empties those that are being deleted. */
export function namespaces(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'namespace',
    rank: 0,
    watches: [
      { resource: r.namespaces, keys: ({ object }) => [object.metadata.name ?? ''] },
      {
        resource: r.serviceAccounts,
        keys: ({ type, object }) => (type === 'deleted' && object.metadata.name === 'default' ? [object.metadata.namespace ?? ''] : []),
      },
      {
        resource: r.configMaps,
        keys: ({ type, object }) =>
          type === 'deleted' && object.metadata.name === rootCertificate ? [object.metadata.namespace ?? ''] : [],
      },
      {
        // What goes may have been the last thing of a namespace that waits to be empty.
        resource: '*',
        keys: ({ type, object }) => {
          const { namespace } = object.metadata;
          if (type !== 'deleted' || !namespace || !cache.isEmpty(namespace)) return [];
          return cache.get(r.namespaces, '', namespace)?.metadata.deletionTimestamp ? [namespace] : [];
        },
      },
    ],
    reconcile(name) {
      const namespace = cache.get<Namespace>(r.namespaces, '', name);
      if (!namespace) return undefined;
      if (namespace.metadata.deletionTimestamp) return empty(namespace);
      furnish(name);
      return undefined;
    },
  };

  function furnish(name: string): void {
    if (!cache.get(r.serviceAccounts, name, 'default'))
      host.create(r.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
    if (!cache.get(r.configMaps, name, rootCertificate))
      host.create(r.configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: rootCertificate,
          namespace: name,
          annotations: {
            'kubernetes.io/description':
              'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
          },
        },
        data: { 'ca.crt': certificate },
      });
  }

  function empty(namespace: Namespace): number | undefined {
    const name = namespace.metadata.name ?? '';
    const left = new Map<string, number>();
    const finalizers = new Map<string, number>();
    for (const { group, plural, namespaced } of host.resources()) {
      if (!namespaced) continue;
      const resource = { group, plural };
      for (const object of cache.list(resource, name)) {
        if (!object.metadata.deletionTimestamp)
          host.delete(resource, name, object.metadata.name ?? '', { uid: object.metadata.uid ?? '', propagationPolicy: 'Background' });
        const still = cache.get(resource, name, object.metadata.name ?? '');
        if (!still) continue;
        const id = group === '' ? `${plural}.` : `${plural}.${group}`;
        left.set(id, (left.get(id) ?? 0) + 1);
        for (const finalizer of still.metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
    }
    const now = cache.get<Namespace>(r.namespaces, '', name);
    if (!now) return undefined;
    if (left.size > 0) {
      tellWhatIsLeft(now, left, finalizers);
      return world.cycle(2000);
    }
    if ((now.spec?.finalizers ?? []).length > 0) host.finalizeNamespace(name);
    return undefined;
  }

  function tellWhatIsLeft(namespace: Namespace, left: Map<string, number>, finalizers: Map<string, number>): void {
    const now = world.now();
    let conditions = namespace.status?.conditions;
    const say = (type: string, bad: boolean, reason: string, message: string) => {
      conditions = withCondition(conditions, { type, status: bad ? 'True' : 'False', reason, message }, now);
    };
    say('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered');
    say('NamespaceDeletionGroupVersionParsingFailure', false, 'ParsedGroupVersions', 'All legacy kube types successfully parsed');
    say('NamespaceDeletionContentFailure', false, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization');
    const list = [...left].sort().map(([id, n]) => `${id} has ${n} resource instances`);
    say('NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${list.join(', ')}`);
    const held = [...finalizers].sort().map(([finalizer, n]) => `${finalizer} in ${n} resource instances`);
    if (held.length > 0)
      say(
        'NamespaceFinalizersRemaining',
        true,
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
      );
    else say('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished');
    if (conditions !== namespace.status?.conditions && JSON.stringify(conditions) !== JSON.stringify(namespace.status?.conditions))
      host.updateStatus(r.namespaces, { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } });
  }
}
