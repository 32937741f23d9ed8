import type { WireRequest, WireResponse } from '../../model/index.js';
import { handleOpenApi } from '../openapi/handle.js';
import type { Api } from '../rest/api.js';
import type { RequestInfo } from '../rest/request.js';
import { tagged } from '../rest/respond.js';
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './documents.js';
import { handleHealth } from './health.js';
import { serverVersion } from './version.js';

/** Requests that are about the server and not about a resource; undefined where the path is neither. */
export function handleDiscovery(api: Api, request: WireRequest, info: RequestInfo): WireResponse | undefined {
  const path = info.path.replace(/\/+$/, '') || '/';
  const health = handleHealth(path, info);
  if (health) return health;
  if (path === '/version') return document(serverVersion());
  if (path === '/')
    return document({ paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] });
  if (path.startsWith('/openapi')) return handleOpenApi(api, request, info);
  const form = aggregatedForm(request.headers['accept'] ?? '');
  if (path === '/api' || path === '/apis') {
    if (form)
      return tagged(
        request,
        document(
          aggregated(api.registry, path === '/api', form),
          `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`,
        ),
      );
    return document(path === '/api' ? coreVersions(request.headers['host'] ?? '127.0.0.1') : groupList(api.registry));
  }
  const parts = path.split('/').slice(1);
  if (parts[0] === 'api' && parts.length === 2 && api.registry.hasVersion('', parts[1] as string))
    return document(resourceList(api.registry, '', parts[1] as string));
  if (parts[0] !== 'apis') return undefined;
  if (parts.length === 2) {
    const group = groupDocument(api.registry, parts[1] as string);
    return group && document(group);
  }
  if (parts.length === 3 && api.registry.hasVersion(parts[1] as string, parts[2] as string))
    return document(resourceList(api.registry, parts[1] as string, parts[2] as string));
  return undefined;
}

function aggregatedForm(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const part of accept.split(',')) {
    const match = /^\s*application\/json\s*;(?=.*g=apidiscovery\.k8s\.io)(?=.*as=APIGroupDiscoveryList).*v=(v2beta1|v2)\b/.exec(part);
    if (match) return match[1] as 'v2';
  }
  return undefined;
}

function document(value: unknown, contentType = 'application/json'): WireResponse {
  return {
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': 'no-cache, private', vary: 'Accept' },
    body: JSON.stringify(value),
  };
}
