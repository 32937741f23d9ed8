import { cloneJson, type KubeObject, type OwnerReference, parseApiVersion } from '../../model/index.js';
import type { Change, Controller, World } from './framework.js';
import type { ResourceFacts } from './host.js';

/**
 * The garbage collector: what its owners have left goes with them. Foreground deletion waits for dependents
 * that block it; orphaning cuts the tie first.
 */
export function garbageCollector(world: World): Controller {
  const { cache, host } = world;
  return {
    name: 'garbage',
    rank: 1,
    watches: [{ resource: '*', keys }],
    reconcile(uid) {
      const held = cache.byUid(uid);
      if (!held) return undefined;
      const { resource, object } = held;
      const { deletionTimestamp, finalizers = [] } = object.metadata;
      if (deletionTimestamp && finalizers.includes('orphan')) {
        for (const dependent of cache.dependents(uid)) {
          const freed = cloneJson(dependent.object);
          freed.metadata.ownerReferences = freed.metadata.ownerReferences?.filter((o) => o.uid !== uid);
          host.update(dependent.resource, freed);
        }
        dropFinalizer(held, 'orphan');
        return undefined;
      }
      if (deletionTimestamp && finalizers.includes('foregroundDeletion')) {
        const blocking = cache
          .dependents(uid)
          .filter(({ object: o }) => o.metadata.ownerReferences?.some((ref) => ref.uid === uid && ref.blockOwnerDeletion));
        if (blocking.length === 0) {
          dropFinalizer(held, 'foregroundDeletion');
          return undefined;
        }
      }
      if (!deletionTimestamp) collect(resource, object);
      return undefined;
    },
  };

  function keys({ type, object, before }: Change): Iterable<string> {
    const { uid = '', deletionTimestamp, ownerReferences = [] } = object.metadata;
    const concerned = new Set<string>();
    if (ownerReferences.length > 0 && type !== 'deleted') concerned.add(uid);
    if (type === 'deleted' || (deletionTimestamp && !before?.metadata.deletionTimestamp)) {
      // Dependents look at their owner again.
      for (const { object: dependent } of cache.dependents(uid)) concerned.add(dependent.metadata.uid ?? '');
    }
    if (deletionTimestamp && type !== 'deleted') concerned.add(uid);
    // An owner in foreground deletion waits for its dependents to be gone, or to let go of it.
    for (const { uid: owner } of [...(before?.metadata.ownerReferences ?? []), ...ownerReferences]) {
      const held = cache.byUid(owner);
      if (held?.object.metadata.deletionTimestamp) concerned.add(owner);
    }
    return concerned;
  }

  function dropFinalizer(
    { resource, object }: { resource: { group: string; plural: string }; object: KubeObject },
    finalizer: string,
  ): void {
    const freed = cloneJson(cache.byUid(object.metadata.uid ?? '')?.object ?? object);
    freed.metadata.finalizers = freed.metadata.finalizers?.filter((f) => f !== finalizer);
    host.update(resource, freed);
  }

  /** Deletes an object whose owners are all gone or waiting for it to go; ties to gone owners are cut where others remain. */
  function collect(resource: { group: string; plural: string }, object: KubeObject): void {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const states = owners.map((owner) => ({ owner, state: stateOf(object, owner) }));
    const solid = states.filter(({ state }) => state === 'solid');
    const waiting = states.filter(({ state }) => state === 'waiting');
    const { namespace = '', name = '', uid = '' } = object.metadata;
    if (solid.length > 0) {
      if (solid.length === owners.length) return;
      const freed = cloneJson(object);
      freed.metadata.ownerReferences = solid.map(({ owner }) => owner);
      host.update(resource, freed);
      return;
    }
    const dependents = cache.dependents(uid).length > 0;
    // The policy that the object was left with by its owners' deletion; its own dependents follow.
    const policy =
      waiting.length > 0 && dependents ? 'Foreground' : object.metadata.finalizers?.includes('orphan') ? 'Orphan' : 'Background';
    host.delete(resource, namespace, name, { uid, propagationPolicy: policy });
  }

  function stateOf(object: KubeObject, owner: OwnerReference): 'solid' | 'waiting' | 'gone' {
    const found = cache.byUid(owner.uid);
    if (found) {
      const { namespace, name, deletionTimestamp, finalizers = [] } = found.object.metadata;
      const same =
        found.object.kind === owner.kind &&
        name === owner.name &&
        (namespace === undefined || namespace === '' || namespace === object.metadata.namespace);
      if (same) return deletionTimestamp && finalizers.includes('foregroundDeletion') ? 'waiting' : 'solid';
    }
    const kind = kindOf(owner);
    // Of a kind that is not served nobody can say that it is gone; nor may a namespaced object own a cluster-scoped one.
    if (!kind || (kind.namespaced && !object.metadata.namespace)) return 'solid';
    return 'gone';
  }

  function kindOf(owner: OwnerReference): ResourceFacts | undefined {
    const { group } = parseApiVersion(owner.apiVersion);
    return host.resources().find((type) => type.group === group && type.kind === owner.kind);
  }
}
