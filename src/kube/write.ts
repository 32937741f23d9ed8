import type { KubeObject, Where } from '../model/index.js';
import { EvenkeelError, stringifyJson } from '../model/index.js';
import type { Answer, Call, Exchange } from './exchange.js';
import { isRecord, notThat, objectIn, refOf, whereOf } from './objects.js';
import { collectionPath, objectPath, type Query, requireNamespace, withQuery } from './paths.js';
import type { ApiResource, ApplyOptions, ApplyResult, DeleteOptions, ObjectRef, WriteOptions } from './types.js';
import { decodeWarnings } from './warnings.js';

/** The object, or undefined where the server says that exactly this one does not exist. */
export async function get(
  exchange: Exchange,
  resource: ApiResource,
  asked: ObjectRef & { subresource?: string; signal?: AbortSignal },
): Promise<KubeObject | undefined> {
  const where = whereOf(resource, asked);
  try {
    const answer = await exchange.call({
      method: 'GET',
      path: objectPath(resource, asked, asked.subresource),
      repeatable: true,
      where,
      ...withSignal(asked),
    });
    return objectIn(answer, where);
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined;
    throw thrown;
  }
}

/** 404 for the object, and not because the server does not serve the path. */
function isAbsent(thrown: unknown): thrown is EvenkeelError {
  if (!(thrown instanceof EvenkeelError) || thrown.code !== 'KUBE_NOT_FOUND') return false;
  const status = thrown.details['status'] as { reason?: string; details?: { name?: string } } | undefined;
  return status?.reason === 'NotFound' && (status.details?.name ?? '') !== '';
}

export async function apply(exchange: Exchange, resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<ApplyResult> {
  return write(exchange, {
    method: 'PATCH',
    path: withQuery(objectPath(resource, refOf(object), options.subresource), {
      ...writeQuery(options),
      force: options.force === true ? 'true' : 'false',
    }),
    contentType: 'application/apply-patch+yaml',
    body: stringifyJson(object),
    repeatable: true,
    where: whereOf(resource, refOf(object)),
    ...withSignal(options),
  });
}

export async function create(exchange: Exchange, resource: ApiResource, object: KubeObject, options: WriteOptions): Promise<ApplyResult> {
  const namespace = requireNamespace(resource, object.metadata?.namespace);
  return write(exchange, {
    method: 'POST',
    path: withQuery(collectionPath(resource, namespace), writeQuery(options)),
    body: stringifyJson(object),
    repeatable: false,
    where: whereOf(resource, refOf(object)),
    ...withSignal(options),
  });
}

export async function replace(
  exchange: Exchange,
  resource: ApiResource,
  object: KubeObject,
  options: WriteOptions & { subresource?: string },
): Promise<ApplyResult> {
  return write(exchange, {
    method: 'PUT',
    path: withQuery(objectPath(resource, refOf(object), options.subresource), writeQuery(options)),
    body: stringifyJson(object),
    repeatable: options.dryRun === true,
    where: whereOf(resource, refOf(object)),
    ...withSignal(options),
  });
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export interface PatchRequest {
  ref: ObjectRef;
  patch: unknown;
  options: WriteOptions & { type: keyof typeof patchTypes; subresource?: string };
}

export async function patch(exchange: Exchange, resource: ApiResource, { ref, patch: body, options }: PatchRequest): Promise<ApplyResult> {
  return write(exchange, {
    method: 'PATCH',
    path: withQuery(objectPath(resource, ref, options.subresource), writeQuery(options)),
    contentType: patchTypes[options.type],
    body: stringifyJson(body),
    repeatable: options.dryRun === true,
    where: whereOf(resource, ref),
    ...withSignal(options),
  });
}

/**
 * Deletes one object. Only with a precondition of its uid is the request repeated when nobody knows
 * whether it arrived: without one it could hit an object that was made in between.
 */
export async function remove(
  exchange: Exchange,
  resource: ApiResource,
  { ref, options }: { ref: ObjectRef; options: DeleteOptions },
): Promise<'gone' | 'deleted' | 'deleting'> {
  const where = whereOf(resource, ref);
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: options.propagationPolicy,
    gracePeriodSeconds: options.gracePeriodSeconds,
    preconditions: options.preconditions,
  };
  try {
    const answer = await exchange.call({
      method: 'DELETE',
      path: withQuery(objectPath(resource, ref), { dryRun: options.dryRun ? 'All' : undefined }),
      body: stringifyJson(body),
      repeatable: options.preconditions?.uid !== undefined || options.dryRun === true,
      where,
      ...withSignal(options),
    });
    return deletion(answer, where);
  } catch (thrown) {
    if (isAbsent(thrown)) return 'gone';
    throw thrown;
  }
}

/** 202 and an object that finalizers or a grace period still hold mean that it goes on existing for a while. */
function deletion(answer: Answer, where: Where): 'deleted' | 'deleting' {
  if (answer.status === 202) return 'deleting';
  const { json } = answer;
  if (!isRecord(json)) throw notThat('what a deletion is answered with', where);
  if (json['kind'] === 'Status' && !isRecord(json['spec'])) return 'deleted';
  const { metadata, spec } = json as unknown as KubeObject & { spec?: { finalizers?: unknown[] } };
  if (metadata?.deletionTimestamp == null) return 'deleted';
  const grace = metadata['deletionGracePeriodSeconds' as keyof typeof metadata] as unknown;
  const held =
    (metadata.finalizers?.length ?? 0) > 0 || (isRecord(spec) && Array.isArray(spec['finalizers']) && spec['finalizers'].length > 0);
  return held || grace !== 0 ? 'deleting' : 'deleted';
}

async function write(exchange: Exchange, call: Call): Promise<ApplyResult> {
  const answer = await exchange.call(call);
  return { object: objectIn(answer, call.where), created: answer.status === 201, warnings: decodeWarnings(answer.headers['warning']) };
}

function writeQuery(options: WriteOptions): Query {
  return { dryRun: options.dryRun ? 'All' : undefined, fieldManager: options.fieldManager, fieldValidation: options.fieldValidation };
}

function withSignal(options: { signal?: AbortSignal }): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
