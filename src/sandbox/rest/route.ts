import { parseJson, stringifyJson, type WireRequest, type WireResponse } from '../../model/index.js';
import { effectiveUser } from '../auth/impersonate.js';
import type { User } from '../auth/types.js';
import { handleDiscovery } from '../discovery/handle.js';
import { formatYaml } from '../facts.js';
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
    return asAsked(request, finished(request, info, response));
  } catch (error) {
    return asAsked(request, statusResponse(failed(error).status));
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

/** An answer in JSON as the YAML that a client asked for. */
function asAsked(request: WireRequest, response: WireResponse): WireResponse {
  const { body, headers } = response;
  if (typeof body !== 'string' || body === '' || headers['content-type'] !== 'application/json') return response;
  if (!wantsYaml(request.headers['accept'] ?? '')) return response;
  return {
    ...response,
    headers: { ...headers, 'content-type': 'application/yaml' },
    body: formatYaml(parseJson(body), { sortKeys: true }),
  };
}

function wantsYaml(accept: string): boolean {
  for (const entry of accept.split(',')) {
    const media = entry.split(';')[0]?.trim();
    if (media === 'application/yaml') return true;
    if (media === 'application/json' || media === '*/*' || media === 'application/*') return false;
  }
  return false;
}

function wantsPretty(request: WireRequest, info: RequestInfo): boolean {
  const asked = info.query.get('pretty') ?? '';
  if (asked !== '') return /^(1|t|T|TRUE|true|True)$/.test(asked);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

const acrossNamespaces = new Set(['list', 'watch']);

const isHealth = (info: RequestInfo) => /^\/(healthz|livez|readyz)(\/|$)/.test(info.path);

/**
 * Below a path that a built-in group serves, the group itself says what is not there; elsewhere nobody does.
 * @throws ApiError 404
 */
function notThere(api: Api, info: RequestInfo): WireResponse {
  const [, root, group = ''] = info.path.split('/');
  if (root === 'api' || (root === 'apis' && api.registry.isBuiltin(group) && group !== '')) throw genericNotFound();
  return textResponse(404, notFoundText);
}

async function dispatch(api: Api, request: WireRequest, info: RequestInfo, user: User): Promise<WireResponse> {
  if (!info.isResource) {
    const answer = handleDiscovery(api, request, info);
    if (!answer) return notThere(api, info);
    if (request.method !== 'GET' && !isHealth(info)) throw genericMethodNotAllowed();
    return answer;
  }
  const type = api.registry.find(info.group, info.version, info.resource);
  if (!type) return notThere(api, info);
  if (info.verb === '' || (request.method === 'HEAD' && !type.custom)) throw genericMethodNotAllowed();
  if (!type.namespaced && info.namespace !== '' && info.resource !== 'namespaces') return notThere(api, info);
  if (type.namespaced && info.namespace === '' && !acrossNamespaces.has(info.verb)) {
    if (info.name !== '' || type.custom) return notThere(api, info);
    throw genericMethodNotAllowed();
  }
  const warnings: string[] = [];
  return handleResource({ api, request, info, type, user, warnings, shape: negotiate(request.headers['accept'] ?? '', info) });
}
