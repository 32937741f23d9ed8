import type { WireResponse } from '../../model/index.js';
import type { RequestInfo } from '../rest/request.js';
import { textResponse } from '../rest/respond.js';

const checks: { [endpoint: string]: readonly string[] } = {
  healthz: ['ping', 'log', 'etcd'],
  livez: ['ping', 'log', 'etcd'],
  readyz: ['ping', 'log', 'etcd', 'informer-sync', 'shutdown'],
};

/** `/healthz`, `/livez`, `/readyz` and their single checks; undefined where there is no such check. */
export function handleHealth(path: string, info: RequestInfo): WireResponse | undefined {
  const [, endpoint = '', check, ...rest] = path.split('/');
  const all = Object.hasOwn(checks, endpoint) ? (checks[endpoint] as readonly string[]) : undefined;
  if (!all || rest.length > 0) return undefined;
  if (check !== undefined) return all.includes(check) ? textResponse(200, 'ok') : undefined;
  if (!info.query.has('verbose')) return textResponse(200, 'ok');
  const left = info.query.getAll('exclude');
  const lines = all.map((name) => (left.includes(name) ? `[+]${name} excluded: ok\n` : `[+]${name} ok\n`));
  const unknown = left.filter((name) => !all.includes(name)).map((name) => JSON.stringify(name));
  const warning = unknown.length > 0 ? `warn: some health checks cannot be excluded: no matches for ${unknown.join(', ')}\n` : '';
  return textResponse(200, `${lines.join('')}${warning}${endpoint} check passed\n`);
}
