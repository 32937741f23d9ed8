import type { Api } from './rest/api.js';
import { decodeObject } from './rest/decode.js';
import { createObject } from './rest/write.js';
import type { SandboxOptions } from './types.js';

export interface Running {
  settle(): Promise<void>;
  stop(): void;
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Makes what every cluster has, where it is not there yet, and starts what runs beside the server. */
export function bootstrap(api: Api, _options: SandboxOptions): Running {
  for (const name of namespaces) ensure(api, '', 'v1', 'namespaces', '', { metadata: { name } });
  return { settle: async () => undefined, stop: () => undefined };
}

function ensure(api: Api, group: string, version: string, plural: string, namespace: string, raw: { metadata: { name: string } }): void {
  const type = api.registry.find(group, version, plural);
  if (!type || api.store.get(type.storage, `${namespace}/${raw.metadata.name}`)) return;
  const object = decodeObject(type, raw, { validation: 'Ignore', warn: () => undefined });
  createObject(api, { type, namespace, name: raw.metadata.name, subresource: '' }, object, { dryRun: false, manager: 'kube-apiserver' });
}
