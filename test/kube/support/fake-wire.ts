import type { ApiResource } from '../../../src/kube/types.js';
import type { Wire, WireRequest, WireResponse } from '../../../src/model/index.js';
import { stringifyJson } from '../../../src/model/index.js';

/** A wire that answers from a function and keeps what was asked. */
export function fakeWire(answer: (request: WireRequest, n: number) => unknown): { wire: Wire; asked: WireRequest[] } {
  const asked: WireRequest[] = [];
  return {
    asked,
    wire: async (request) => {
      request.signal?.throwIfAborted();
      asked.push(request);
      const given = await answer(request, asked.length);
      return isResponse(given) ? given : json(200, given);
    },
  };
}

function isResponse(value: unknown): value is WireResponse {
  return value !== null && typeof value === 'object' && 'status' in value && 'headers' in value && 'body' in value;
}

export function json(status: number, value: unknown, headers: WireResponse['headers'] = {}): WireResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: stringifyJson(value) };
}

export function status(code: number, reason: string, more: { [key: string]: unknown } = {}): WireResponse {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `${reason} said the server`, ...more });
}

export const configMaps: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  shortNames: ['cm'],
  categories: [],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  subresources: [],
};

export function configMap(name: string, more: { [key: string]: unknown } = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', resourceVersion: '7' }, ...more };
}
