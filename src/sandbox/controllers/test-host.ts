import { cloneJson, equalJson, type KubeObject, type ManualClock, manualClock } from '../../model/index.js';
import type { ControllerHost, HostEvent, ResourceFacts, ResourceName } from './host.js';
import { objectKey, resourceId } from './resources.js';
import { stamp } from './times.js';

const kinds: [group: string, plural: string, kind: string, namespaced?: boolean][] = [
  ['', 'namespaces', 'Namespace', false],
  ['', 'nodes', 'Node', false],
  ['', 'persistentvolumes', 'PersistentVolume', false],
  ['storage.k8s.io', 'storageclasses', 'StorageClass', false],
  ['scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false],
  ['apiregistration.k8s.io', 'apiservices', 'APIService', false],
  ['', 'pods', 'Pod'],
  ['', 'services', 'Service'],
  ['', 'endpoints', 'Endpoints'],
  ['', 'events', 'Event'],
  ['', 'configmaps', 'ConfigMap'],
  ['', 'secrets', 'Secret'],
  ['', 'serviceaccounts', 'ServiceAccount'],
  ['', 'persistentvolumeclaims', 'PersistentVolumeClaim'],
  ['', 'replicationcontrollers', 'ReplicationController'],
  ['', 'resourcequotas', 'ResourceQuota'],
  ['apps', 'deployments', 'Deployment'],
  ['apps', 'replicasets', 'ReplicaSet'],
  ['apps', 'statefulsets', 'StatefulSet'],
  ['apps', 'daemonsets', 'DaemonSet'],
  ['apps', 'controllerrevisions', 'ControllerRevision'],
  ['batch', 'jobs', 'Job'],
  ['batch', 'cronjobs', 'CronJob'],
  ['discovery.k8s.io', 'endpointslices', 'EndpointSlice'],
  ['networking.k8s.io', 'ingresses', 'Ingress'],
  ['autoscaling', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'],
  ['policy', 'poddisruptionbudgets', 'PodDisruptionBudget'],
  ['example.com', 'widgets', 'Widget'],
];

const facts: ResourceFacts[] = kinds.map(([group, plural, kind, namespaced = true]) => ({ group, plural, kind, namespaced }));

/** A store of objects with an API server's rules for versions, generations and deletion, and none of its validation. */
export interface TestHost extends ControllerHost {
  clock: ManualClock;
  /** Without those of Events. */
  writes: number;
  /** As a client would: creates, or replaces everything but status. */
  apply(object: KubeObject): KubeObject;
  /** Refuses writes of a resource by throwing what this answers. */
  refuse: (resource: ResourceName, object: KubeObject) => Error | undefined;
}

export function testHost(options: { pace?: number; clock?: ManualClock; bare?: boolean } = {}): TestHost {
  const clock = options.clock ?? manualClock();
  const stores = new Map<string, Map<string, KubeObject>>();
  const handlers = new Set<(event: HostEvent) => void>();
  let version = 0;
  let uids = 0;
  const store = (resource: ResourceName) => {
    const id = resourceId(resource);
    let found = stores.get(id);
    if (!found) {
      found = new Map();
      stores.set(id, found);
    }
    return found;
  };
  const fail = (code: number, message: string) => Object.assign(new Error(message), { code });
  const emit = (type: HostEvent['type'], resource: ResourceName, object: KubeObject) => {
    if (resource.plural !== 'events') host.writes++;
    for (const handler of handlers) handler({ type, resource: { group: resource.group, plural: resource.plural }, object });
    return object;
  };
  const find = (resource: ResourceName, namespace: string, name: string) => {
    const found = store(resource).get(`${namespace}/${name}`);
    if (!found) throw fail(404, `${resourceId(resource)} "${name}" not found`);
    return found;
  };
  const replace = (resource: ResourceName, before: KubeObject, after: KubeObject) => {
    if (equalJson(before, after)) return before;
    const refused = host.refuse(resource, after);
    if (refused) throw refused;
    after.metadata = { ...after.metadata, resourceVersion: String(++version) };
    const done =
      after.metadata.deletionTimestamp !== undefined &&
      !after.metadata.finalizers?.length &&
      !(after.spec as { finalizers?: string[] } | undefined)?.finalizers?.length &&
      graceOf(after) === 0;
    if (done) {
      store(resource).delete(objectKey(after));
      return emit('deleted', resource, after);
    }
    store(resource).set(objectKey(after), after);
    return emit('modified', resource, after);
  };
  const graceOf = (object: KubeObject) => (object.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds ?? 0;
  const host: TestHost = {
    clock,
    pace: options.pace ?? 1,
    writes: 0,
    refuse: () => undefined,
    resources: () => facts,
    list: (resource, namespace) =>
      [...store(resource).values()].filter((o) => namespace === undefined || o.metadata.namespace === namespace),
    get: (resource, namespace, name) => store(resource).get(`${namespace}/${name}`),
    create(resource, given) {
      const refused = host.refuse(resource, given);
      if (refused) throw refused;
      const object = cloneJson(given);
      const name = object.metadata.name ?? `${object.metadata.generateName}${++uids}`;
      object.metadata = {
        ...object.metadata,
        name,
        uid: `uid-${++uids}`,
        creationTimestamp: stamp(clock.now()),
        resourceVersion: String(++version),
        generation: 1,
      };
      if (store(resource).has(objectKey(object))) throw fail(409, `${resourceId(resource)} "${name}" already exists`);
      if (resource.plural === 'namespaces') object.spec = { finalizers: ['kubernetes'] };
      if (resource.plural === 'pods') object.status = { phase: 'Pending', qosClass: 'BestEffort', ...(object.status as object) };
      store(resource).set(objectKey(object), object);
      return emit('added', resource, object);
    },
    update(resource, given) {
      const before = find(resource, given.metadata.namespace ?? '', given.metadata.name ?? '');
      if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== before.metadata.resourceVersion)
        throw fail(409, 'the object has been modified');
      const after = cloneJson(given);
      after.metadata = {
        ...after.metadata,
        uid: before.metadata.uid,
        creationTimestamp: before.metadata.creationTimestamp,
        resourceVersion: before.metadata.resourceVersion,
      };
      if (before.status === undefined) delete after.status;
      else after.status = before.status;
      after.metadata.generation = (before.metadata.generation ?? 1) + (equalJson(before.spec, after.spec) ? 0 : 1);
      return replace(resource, before, after);
    },
    updateStatus(resource, given) {
      const before = find(resource, given.metadata.namespace ?? '', given.metadata.name ?? '');
      if (given.metadata.resourceVersion !== undefined && given.metadata.resourceVersion !== before.metadata.resourceVersion)
        throw fail(409, 'the object has been modified');
      return replace(resource, before, { ...before, status: cloneJson(given.status) });
    },
    scale(resource, namespace, name, replicas) {
      const before = find(resource, namespace, name);
      host.update(resource, { ...before, spec: { ...(before.spec as object), replicas } });
    },
    bind(namespace, name, node) {
      const pods = { group: '', plural: 'pods' };
      const before = find(pods, namespace, name);
      const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: stamp(clock.now()) };
      const status = before.status as { conditions?: { type: string }[] };
      const conditions = [...(status.conditions ?? []).filter((c) => c.type !== 'PodScheduled'), condition];
      return replace(pods, before, { ...before, spec: { ...(before.spec as object), nodeName: node }, status: { ...status, conditions } });
    },
    delete(resource, namespace, name, { uid, propagationPolicy } = {}) {
      const before = find(resource, namespace, name);
      if (uid !== undefined && uid !== before.metadata.uid) throw fail(409, 'the UID in the precondition does not match');
      const grace = resource.plural === 'pods' && (before.spec as { nodeName?: string }).nodeName ? 30 : 0;
      const finalizers = [...(before.metadata.finalizers ?? [])];
      if (propagationPolicy === 'Foreground' && !finalizers.includes('foregroundDeletion')) finalizers.push('foregroundDeletion');
      if (propagationPolicy === 'Orphan' && !finalizers.includes('orphan')) finalizers.push('orphan');
      const deletionTimestamp = before.metadata.deletionTimestamp ?? stamp(clock.now() + grace * 1000);
      const metadata = {
        ...before.metadata,
        finalizers,
        deletionTimestamp,
        deletionGracePeriodSeconds: before.metadata.deletionTimestamp ? graceOf(before) : grace,
      };
      if (finalizers.length === 0) delete (metadata as { finalizers?: unknown }).finalizers;
      if (!before.metadata.deletionTimestamp && metadata.generation !== undefined) metadata.generation++;
      replace(resource, before, { ...before, metadata });
    },
    finishDeletion(resource, namespace, name) {
      const before = find(resource, namespace, name);
      if (!before.metadata.deletionTimestamp) throw fail(409, 'its deletion was not asked for');
      replace(resource, before, { ...before, metadata: { ...before.metadata, deletionGracePeriodSeconds: 0 } as KubeObject['metadata'] });
    },
    finalizeNamespace(name) {
      const namespaces = { group: '', plural: 'namespaces' };
      const before = find(namespaces, '', name);
      const { finalizers: _, ...spec } = (before.spec ?? {}) as { finalizers?: string[] };
      replace(namespaces, before, { ...before, spec });
    },
    record(event) {
      const before = store({ group: '', plural: 'events' }).get(objectKey(event));
      event.metadata.uid ??= `uid-${++uids}`;
      event.metadata.creationTimestamp ??= stamp(clock.now());
      event.metadata.resourceVersion = String(++version);
      store({ group: '', plural: 'events' }).set(objectKey(event), event);
      emit(before ? 'modified' : 'added', { group: '', plural: 'events' }, event);
    },
    forget(resource, namespace, name) {
      const before = store(resource).get(`${namespace}/${name}`);
      if (before && store(resource).delete(`${namespace}/${name}`)) emit('deleted', resource, before);
    },
    subscribe(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    apply(object) {
      const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] as string) : '';
      const resource = facts.find((f) => f.kind === object.kind && f.group === group);
      if (!resource) throw new Error(`no resource for ${object.kind}`);
      const before = store(resource).get(objectKey(object));
      if (!before) return host.create(resource, object);
      const { resourceVersion: _, ...metadata } = { ...before.metadata, ...object.metadata };
      return host.update(resource, { ...object, metadata });
    },
  };
  if (!options.bare) {
    host.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
    host.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'sandbox', labels: { 'kubernetes.io/os': 'linux' } }, spec: {} });
    host.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
    host.apply({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'sandbox.evenkeel.dev/volume',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    });
  }
  return host;
}
