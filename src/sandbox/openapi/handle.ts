import { sha256, type WireRequest, type WireResponse } from '../../model/index.js';
import type { Api } from '../rest/api.js';
import type { RequestInfo } from '../rest/request.js';
import { tagged, textResponse } from '../rest/respond.js';
import { openApiIndex, openApiV2, openApiV3 } from './documents.js';

const kept = new WeakMap<object, Map<string, string>>();

/** Answers requests below `/openapi`; undefined where there is nothing. */
export function handleOpenApi(api: Api, request: WireRequest, info: RequestInfo): WireResponse | undefined {
  const path = info.path.replace(/\/+$/, '');
  const cached = (key: string, make: () => unknown): string => {
    let texts = kept.get(api.registry);
    if (!texts) {
      texts = new Map();
      kept.set(api.registry, texts);
    }
    const id = `${api.registry.revision()} ${key}`;
    let text = texts.get(id);
    if (text === undefined) {
      for (const old of [...texts.keys()]) if (!old.startsWith(`${api.registry.revision()} `)) texts.delete(old);
      text = JSON.stringify(make());
      texts.set(id, text);
    }
    return text;
  };
  const document = (key: string) => {
    const [group, version] = key.includes('/') ? (key.split('/') as [string, string]) : ['', key];
    return cached(`v3 ${key}`, () => openApiV3(api.registry, group, version));
  };
  const answer = (body: string) =>
    tagged(request, {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private', vary: 'Accept' },
      body,
    });
  if (path === '/openapi/v2') {
    const accept = request.headers['accept'] ?? '*/*';
    if (!/json|\*\/\*/.test(accept)) return textResponse(406, '406 Not Acceptable\n');
    return answer(cached('v2', () => openApiV2(api.registry)));
  }
  const hashOf = (group: string, version: string) =>
    cached(`hash ${group}/${version}`, () => sha256(document(group === '' ? version : `${group}/${version}`)).toUpperCase());
  const hash = (group: string, version: string) => JSON.parse(hashOf(group, version)) as string;
  if (path === '/openapi/v3') return answer(cached('index', () => openApiIndex(api.registry, hash)));
  const match = /^\/openapi\/v3\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))$/.exec(path);
  if (!match) return undefined;
  const [group, version] = match[1] === undefined ? [match[2] as string, match[3] as string] : ['', match[1]];
  if (!api.registry.hasVersion(group, version)) return undefined;
  const known = info.query.get('hash');
  const current = hash(group, version);
  // A link with another state's hash leads to the present one; one with this state's may be kept for good.
  if (known !== null && known !== '' && known !== current)
    return { status: 301, headers: { location: `${path}?hash=${current}`, 'content-type': 'text/plain' }, body: '' };
  const response = answer(document(group === '' ? version : `${group}/${version}`));
  return known ? { ...response, headers: { ...response.headers, 'cache-control': 'public, immutable' } } : response;
}
