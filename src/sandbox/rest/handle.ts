import { isAbort, type Json, type WireRequest, type WireResponse } from '../../model/index.js';
import { checkEscalation } from '../auth/escalation.js';
import { handleReview } from '../auth/reviews.js';
import type { User } from '../auth/types.js';
import { loadRules, needsRules } from '../crd/cel/needs.js';
import { deprecations } from '../registry/generated/deprecations.js';
import type { ResourceType } from '../registry/types.js';
import type { Api } from './api.js';
import { readBody } from './body.js';
import { decodeBody, decodingOf, kindProblem, readObjectBody } from './decode-body.js';
import { deletedStatus, deleteObject } from './delete.js';
import { isTrue, readInteger } from './flags.js';
import { deleteOptions, type WriteOptions, writeOptions } from './options.js';
import { patchObject, patchType } from './patch.js';
import { getObject, listObjects, listQuery, listText } from './read.js';
import type { RequestInfo } from './request.js';
import { answerObject, headersOf, json, type Shape } from './respond.js';
import { binding } from './special.js';
import {
  ApiError,
  badRequest,
  genericMethodNotAllowed,
  genericNotFound,
  internalError,
  methodNotAllowed,
  notFound,
  plainError,
} from './status.js';
import { handleSubresource } from './subresources.js';
import { watchObjects } from './watch.js';
import { createObject, putObject, type WriteRequest, type WriteTarget } from './write.js';

/** One resource request with all that its handlers need. */
export interface Call {
  api: Api;
  request: WireRequest;
  info: RequestInfo;
  type: ResourceType;
  user: User;
  shape: Shape;
  warnings: string[];
}

/** Seconds that a watch lasts where nobody says. */
const defaultTimeout = 3600;
/** What a timer can hold. */
const longestTimeout = 2_000_000;

/** Answers a request for a resource that exists, by a user who may. */
export async function handleResource(call: Call): Promise<WireResponse> {
  const { info, type } = call;
  checkPathName(info.name);
  if (info.rest.length > 0 && !takesPath.has(info.subresource)) throw type.custom ? notFound(type, info.name) : genericNotFound();
  if (needsRules(type, call.request)) await loadRules();
  const deprecated = type.custom ? type.custom.deprecated : deprecations[`${type.group}/${type.version}/${type.kind}`];
  if (deprecated !== undefined) call.warnings.push(deprecated);
  if (info.subresource !== '') return handleSubresource(call);
  const review = handleReview(call);
  if (review) return review;
  if (type.verbs.length > 0 && !type.verbs.includes(info.verb))
    throw type.custom ? methodNotAllowed(type, info.verb) : genericMethodNotAllowed();
  if (type.storage === 'bindings.' && info.verb === 'create') return binding(call);
  switch (info.verb) {
    case 'get':
      return isTrue(info.query.get('watch')) ? watch(call) : get(call);
    case 'list':
      return list(call);
    case 'watch':
      return watch(call);
    case 'create':
      return create(call);
    case 'update':
      return update(call);
    case 'patch':
      return patch(call);
    case 'delete':
      return remove(call);
    case 'deletecollection':
      return removeMany(call);
    default:
      throw genericMethodNotAllowed();
  }
}

/** Subresources below which a path of their own goes on. */
const takesPath = new Set(['proxy']);

/** @throws ApiError 400 where no object can have a name that a path holds */
function checkPathName(name: string): void {
  const why = name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : undefined;
  if (why !== undefined) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${why}`);
}

export function targetOf(call: Call): WriteTarget {
  return { type: call.type, namespace: call.info.namespace, name: call.info.name, subresource: call.info.subresource };
}

export function optionsOf(
  call: Call,
  operation: 'create' | 'update' | 'patch' | 'apply',
): WriteOptions & Pick<WriteRequest, 'warn' | 'authorize'> {
  return {
    ...writeOptions(call.info, operation, call.request.headers['user-agent'] ?? ''),
    warn: warnTo(call),
    authorize: (next, old) => checkEscalation(call.api, call.user, call.type, next, old),
  };
}

export const warnTo = (call: Call) => (message: string) => {
  if (!call.warnings.includes(message)) call.warnings.push(message);
};

function get(call: Call): WireResponse {
  const { info, type } = call;
  const resourceVersion = info.query.get('resourceVersion') ?? '';
  return answerObject(call, 200, getObject(call.api, type, { namespace: info.namespace, name: info.name, resourceVersion }));
}

function list(call: Call): WireResponse {
  const { api, type } = call;
  const listed = listObjects(api, type, listQuery(type, call.info, false));
  return call.shape.list ? call.shape.list(call, listed) : json(call, 200, listText(type, listed));
}

function watch(call: Call): WireResponse {
  const { info, type, api } = call;
  const query = listQuery(type, info, true);
  const seconds = readInteger(info.query.get('timeoutSeconds')) ?? 0;
  const initial = info.query.get('sendInitialEvents');
  const lines = watchObjects(
    api,
    type,
    {
      ...query,
      bookmarks: isTrue(info.query.get('allowWatchBookmarks')),
      initialEvents: initial === null ? undefined : isTrue(initial),
      timeoutSeconds: seconds === 0 ? defaultTimeout : Math.min(Math.max(seconds, 0), longestTimeout),
    },
    { shape: call.shape.event(call), signal: call.request.signal },
  );
  return { status: 200, headers: headersOf(call), body: lines };
}

function create(call: Call): WireResponse {
  const { api, type, info } = call;
  if (info.name !== '' && !type.custom) throw genericMethodNotAllowed();
  const options = optionsOf(call, 'create');
  const object = decodeBody(
    call.api.registry,
    type,
    readObjectBody(type, call.request),
    decodingOf(call.request, options.validation, warnTo(call)),
  );
  return answerObject(call, 201, createObject(api, targetOf(call), object, options));
}

function update(call: Call): WireResponse {
  const { api, type, info } = call;
  if (info.name === '') throw genericMethodNotAllowed();
  const options = optionsOf(call, 'update');
  const object = decodeBody(
    call.api.registry,
    type,
    readObjectBody(type, call.request),
    decodingOf(call.request, options.validation, warnTo(call)),
  );
  if (object.metadata.namespace && type.namespaced && object.metadata.namespace !== info.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (!object.metadata.name)
    throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
  if (object.metadata.name !== info.name)
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${info.name})`);
  const { version, created } = putObject(api, targetOf(call), object, options);
  return answerObject(call, created ? 201 : 200, version);
}

function patch(call: Call): WireResponse {
  if (call.info.name === '') throw genericMethodNotAllowed();
  const operation = patchType(call.type, call.request) === 'apply' ? 'apply' : 'patch';
  const options = optionsOf(call, operation);
  const { version, created } = patchObject(call.api, targetOf(call), call.request, options, warnTo(call));
  return answerObject(call, created ? 201 : 200, version);
}

function deleteBody(call: Call): { [key: string]: unknown } | undefined {
  const { body } = call.request;
  if (body === undefined || body.length === 0) return undefined;
  let value: Json;
  try {
    value = readBody(call.request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    const yaml = 'error decoding YAML: ';
    throw plainError(
      error.message.startsWith(yaml) ? error.message.slice(yaml.length) : `couldn't get version/kind; json parse error: ${error.message}`,
    );
  }
  const why = kindProblem(value);
  if (why !== undefined) throw plainError(why);
  return (value ?? {}) as { [key: string]: unknown };
}

function remove(call: Call): WireResponse {
  const { api, type, info } = call;
  const options = deleteOptions(info, deleteBody(call));
  const { gone, object } = deleteObject(api, type, type.namespaced ? info.namespace : '', info.name, options);
  // Some kinds are answered with their last state, as the API server does.
  if (gone && !returnsObject.has(type.storage)) return json(call, 200, JSON.stringify(deletedStatus(type, object)));
  return answerObject(call, !gone && options.accepted ? 202 : 200, { object, text: '' });
}

const returnsObject = new Set([
  'pods.',
  'services.',
  'serviceaccounts.',
  'persistentvolumes.',
  'persistentvolumeclaims.',
  'podtemplates.',
  'resourcequotas.',
  'podsecuritypolicies.policy',
]);

function removeMany(call: Call): WireResponse {
  const { api, type, info } = call;
  const options = deleteOptions(info, deleteBody(call));
  const listed = listObjects(api, type, listQuery(type, info, false));
  for (const { object } of [...listed.versions()]) {
    try {
      deleteObject(api, type, object.metadata.namespace ?? '', object.metadata.name as string, options);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 404) throw error;
    }
  }
  return json(call, 200, listText(type, listed));
}

/** What any thrown thing is answered with. */
export function failed(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isAbort(error)) return internalError('request cancelled');
  return internalError(error instanceof Error ? error.message : String(error));
}
