import { followAggregation } from './auth/aggregate.js';
import { defaultBindings, defaultRoles } from './auth/policy.js';
import { startControllers } from './controllers/start.js';
import { followDefinitions } from './crd/register.js';
import { controllerHost } from './host/host.js';
import type { Api } from './rest/api.js';
import { decodeObject } from './rest/decode.js';
import { createObject } from './rest/write.js';
import type { SandboxOptions } from './types.js';

export interface Running {
  settle(): Promise<void>;
  stop(): void;
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const priorities = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2000001000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2000000000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/** Makes what every cluster has, where it is not there yet, and starts what runs beside the server. */
export function bootstrap(api: Api, options: SandboxOptions): Running {
  followDefinitions(api);
  for (const name of namespaces) ensure(api, 'v1', 'namespaces', { metadata: { name } });
  ensure(api, 'v1', 'services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443, protocol: 'TCP' }] },
  });
  followAggregation(api);
  for (const role of defaultRoles()) ensure(api, 'rbac.authorization.k8s.io/v1', 'clusterroles', role);
  for (const binding of defaultBindings()) ensure(api, 'rbac.authorization.k8s.io/v1', 'clusterrolebindings', binding);
  for (const priority of priorities) ensure(api, 'scheduling.k8s.io/v1', 'priorityclasses', priority);
  if (options.controllers === false) return { settle: async () => undefined, stop: () => undefined };
  return startControllers(controllerHost(api, options.pace ?? 1, options.behaviour));
}

function ensure(
  api: Api,
  apiVersion: string,
  plural: string,
  raw: { metadata: { name: string; namespace?: string; labels?: { [key: string]: string } }; [field: string]: unknown },
): void {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
  const type = api.registry.find(group, version, plural);
  const { name, namespace = '' } = raw.metadata;
  if (!type || api.store.get(type.storage, `${namespace}/${name}`)) return;
  const object = decodeObject(type, raw, { validation: 'Ignore', warn: () => undefined });
  createObject(api, { type, namespace, name, subresource: '' }, object, { dryRun: false, manager: 'kube-apiserver' });
}
