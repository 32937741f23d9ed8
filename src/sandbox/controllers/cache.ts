import type { KubeObject } from '../../model/index.js';
import type { ControllerHost, HostEvent, ResourceName } from './host.js';
import { objectKey, resourceId } from './resources.js';

interface Held {
  resource: ResourceName;
  object: KubeObject;
}

/**
 * Everything that is stored, indexed as the controllers look for it, and kept equal to the store by its
 * events: since these come with each write, a controller always sees its own writes.
 */
export interface Cache {
  get<T extends KubeObject>(resource: ResourceName, namespace: string, name: string): T | undefined;
  list<T extends KubeObject>(resource: ResourceName, namespace?: string): T[];
  byUid(uid: string): Held | undefined;
  /** Objects that name this uid among their owners. */
  dependents(uid: string): Held[];
  dependentsOf<T extends KubeObject>(uid: string, resource: ResourceName): T[];
  /** Objects of a namespace that may carry all these labels (pods and replica sets): the fewest that an index knows of. */
  candidates<T extends KubeObject>(resource: ResourceName, namespace: string, wanted: { [key: string]: string } | undefined): T[];
  podsOnNode(node: string): number;
  /** Whether nothing is left in a namespace. */
  isEmpty(namespace: string): boolean;
  /** Takes in an event and answers what stood there before. */
  apply(event: HostEvent): KubeObject | undefined;
}

type Names = Map<string, KubeObject>;

export function createCache(): Cache {
  const all = new Map<string, Map<string, Names>>();
  const uids = new Map<string, Held>();
  const owned = new Map<string, Map<string, Held>>();
  const labels = new Map<string, Map<string, KubeObject>>();
  const nodes = new Map<string, number>();
  const sizes = new Map<string, number>();

  const labelId = (id: string, object: KubeObject, key: string, value: string) =>
    `${id} ${object.metadata.namespace ?? ''} ${key}=${value}`;
  // Only what selectors look for: an index over every object's labels would cost more than it serves.
  const indexedByLabel = new Set(['pods', 'replicasets.apps']);

  const put = <V>(index: Map<string, Map<string, V>>, id: string, key: string, value: V) => {
    const found = index.get(id);
    if (found) found.set(key, value);
    else index.set(id, new Map([[key, value]]));
  };
  const drop = <V>(index: Map<string, Map<string, V>>, id: string, key: string) => {
    const found = index.get(id);
    if (found?.delete(key) && found.size === 0) index.delete(id);
  };
  const countNode = (object: KubeObject, by: number) => {
    const node = (object.spec as { nodeName?: string } | undefined)?.nodeName;
    if (node) nodes.set(node, (nodes.get(node) ?? 0) + by);
  };

  const remove = (id: string, object: KubeObject) => {
    const { uid } = object.metadata;
    if (uid !== undefined) uids.delete(uid);
    for (const owner of object.metadata.ownerReferences ?? []) drop(owned, owner.uid, uid ?? '');
    if (id === 'pods') countNode(object, -1);
    if (indexedByLabel.has(id))
      for (const [key, value] of Object.entries(object.metadata.labels ?? {}))
        drop(labels, labelId(id, object, key, value), objectKey(object));
  };
  const add = (resource: ResourceName, id: string, object: KubeObject) => {
    const { uid } = object.metadata;
    const held = { resource, object };
    if (uid !== undefined) uids.set(uid, held);
    for (const owner of object.metadata.ownerReferences ?? []) put(owned, owner.uid, uid ?? '', held);
    if (id === 'pods') countNode(object, 1);
    if (indexedByLabel.has(id))
      for (const [key, value] of Object.entries(object.metadata.labels ?? {}))
        put(labels, labelId(id, object, key, value), objectKey(object), object);
  };

  return {
    get: <T extends KubeObject>(resource: ResourceName, namespace: string, name: string) =>
      all.get(resourceId(resource))?.get(namespace)?.get(name) as T | undefined,
    list<T extends KubeObject>(resource: ResourceName, namespace?: string) {
      const spaces = all.get(resourceId(resource));
      if (!spaces) return [];
      if (namespace !== undefined) return [...(spaces.get(namespace)?.values() ?? [])] as T[];
      return [...spaces.values()].flatMap((names) => [...names.values()]) as T[];
    },
    byUid: (uid) => uids.get(uid),
    dependents: (uid) => [...(owned.get(uid)?.values() ?? [])],
    dependentsOf<T extends KubeObject>(uid: string, resource: ResourceName) {
      const out: T[] = [];
      for (const held of owned.get(uid)?.values() ?? [])
        if (held.resource.plural === resource.plural && held.resource.group === resource.group) out.push(held.object as T);
      return out;
    },
    candidates<T extends KubeObject>(resource: ResourceName, namespace: string, wanted: { [key: string]: string } | undefined) {
      let least: Map<string, KubeObject> | undefined;
      for (const [key, value] of Object.entries(wanted ?? {})) {
        const found = labels.get(`${resourceId(resource)} ${namespace} ${key}=${value}`);
        if (!found) return [];
        if (!least || found.size < least.size) least = found;
      }
      return (least ? [...least.values()] : this.list<T>(resource, namespace)) as T[];
    },
    isEmpty: (namespace) => (sizes.get(namespace) ?? 0) === 0,
    podsOnNode: (node) => nodes.get(node) ?? 0,
    apply({ type, resource, object }) {
      const id = resourceId(resource);
      let spaces = all.get(id);
      if (!spaces) {
        spaces = new Map();
        all.set(id, spaces);
      }
      const namespace = object.metadata.namespace ?? '';
      let names = spaces.get(namespace);
      if (!names) {
        names = new Map();
        spaces.set(namespace, names);
      }
      const name = object.metadata.name ?? '';
      const before = names.get(name);
      if (before) remove(id, before);
      const change = (type === 'deleted' ? 0 : 1) - (before ? 1 : 0);
      if (change !== 0) sizes.set(namespace, (sizes.get(namespace) ?? 0) + change);
      if (type === 'deleted') {
        names.delete(name);
        if (names.size === 0) spaces.delete(namespace);
      } else {
        names.set(name, object);
        add(resource, id, object);
      }
      return before;
    },
  };
}

/** Fills a cache with what is stored, and calls back for each object. */
export function fillCache(cache: Cache, host: ControllerHost, each: (event: HostEvent) => void): void {
  const events: HostEvent[] = [];
  for (const { group, plural } of host.resources()) {
    const resource = { group, plural };
    for (const object of host.list(resource)) events.push({ type: 'added', resource, object });
  }
  for (const event of events) cache.apply(event);
  for (const event of events) each(event);
}
