import type { KubeObject } from '../../model/index.js';
import { definitionStorage, deleteDefinition } from '../crd/register.js';
import type { ResourceType } from '../registry/types.js';
import { strategyOf } from '../strategy/index.js';
import { type Api, kubeTime } from './api.js';
import { readObject, removeObject, storeObject, type Version } from './object.js';
import type { DeleteOptions } from './options.js';
import { conflict, forbidden, notFound, type Status } from './status.js';

export interface Deleted {
  /** Whether the object is gone; otherwise it waits for finalizers or for its grace. */
  gone: boolean;
  object: KubeObject;
}

/** Deletes one object, or begins to where finalizers, dependents or grace hold it. */
export function deleteObject(api: Api, type: ResourceType, namespace: string, name: string, options: DeleteOptions): Deleted {
  const live = readObject(api, type, namespace, name);
  if (!live) throw notFound(type, name);
  const old = live.object;
  if (isNamespace(type)) return deleteNamespace(api, type, old, options);
  checkPreconditions(type, old, options);
  if (type.storage === definitionStorage) return { gone: false, object: deleteDefinition(api, type, old, options.dryRun) };
  const strategy = strategyOf(type);
  const grace = strategy.grace?.(old, options.gracePeriodSeconds);
  const next: KubeObject = { ...old, metadata: { ...old.metadata } };
  const meta = next.metadata as KubeObject['metadata'] & { deletionGracePeriodSeconds?: number };
  setFinalizers(next, options);
  const held = (meta.finalizers ?? []).length > 0;
  if (!held && (grace === undefined || grace === 0)) {
    if (!options.dryRun) finishDelete(api, type, next);
    return { gone: true, object: next };
  }
  const pending = meta.deletionTimestamp !== undefined;
  const seconds = grace ?? 0;
  if (!pending || (grace !== undefined && seconds < (meta.deletionGracePeriodSeconds ?? 0))) {
    meta.deletionTimestamp = kubeTime(api.clock.now() + seconds * 1000);
    meta.deletionGracePeriodSeconds = seconds;
    if (strategy.generation && !pending && meta.generation !== undefined) meta.generation = meta.generation + 1;
  }
  if (options.dryRun) return { gone: false, object: next };
  const changed =
    !pending ||
    (meta.finalizers ?? []).join() !== (old.metadata.finalizers ?? []).join() ||
    meta.deletionGracePeriodSeconds !== (old.metadata as typeof meta).deletionGracePeriodSeconds;
  return { gone: false, object: changed ? storeObject(api, type, next).object : old };
}

function checkPreconditions(type: ResourceType, object: KubeObject, options: DeleteOptions): void {
  const name = object.metadata.name as string;
  // The server names the kind here, not the resource.
  const named = { group: type.group, plural: type.kind };
  if (options.uid !== undefined && options.uid !== object.metadata.uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (options.resourceVersion !== undefined && options.resourceVersion !== object.metadata.resourceVersion)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion}). The object might have been modified`,
    );
}

/** The propagation policy as finalizers that the garbage collector works off. */
function setFinalizers(object: KubeObject, options: DeleteOptions): void {
  const policy = options.propagationPolicy;
  if (policy === undefined) return;
  const kept = (object.metadata.finalizers ?? []).filter((f) => f !== 'orphan' && f !== 'foregroundDeletion');
  if (policy === 'Orphan') kept.push('orphan');
  if (policy === 'Foreground') kept.push('foregroundDeletion');
  if (kept.length > 0) object.metadata.finalizers = kept;
  else delete object.metadata.finalizers;
}

/** Removes an object that nothing holds any more. */
export function finishDelete(api: Api, type: ResourceType, object: KubeObject): Version {
  return removeObject(api, type, object);
}

const isNamespace = (type: ResourceType) => type.storage === 'namespaces.';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

function deleteNamespace(api: Api, type: ResourceType, old: KubeObject, options: DeleteOptions): Deleted {
  const name = old.metadata.name as string;
  if (immortal.has(name)) throw forbidden(type, name, 'this namespace may not be deleted');
  const { uid, resourceVersion } = old.metadata;
  if (options.uid !== undefined && options.uid !== uid)
    throw conflict(type, name, `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`);
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion)
    throw conflict(
      type,
      name,
      `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    );
  const spec = (old['spec'] ?? {}) as { finalizers?: string[] };
  const next: KubeObject = { ...old, metadata: { ...old.metadata } };
  setFinalizers(next, options);
  if (!old.metadata.deletionTimestamp) {
    next.metadata.deletionTimestamp = kubeTime(api.clock.now());
    next['status'] = { ...(old['status'] as object), phase: 'Terminating' };
    if (options.dryRun) return { gone: false, object: next };
    return { gone: false, object: storeObject(api, type, next).object };
  }
  if ((spec.finalizers ?? []).length > 0 || (old.metadata.finalizers ?? []).length > 0) return { gone: false, object: old };
  if (!options.dryRun) finishDelete(api, type, next);
  return { gone: true, object: next };
}

/** What a delete that took effect at once is answered with. */
export function deletedStatus(type: ResourceType, object: KubeObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name as string,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      uid: object.metadata.uid as string,
    },
  };
}
