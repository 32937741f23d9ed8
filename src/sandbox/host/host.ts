import { cloneJson, joinApiVersion, type KubeObject } from '../../model/index.js';
import type { ControllerHost, HostEvent, ResourceName } from '../controllers/host.js';
import type { ResourceType } from '../registry/types.js';
import { type Api, type Change, kubeTime, newUid } from '../rest/api.js';
import { decodeObject } from '../rest/decode.js';
import { deleteObject, finishDelete } from '../rest/delete.js';
import { readObject, removeObject, storeObject } from '../rest/object.js';
import { scaleObject } from '../rest/scale.js';
import { bindPod, finalizeNamespace } from '../rest/special.js';
import { genericNotFound, notFound } from '../rest/status.js';
import { createObject, updateObject, type WriteTarget } from '../rest/write.js';

const defaultManager = 'kube-controller-manager';
const lenient = { validation: 'Ignore', warn: () => undefined } as const;

/** The API server's storage and rules as simulated controllers use them. */
export function controllerHost(api: Api, pace: number, behaviour?: ControllerHost['behaviour']): ControllerHost {
  const typeOf = (resource: ResourceName, apiVersion?: string): ResourceType => {
    const stored = api.registry.byStorage(resource.plural === 'events' ? 'events.' : `${resource.plural}.${resource.group}`);
    if (!stored) throw genericNotFound();
    if (apiVersion === undefined || apiVersion === joinApiVersion(stored.group, stored.version)) return stored;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    return api.registry.find(resource.group, version, resource.plural) ?? stored;
  };
  const targetOf = (type: ResourceType, object: KubeObject, subresource = ''): WriteTarget => ({
    type,
    namespace: type.namespaced ? (object.metadata.namespace ?? '') : '',
    name: object.metadata.name ?? '',
    subresource,
  });
  const write = (resource: ResourceName, object: KubeObject, subresource: string, manager: string): KubeObject => {
    const type = typeOf(resource, object.apiVersion);
    const next = decodeObject(type, object, lenient);
    return updateObject(api, targetOf(type, object, subresource), { dryRun: false, manager }, () => ({ next })).object;
  };
  return {
    clock: api.clock,
    pace,
    ...(behaviour ? { behaviour } : {}),
    resources: () =>
      api.registry
        .stored()
        .filter((t) => t.verbs.includes('list'))
        .map(({ group, plural, kind, namespaced }) => ({ group, plural, kind, namespaced })),
    list(resource, namespace = '') {
      const { storage } = typeOf(resource);
      const objects: KubeObject[] = [];
      for (const key of api.store.keys(storage, namespace)) {
        const text = api.store.get(storage, key)?.text;
        if (text !== undefined) objects.push(api.store.parse(text));
      }
      return objects;
    },
    get: (resource, namespace, name) => readObject(api, typeOf(resource), namespace, name)?.object,
    create(resource, object) {
      const type = typeOf(resource, object.apiVersion);
      const next = decodeObject(type, object, lenient);
      return createObject(api, targetOf(type, object), next, { dryRun: false, manager: defaultManager }).object;
    },
    update: (resource, object) => write(resource, object, '', defaultManager),
    updateStatus: (resource, object, options) => write(resource, object, 'status', options?.manager ?? defaultManager),
    scale: (resource, namespace, name, replicas) => scaleObject(api, typeOf(resource), { namespace, name }, replicas, defaultManager),
    bind: (namespace, name, node) => bindPod(api, { namespace, name }, node),
    delete(resource, namespace, name, options = {}) {
      deleteObject(api, typeOf(resource), namespace, name, {
        dryRun: false,
        propagationPolicy: options.propagationPolicy,
        gracePeriodSeconds: undefined,
        uid: options.uid,
        resourceVersion: undefined,
      });
    },
    finishDeletion(resource, namespace, name) {
      const type = typeOf(resource);
      const live = readObject(api, type, namespace, name)?.object;
      if (!live) throw notFound(type, name);
      if (!live.metadata.deletionTimestamp) return;
      if ((live.metadata.finalizers ?? []).length === 0) finishDelete(api, type, live);
      else {
        const next = cloneJson(live);
        (next.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds = 0;
        storeObject(api, type, next);
      }
    },
    finalizeNamespace: (name) => finalizeNamespace(api, name),
    record(event) {
      const type = typeOf({ group: '', plural: 'events' });
      if (event.metadata.uid === undefined) {
        event.metadata.uid = newUid(api.random);
        event.metadata.creationTimestamp = kubeTime(api.clock.now());
      }
      // Who reads these is rare, and what is read often would give way to them.
      storeObject(api, type, event, { remember: false });
    },
    forget(resource, namespace, name) {
      const type = typeOf(resource);
      const live = readObject(api, type, namespace, name)?.object;
      if (live) removeObject(api, type, live);
    },
    subscribe(handler) {
      const hook = ({ type, event, object }: Change) =>
        handler({ type: event.toLowerCase() as HostEvent['type'], resource: { group: type.group, plural: type.plural }, object });
      api.hooks.push(hook);
      return () => {
        const at = api.hooks.indexOf(hook);
        if (at >= 0) api.hooks.splice(at, 1);
      };
    },
  };
}
