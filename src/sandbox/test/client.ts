import type { Wire, WireRequest } from '../../model/index.js';

// biome-ignore lint/suspicious/noExplicitAny: answers of any kind
type Answer = { status: number; body: any; headers: { [name: string]: string | string[] } };

export type Client = (method: WireRequest['method'], path: string, body?: unknown, headers?: { [name: string]: string }) => Promise<Answer>;

/** Speaks to a sandbox as a test reads best: JSON in, JSON out. */
export function clientOf(wire: Wire): Client {
  return async (method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await wire({
      method,
      path,
      headers: { 'user-agent': 'test/1.0', ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    let whole = '';
    if (typeof response.body === 'string') whole = response.body;
    else for await (const piece of response.body) whole += piece;
    let parsed: unknown = whole;
    try {
      parsed = JSON.parse(whole);
    } catch {
      // Text, or lines of JSON.
    }
    return { status: response.status, body: parsed, headers: response.headers };
  };
}

export const applyType = { 'content-type': 'application/apply-patch+yaml' };
export const mergeType = { 'content-type': 'application/merge-patch+json' };

export const configMap = (name: string, data: { [key: string]: string } = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const deployment = (name: string, image = 'nginx:1.25', replicas?: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
  },
});

export const inDefault = (plural: string, group = '') =>
  group === '' ? `/api/v1/namespaces/default/${plural}` : `/apis/${group}/namespaces/default/${plural}`;
