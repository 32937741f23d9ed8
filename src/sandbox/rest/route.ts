import { parseJson, stringifyJson, type WireRequest, type WireResponse } from '../../model/index.js';
import { effectiveUser } from '../auth/impersonate.js';
import type { User } from '../auth/types.js';
import { handleDiscovery } from '../discovery/handle.js';
import type { Api } from './api.js';
import { failed, handleResource } from './handle.js';
import { negotiate } from './negotiate.js';
import { parseRequest, type RequestInfo } from './request.js';
import { statusResponse, textResponse } from './respond.js';
import { badRequest, genericMethodNotAllowed, genericNotFound } from './status.js';

export interface Authorizer {
  /** Throws 403 where the user may not. */
  check(user: User, info: RequestInfo): void;
}

const notFoundText = '404 page not found\n';

/** Answers one request of a known user; never throws. */
export async function route(api: Api, authorizer: Authorizer, request: WireRequest, user: User): Promise<WireResponse> {
  try {
    const info = parseRequest(request);
    if (!info) throw badRequest('invalid URL escape');
    const acting = effectiveUser(api, user, request);
    authorizer.check(acting, info);
    const response = await dispatch(api, request, info, acting);
    const settled = api.store.settled();
    if (settled) await settled;
    return finished(request, info, response);
  } catch (error) {
    return statusResponse(failed(error).status);
  }
}

/** HEAD is answered without a body, and people's own tools with one that they can read. */
function finished(request: WireRequest, info: RequestInfo, response: WireResponse): WireResponse {
  if (request.method === 'HEAD') {
    if (typeof response.body !== 'string') void response.body[Symbol.asyncIterator]().return?.();
    return { ...response, body: '' };
  }
  const { body, headers } = response;
  if (typeof body !== 'string' || !wantsPretty(request, info) || !String(headers['content-type']).startsWith('application/json'))
    return response;
  return { ...response, body: `${stringifyJson(parseJson(body), 2)}\n` };
}

function wantsPretty(request: WireRequest, info: RequestInfo): boolean {
  const asked = info.query.get('pretty') ?? '';
  if (asked !== '') return /^(1|t|T|TRUE|true|True)$/.test(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

async function dispatch(api: Api, request: WireRequest, info: RequestInfo, user: User): Promise<WireResponse> {
  if (!info.isResource) {
    const answer = handleDiscovery(api, request, info);
    if (!answer) return textResponse(404, notFoundText);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw genericMethodNotAllowed();
    return answer;
  }
  const type = api.registry.find(info.group, info.version, info.resource);
  if (!type) {
    if (!api.registry.hasVersion(info.group, info.version)) return textResponse(404, notFoundText);
    throw genericNotFound();
  }
  if (info.verb === '') throw genericMethodNotAllowed();
  if (!type.namespaced && info.namespace !== '' && info.resource !== 'namespaces') throw genericNotFound();
  if (type.namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch') {
    if (info.name !== '') throw genericNotFound();
    throw genericMethodNotAllowed();
  }
  const warnings: string[] = [];
  return handleResource({ api, request, info, type, user, warnings, shape: negotiate(request.headers['accept'] ?? '', info) });
}
