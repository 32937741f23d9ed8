import { cloneJson, equalJson, type KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import { acceptWrite, admitCreate, admitUpdate } from '../strategy/admission/admission.js';
import { GoText, invalid, invalidObject } from '../strategy/field.js';
import { strategyOf } from '../strategy/index.js';
import type { UpdateContext } from '../strategy/types.js';
import { createErrors, updateErrors } from '../strategy/validate.js';
import { warningsOf } from '../strategy/warnings.js';
import { type Api, keyFor, kubeTime, newUid } from './api.js';
import { finishDelete } from './delete.js';
import { noteUpdate } from './managed.js';
import { emptyObject, readObject, sameContent, storeObject, type Version } from './object.js';
import { alreadyExists, badRequest, conflict, failure, forbidden, modified, notFound, plainError } from './status.js';

export interface WriteTarget {
  type: ResourceType;
  namespace: string;
  name: string;
  subresource: string;
}

export interface WriteRequest {
  dryRun: boolean;
  manager: string;
  /** Takes what the client is told beside the answer. */
  warn?: (message: string) => void;
  /** Refuses what who asks may not write; `old` is undefined for a new object. */
  authorize?: (next: KubeObject, old: KubeObject | undefined) => void;
}

const namespaces = { group: '', plural: 'namespaces' };

/** 404 or 403 where nothing may be made in a namespace. */
export function checkNamespace(api: Api, type: ResourceType, namespace: string, name: string): void {
  if (!type.namespaced) return;
  const entry = api.store.get('namespaces.', `/${namespace}`);
  if (!entry) throw notFound(namespaces, namespace);
  const object = api.store.parse(entry.text);
  if (object.metadata.deletionTimestamp) {
    const error = forbidden(type, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
    if (error.status.details)
      error.status.details.causes = [
        { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
      ];
    throw error;
  }
}

/** Fits an object's namespace to the URL's. */
function fitNamespace(type: ResourceType, object: KubeObject, namespace: string): void {
  if (!type.namespaced) {
    if (object.metadata.namespace) delete object.metadata.namespace;
    return;
  }
  if (!object.metadata.namespace) object.metadata.namespace = namespace;
  else if (object.metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

function generatedName(api: Api, base: string): string {
  let suffix = '';
  for (const byte of api.random(5)) suffix += suffixAlphabet[byte % suffixAlphabet.length];
  return `${base.slice(0, 58)}${suffix}`;
}

const attempts = 8;

/** A name made from a prefix that no object has. @throws ApiError 409 where chance finds none */
function freeName(api: Api, type: ResourceType, namespace: string, base: string): string {
  let name = '';
  for (let i = 0; i < attempts; i++) {
    name = generatedName(api, base);
    if (!api.store.get(type.storage, keyFor(type, namespace, name))) return name;
  }
  const error = alreadyExists(type, name);
  error.status.message = `${error.message}, the server was not able to generate a unique name for the object`;
  throw error;
}

/** Leaves each owner once; a client that names one twice is told. */
function mergeOwners(meta: KubeObject['metadata'], warn: WriteRequest['warn']): void {
  const owners = meta.ownerReferences;
  if (!Array.isArray(owners) || owners.length < 2) return;
  const once = owners.filter((owner, i) => !owners.slice(0, i).some((other) => equalJson(other, owner)));
  if (once.length === owners.length) return;
  const twice = owners.filter((owner) => !once.includes(owner)).map((owner) => owner.uid);
  warn?.(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
  meta.ownerReferences = once;
}

/**
 * Creates a decoded object. Its fields go to the request's manager unless `tracked` says that managedFields
 * are noted already (an apply that creates).
 */
export function createObject(api: Api, target: WriteTarget, object: KubeObject, request: WriteRequest, tracked = false): Version {
  const { type } = target;
  const strategy = strategyOf(type);
  const context: UpdateContext = { host: api.host, type, subresource: '' };
  fitNamespace(type, object, target.namespace);
  checkNamespace(api, type, target.namespace, object.metadata.name ?? '');
  if (type.custom?.terminating) throw failTerminating(type);
  // The client's metadata of identity is not taken over.
  const meta = object.metadata;
  delete meta.deletionTimestamp;
  delete (meta as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds;
  const version = meta.resourceVersion;
  delete meta.resourceVersion;
  mergeOwners(meta, request.warn);
  delete (meta as { selfLink?: string }).selfLink;
  delete meta.generation;
  if (strategy.status || type.custom?.status) resetStatus(type, object, undefined);
  const time = kubeTime(api.clock.now());
  if (!tracked) {
    delete meta.uid;
    noteUpdate(api, type, { live: undefined, next: object, manager: request.manager, time: api.clock.now() });
  }
  admitCreate(object, context);
  meta.creationTimestamp = time;
  meta.uid = newUid(api.random);
  if (!meta.name && meta.generateName) meta.name = freeName(api, type, target.namespace, meta.generateName);
  if (strategy.generation) meta.generation = 1;
  strategy.prepareCreate?.(object, context);
  request.authorize?.(object, undefined);
  const errors = createErrors(strategy, object, context);
  if (errors.length > 0) throw invalidObject(type.group, type.kind, meta.name ?? '', errors);
  if (request.warn) for (const warning of warningsOf(type, object)) request.warn(warning);
  if (version !== undefined && /^\d+$/.test(version) && Number(version) !== 0)
    throw plainError('resourceVersion should not be set on objects to be created');
  acceptWrite(object, undefined, { ...context, dryRun: request.dryRun });
  if (api.store.get(type.storage, keyFor(type, target.namespace, meta.name as string))) throw alreadyExists(type, meta.name as string);
  if (request.dryRun) {
    return { object, text: '' };
  }
  return storeObject(api, type, object);
}

function failTerminating(type: ResourceType): Error {
  return failure(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
  });
}

/** The status of an ordinary write is the old one, or the kind's empty one. */
function resetStatus(type: ResourceType, object: KubeObject, old: KubeObject | undefined): void {
  const status = old ? old['status'] : cloneJson(emptyObject(type)['status']);
  if (status === undefined) delete object['status'];
  else object['status'] = status;
}

export interface Update {
  /** The decoded object that the request asks for, made from the live one. */
  next: KubeObject;
  /** managedFields are noted already (an apply). */
  tracked?: boolean;
}

/**
 * Writes a change of an existing object, or of its status.
 * @param build gets the live object, which it must not change
 */
export function updateObject(api: Api, target: WriteTarget, request: WriteRequest, build: (live: KubeObject) => Update): Version {
  const { type, namespace, name } = target;
  const live = readObject(api, type, namespace, name);
  if (!live) throw notFound(type, name);
  const { next, tracked } = build(live.object);
  return applyUpdate(api, target, request, live, next, tracked ?? false);
}

/** Subresources that set something in spec and in status. */
const writesStatusToo = new Set(['binding', 'approval']);

function applyUpdate(api: Api, target: WriteTarget, request: WriteRequest, live: Version, next: KubeObject, tracked: boolean): Version {
  const { type, namespace, name, subresource } = target;
  const strategy = strategyOf(type);
  const old = live.object;
  const context: UpdateContext = { host: api.host, type, subresource, old };
  fitNamespace(type, next, namespace);
  if (next.metadata.name && next.metadata.name !== name)
    throw badRequest(`the name of the object (${next.metadata.name}) does not match the name on the URL (${name})`);
  next.metadata.name = name;
  checkPreconditions(type, next, old);
  mergeOwners(next.metadata, request.warn);
  const meta = next.metadata;
  const before = old.metadata;
  // What only the server sets stays as it was.
  meta.uid = before.uid as string;
  meta.creationTimestamp = before.creationTimestamp ?? null;
  keep(meta, before, 'deletionTimestamp');
  keep(meta, before, 'deletionGracePeriodSeconds');
  keep(meta, before, 'generation');
  keep(meta, before, 'resourceVersion');
  keep(meta, before, 'selfLink');
  if (subresource === 'status') restrictToStatus(type, next, old);
  else if ((strategy.status || type.custom?.status) && !writesStatusToo.has(subresource)) resetStatus(type, next, old);
  if (!tracked) noteUpdate(api, type, { live: old, next, manager: request.manager, time: api.clock.now(), subresource });
  admitUpdate(next, old, context);
  strategy.prepareUpdate?.(next, old, context);
  if (strategy.generation && subresource !== 'status' && specChanged(type, next, old)) meta.generation = Number(before.generation ?? 0) + 1;
  request.authorize?.(next, old);
  const errors = updateErrors(strategy, next, old, context);
  if (errors.length > 0) throw invalidObject(type.group, type.kind, name, errors);
  if (request.warn && subresource === '') for (const warning of warningsOf(type, next)) request.warn(warning);
  acceptWrite(next, old, { ...context, dryRun: request.dryRun });
  if (sameContent(next, old) && equalManagers(next, old)) return live;
  if (request.dryRun) return { object: next, text: '' };
  if (meta.deletionTimestamp && (meta.finalizers ?? []).length === 0 && mayGo(next)) return finishDelete(api, type, next);
  return storeObject(api, type, next);
}

/** A namespace goes when its spec's finalizers are gone too; a pod only when its grace has run out. */
function mayGo(object: KubeObject): boolean {
  const grace = (object.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds;
  if (grace !== undefined && grace > 0) return false;
  const spec = object['spec'] as { finalizers?: unknown[] } | undefined;
  return !(object.kind === 'Namespace' && object.apiVersion === 'v1' && (spec?.finalizers?.length ?? 0) > 0);
}

function keep(meta: object, before: object, field: string): void {
  const from = before as { [field: string]: unknown };
  const to = meta as { [field: string]: unknown };
  if (from[field] === undefined) delete to[field];
  else to[field] = from[field];
}

/** Resources whose place in the store is not named as they are. */
const places: { [storage: string]: string } = {
  'services.': 'services/specs',
  'endpoints.': 'services/endpoints',
  'nodes.': 'minions',
  'ingresses.networking.k8s.io': 'ingress',
  'replicationcontrollers.': 'controllers',
};

/** 409 for an update that was meant for another object of the same name. */
function uidConflict(type: ResourceType, namespace: string, name: string, wanted: string, found: string): Error {
  const place = type.custom ? `${type.group}/${type.plural}` : (places[type.storage] ?? type.plural);
  const key = `/registry/${place}/${type.namespaced ? `${namespace}/` : ''}${name}`;
  return conflict(
    type,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`,
  );
}

function checkPreconditions(type: ResourceType, next: KubeObject, old: KubeObject): void {
  const name = old.metadata.name as string;
  const rv = next.metadata.resourceVersion;
  if (next.metadata.uid && next.metadata.uid !== old.metadata.uid)
    throw uidConflict(type, old.metadata.namespace ?? '', name, next.metadata.uid, old.metadata.uid ?? '');
  if (!rv || rv === '0') return;
  if (!/^\d+$/.test(rv))
    throw invalidObject(type.group, type.kind, name, [
      invalid('metadata.resourceVersion', rv, 'strconv.ParseUint: parsing "'.concat(rv, '": invalid syntax')),
    ]);
  if (rv !== old.metadata.resourceVersion) throw modified(type, name);
}

/** Kinds that an update of an object that is not there creates. */
const createdByUpdate = new Set([
  'endpoints.',
  'events.',
  'limitranges.',
  'services.',
  'leases.coordination.k8s.io',
  'resourceslices.resource.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
]);

export interface Put {
  version: Version;
  created: boolean;
}

/** Replaces an object, or creates it where its kind allows that. */
export function putObject(api: Api, target: WriteTarget, object: KubeObject, request: WriteRequest): Put {
  const { type, namespace, name } = target;
  if (createdByUpdate.has(type.storage) && !api.store.get(type.storage, keyFor(type, namespace, name))) {
    if (object.metadata.uid) throw uidConflict(type, namespace, name, object.metadata.uid, '');
    delete object.metadata.resourceVersion;
    return { version: createObject(api, target, object, request), created: true };
  }
  const build = () => {
    requireVersion(type, object);
    return { next: object };
  };
  return { version: updateObject(api, target, request, build), created: false };
}

/** Built-in kinds that take no update without a resourceVersion. */
const conditional = new Set([
  'apiservices.apiregistration.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'leases.coordination.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'poddisruptionbudgets.policy',
  'runtimeclasses.node.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** 422 where a kind takes no update without resourceVersion; the server names the resource here, not the kind. */
export function requireVersion(type: ResourceType, object: KubeObject): void {
  if ((type.custom || conditional.has(type.storage)) && !object.metadata.resourceVersion)
    throw invalidObject(type.group, type.plural, object.metadata.name ?? '', [
      invalid('metadata.resourceVersion', new GoText('0x0'), 'must be specified for an update'),
    ]);
}

/** A write to `status` changes nothing but status, and managedFields. */
function restrictToStatus(type: ResourceType, next: KubeObject, old: KubeObject): void {
  if (type.custom) {
    const { managedFields } = next.metadata;
    const status = next['status'];
    for (const key of Object.keys(next)) delete next[key];
    Object.assign(next, old, { metadata: { ...old.metadata } });
    if (managedFields) next.metadata.managedFields = managedFields;
    if (status === undefined) delete next['status'];
    else next['status'] = status;
    return;
  }
  for (const key of Object.keys(next)) if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) delete next[key];
  for (const key of Object.keys(old)) if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) next[key] = old[key];
  keep(next.metadata, old.metadata, 'labels');
  keep(next.metadata, old.metadata, 'ownerReferences');
}

function specChanged(type: ResourceType, next: KubeObject, old: KubeObject): boolean {
  const statusCounts = type.custom !== undefined && !type.custom.status;
  for (const key of new Set([...Object.keys(next), ...Object.keys(old)]))
    if (
      key !== 'metadata' &&
      (key !== 'status' || statusCounts) &&
      key !== 'apiVersion' &&
      key !== 'kind' &&
      !equalJson(next[key], old[key])
    )
      return true;
  return false;
}

function equalManagers(a: KubeObject, b: KubeObject): boolean {
  const strip = (object: KubeObject) => (object.metadata.managedFields ?? []).map(({ time, ...entry }) => entry);
  return equalJson(strip(a), strip(b));
}
