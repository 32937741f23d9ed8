import type { WireRequest } from '../../model/index.js';
import { isTrue } from './flags.js';

/** A request taken apart, as the API server's RequestInfo does. */
export interface RequestInfo {
  path: string;
  query: URLSearchParams;
  /** get, list, watch, create, update, patch, delete, deletecollection; or the HTTP method in lower case. */
  verb: string;
  isResource: boolean;
  group: string;
  version: string;
  namespace: string;
  /** Plural name, '' where the path names none. */
  resource: string;
  subresource: string;
  name: string;
  /** Path segments after the resource's subresource. */
  rest: string[];
}

const verbs: { [method: string]: string } = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** @returns undefined where the URL cannot be read at all */
export function parseRequest(request: WireRequest): RequestInfo | undefined {
  const question = request.path.indexOf('?');
  const rawPath = question < 0 ? request.path : request.path.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : request.path.slice(question + 1));
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
  const parts = path.replace(/^\/+|\/+$/g, '').split('/');
  const info: RequestInfo = {
    path,
    query,
    verb: request.method.toLowerCase(),
    isResource: false,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: [],
  };
  const root = parts.shift();
  if (root === 'api') info.version = parts.shift() ?? '';
  else if (root === 'apis') {
    info.group = parts.shift() ?? '';
    info.version = parts.shift() ?? '';
  } else return info;
  if (parts.length === 0 || info.version === '' || parts.includes('')) return info;
  info.isResource = true;
  info.verb = verbs[request.method] ?? '';
  if (parts[0] === 'watch' && parts.length > 1) {
    parts.shift();
    info.verb = 'watch';
  }
  if (parts[0] === 'namespaces' && parts.length > 1) {
    info.namespace = parts[1] as string;
    if (parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize') parts.splice(0, 2);
  }
  info.resource = parts[0] ?? '';
  info.name = parts[1] ?? '';
  info.subresource = parts[2] ?? '';
  info.rest = parts.slice(3);
  if (info.name === '') {
    if (info.verb === 'get') info.verb = isTrue(query.get('watch')) ? 'watch' : 'list';
    else if (info.verb === 'delete') info.verb = 'deletecollection';
  }
  return info;
}
