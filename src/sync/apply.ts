import {
  type Compared,
  fieldConflicts,
  fieldManager,
  fieldValidation,
  isReplaced,
  isSameGround,
  namespaceOf,
  replacement,
  secretRedactor,
} from '../compare/index.js';
import type { ApiResource, Cluster } from '../kube/index.js';
import { type Clock, describeKey, EvenkeelError, type KubeObject } from '../model/index.js';

/** How long a type may take to be served after its CRD was established. */
const servedWithinMs = 30_000;
const goneWithinMs = 120_000;

interface Context {
  cluster: Cluster;
  clock: Clock;
  signal?: AbortSignal;
}

/**
 * The type of an object, waiting for it where its CRD has just been applied.
 * @throws EvenkeelError SYNC_TYPE_NOT_SERVED
 */
export async function servedType(
  item: { gvk: Compared['desired']['gvk']; resource: ApiResource | undefined },
  { cluster, clock, signal }: Context,
): Promise<ApiResource> {
  if (item.resource !== undefined) return item.resource;
  const started = clock.now();
  for (let refresh = false; ; refresh = true) {
    const found = (await cluster.discovery({ refresh, signal })).find(item.gvk);
    if (found !== undefined) return found;
    const { group, version, kind } = item.gvk;
    if (clock.now() - started >= servedWithinMs) {
      throw new EvenkeelError('SYNC_TYPE_NOT_SERVED', `${group}/${version} ${kind} is not served although its definition was applied`, {
        hint: `See the conditions of the CustomResourceDefinition: does it serve version ${version}?`,
      });
    }
    await clock.sleep(250, signal);
  }
}

/**
 * Applies one object and returns it as the server has it now. Errors name the object and hold no secret; `details.touched`
 * says that the object was deleted or written before it went wrong.
 */
export async function applyOne(item: Compared, context: Context): Promise<KubeObject> {
  const { cluster, signal } = context;
  const resource = await servedType(item.desired, context);
  const { key, object } = item.desired;
  const target = { resource, key, uid: item.live?.metadata.uid };
  if (item.afterDeletion) await untilGone(target, context);
  const options = { fieldManager, fieldValidation: fieldValidation(item), signal };
  let touched: string | undefined;
  try {
    if (resource.namespaced && key.namespace === '') throw withoutNamespace(item);
    if (item.recreate === true) {
      await deleteOne(target, context);
      touched = 'it was deleted to be made anew, and then: ';
    }
    if (!isReplaced(item))
      return await onSameGround(
        item,
        resource,
        context,
        async (at) => (await cluster.apply(resource, at.send, { ...options, force: at.force })).object,
      );
    await onSameGround(item, resource, context, (at) => cluster.replace(resource, replacement(at), options));
    touched = 'it was put, and then: ';
    // The fields are ours by an apply, as every other object's, so that the next sync sees what others change.
    const { resourceVersion: _before, ...metadata } = item.send.metadata;
    return (await cluster.apply(resource, { ...item.send, metadata }, { ...options, force: true })).object;
  } catch (error) {
    if (!(error instanceof EvenkeelError) || error.code === 'CANCELLED') throw error;
    const redact = secretRedactor([object, item.live]);
    const leaving = item.recreate === true && error.code === 'SYNC_DELETE_TIMEOUT';
    throw new EvenkeelError(error.code, `${touched ?? ''}${redact(error.message)}`, {
      where: { ...item.desired.source, resource: describeKey(key) },
      hint: error.hint === undefined ? undefined : redact(error.hint),
      transient: error.transient,
      details: { code: error.code, ...(touched !== undefined || leaving ? { touched: true } : {}) },
    });
  }
}

/** How often a write follows an object whose status moves. */
const mostMoves = 10;

/**
 * Writes what is bound to the version that was looked at. Where the object has a newer one by now, and only its
 * status and the like are different, the write is bound to that one: what it takes is still what was looked at.
 */
async function onSameGround<T>(item: Compared, resource: ApiResource, context: Context, write: (item: Compared) => Promise<T>): Promise<T> {
  let at = item;
  for (let tries = 1; ; tries++) {
    try {
      return await write(at);
    } catch (error) {
      const isBound = at.send.metadata.resourceVersion !== undefined;
      if (tries >= mostMoves || at.live === undefined || !(isBound || isReplaced(at)) || !isStale(error)) throw error;
      const { key } = item.desired;
      const live = await context.cluster.get(
        resource,
        { namespace: namespaceOf(resource, key.namespace), name: key.name },
        { signal: context.signal },
      );
      if (live === undefined || !isSameGround(at.live, live)) throw error;
      const { resourceVersion } = live.metadata;
      at = { ...at, live, send: isBound ? { ...at.send, metadata: { ...at.send.metadata, resourceVersion } } : at.send };
    }
  }
}

/** A conflict about the version of an object, not about who owns its fields. */
function isStale(error: unknown): boolean {
  return error instanceof EvenkeelError && error.code === 'KUBE_CONFLICT' && fieldConflicts(error).length === 0;
}

/** Its type was not served when namespaces were assigned (SkipDryRunOnMissingResource). */
function withoutNamespace({ desired }: Compared): EvenkeelError {
  return new EvenkeelError('SYNC_NAMESPACE_UNKNOWN', `${describeKey(desired.key)} is of a type with namespaces and names none`, {
    where: { ...desired.source, resource: describeKey(desired.key), field: 'metadata.namespace' },
    hint: 'Its type was not served yet when the sync began, so that no default could be chosen: write metadata.namespace into the manifest.',
  });
}

export interface DeleteTarget {
  resource: ApiResource;
  key: Compared['desired']['key'];
  uid?: string;
}

/** Deletes exactly the object that was looked at and waits until it is gone. */
export async function deleteOne(target: DeleteTarget, context: Context): Promise<void> {
  const { cluster, signal } = context;
  const { resource, key, uid } = target;
  const state = await cluster.delete(
    resource,
    { namespace: namespaceOf(resource, key.namespace), name: key.name },
    { propagationPolicy: 'Background', preconditions: uid === undefined ? undefined : { uid }, signal },
  );
  if (state === 'deleting') await untilGone(target, context);
}

/** @throws EvenkeelError SYNC_DELETE_TIMEOUT naming the finalizers that hold the object */
async function untilGone({ resource, key, uid }: DeleteTarget, { cluster, clock, signal }: Context): Promise<void> {
  const started = clock.now();
  for (;;) {
    const live = await cluster.get(resource, { namespace: namespaceOf(resource, key.namespace), name: key.name }, { signal });
    if (live === undefined || (uid !== undefined && live.metadata.uid !== uid)) return;
    if (clock.now() - started >= goneWithinMs) {
      const finalizers = live.metadata.finalizers ?? [];
      throw new EvenkeelError(
        'SYNC_DELETE_TIMEOUT',
        `${describeKey(key)} is still being deleted${finalizers.length > 0 ? `; finalizers: ${finalizers.join(', ')}` : ''}`,
        {
          where: { resource: describeKey(key) },
          hint: 'The controller that owns the finalizer has to finish; see its logs.',
        },
      );
    }
    await clock.sleep(250, signal);
  }
}
