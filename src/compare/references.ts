import { type KubeObject, parseApiVersion } from '../model/index.js';
import { asList, asObject, asObjects, at, type Loose } from './loose.js';
import { podSpecOf } from './workloads.js';

/** How a change of what is referred to reaches pods: as files, as files that stay as they were, when they start, not at all. */
export type Reach = 'files' | 'fixed files' | 'start' | 'none';

/** One object that another refers to by name. */
export interface Reference {
  group: string;
  kind: string;
  /** '' for kinds without namespaces. */
  namespace: string;
  name: string;
  /** How it is used, as the rest of a sentence: `mounts it`. */
  how: string;
  reach: Reach;
  /** Pods do not start where it is missing. */
  needed?: boolean;
  /** Of a Service: the port that is asked for, by number or name. */
  port?: number | string;
}

type Add = (kind: string, name: unknown, how: string, more?: Partial<Reference>) => void;

/**
 * What an object refers to by name: what pods mount, read and run as; Services of Ingresses, routes and webhooks;
 * roles and subjects of bindings; targets of autoscalers; claims, classes, volumes.
 */
export function referencesOf(object: KubeObject): Reference[] {
  const references: Reference[] = [];
  const own = object.metadata.namespace ?? '';
  const add: Add = (kind, name, how, more = {}) => {
    if (typeof name === 'string' && name !== '') references.push({ group: '', kind, namespace: own, name, how, reach: 'none', ...more });
  };
  const pod = podSpecOf(object);
  if (pod !== undefined) podReferences(pod, add);
  const { group } = parseApiVersion(object.apiVersion);
  byKind[object.kind]?.(object, add, group);
  if (object.kind !== 'IngressRoute' && object.kind.endsWith('Route')) routes(object, add);
  return references;
}

const clusterWide = { namespace: '' };
const storage = { group: 'storage.k8s.io', ...clusterWide };

const byKind: { [kind: string]: (object: KubeObject, add: Add, group: string) => void } = {
  Ingress(object, add) {
    const spec = asObject(object['spec']);
    const backends = [
      spec['defaultBackend'],
      ...asObjects(spec['rules']).flatMap((rule) => asObjects(at(rule, 'http', 'paths')).map((path) => path['backend'])),
    ];
    for (const backend of backends) {
      const service = asObject(at(backend, 'service'));
      add('Service', service['name'], 'routes to it', withPort(at(service, 'port', 'number') ?? at(service, 'port', 'name')));
    }
    for (const tls of asObjects(spec['tls'])) add('Secret', tls['secretName'], 'takes its certificate from it');
    add('IngressClass', spec['ingressClassName'], 'is answered by it', { group: 'networking.k8s.io', ...clusterWide });
  },
  IngressRoute(object, add) {
    for (const route of asObjects(at(object, 'spec', 'routes')))
      for (const service of asObjects(route['services']))
        if ((service['kind'] ?? 'Service') === 'Service') add('Service', service['name'], 'routes to it', withPort(service['port']));
  },
  Gateway(object, add, group) {
    add('GatewayClass', at(object, 'spec', 'gatewayClassName'), 'is answered by it', { group, ...clusterWide });
    for (const listener of asObjects(at(object, 'spec', 'listeners')))
      for (const ref of asObjects(at(listener, 'tls', 'certificateRefs')))
        add('Secret', ref['name'], 'takes its certificate from it', placeOf(ref));
  },
  HorizontalPodAutoscaler: (object, add) => target(at(object, 'spec', 'scaleTargetRef'), 'scales it', add),
  ScaledObject: (object, add) => target(at(object, 'spec', 'scaleTargetRef'), 'scales it', add),
  VerticalPodAutoscaler: (object, add) => target(at(object, 'spec', 'targetRef'), 'sizes its pods', add),
  StatefulSet(object, add) {
    add('Service', at(object, 'spec', 'serviceName'), 'is addressed through it');
    for (const claim of asObjects(at(object, 'spec', 'volumeClaimTemplates')))
      add('StorageClass', at(claim, 'spec', 'storageClassName'), 'keeps data in it', storage);
  },
  PersistentVolumeClaim(object, add) {
    add('StorageClass', at(object, 'spec', 'storageClassName'), 'keeps data in it', storage);
    add('PersistentVolume', at(object, 'spec', 'volumeName'), 'is bound to it', clusterWide);
  },
  PersistentVolume: (object, add) => add('StorageClass', at(object, 'spec', 'storageClassName'), 'belongs to it', storage),
  ServiceAccount(object, add) {
    for (const secret of asObjects(object['secrets'])) add('Secret', secret['name'], 'lists it');
    for (const secret of asObjects(object['imagePullSecrets'])) add('Secret', secret['name'], 'pulls images with it');
  },
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  ValidatingWebhookConfiguration: webhooks,
  MutatingWebhookConfiguration: webhooks,
  APIService: (object, add) => serviceOf(at(object, 'spec', 'service'), 'answers for an API through it', add),
  CustomResourceDefinition: (object, add) =>
    serviceOf(at(object, 'spec', 'conversion', 'webhook', 'clientConfig', 'service'), 'converts objects through it', add),
};

function binding(object: KubeObject, add: Add): void {
  const role = asObject(object['roleRef']);
  const kind = String(role['kind'] ?? '');
  const group = 'rbac.authorization.k8s.io';
  if (kind !== '') add(kind, role['name'], 'gives its permissions', kind === 'ClusterRole' ? { group, ...clusterWide } : { group });
  for (const subject of asObjects(object['subjects']))
    if (subject['kind'] === 'ServiceAccount') add('ServiceAccount', subject['name'], 'gives permissions to it', placeOf(subject));
}

function webhooks(object: KubeObject, add: Add): void {
  for (const webhook of asObjects(object['webhooks']))
    serviceOf(at(webhook, 'clientConfig', 'service'), 'asks it about requests to the cluster', add);
}

function serviceOf(service: unknown, how: string, add: Add): void {
  const { name, port } = asObject(service);
  add('Service', name, how, { ...placeOf(asObject(service)), ...withPort(port) });
}

function target(ref: unknown, how: string, add: Add): void {
  const { kind, name, apiVersion } = asObject(ref);
  const group = typeof apiVersion === 'string' ? parseApiVersion(apiVersion).group : 'apps';
  add(typeof kind === 'string' ? kind : 'Deployment', name, how, { group });
}

/** Routes of the Gateway API, and of OpenShift (`spec.to`). */
function routes(object: KubeObject, add: Add): void {
  const spec = asObject(object['spec']);
  for (const rule of asObjects(spec['rules'])) {
    for (const backend of asObjects(rule['backendRefs'])) {
      const { kind = 'Service', group = '', name, port } = backend;
      if (typeof kind === 'string' && typeof group === 'string')
        add(kind, name, 'routes to it', { group, ...placeOf(backend), ...withPort(port) });
    }
  }
  for (const parent of asObjects(spec['parentRefs'])) {
    const { kind = 'Gateway', group = 'gateway.networking.k8s.io', name } = parent;
    if (typeof kind === 'string' && typeof group === 'string') add(kind, name, 'is reached through it', { group, ...placeOf(parent) });
  }
  for (const to of [spec['to'], ...asList(spec['alternateBackends'])].map(asObject))
    if (to['kind'] === 'Service') add('Service', to['name'], 'routes to it');
}

function placeOf(ref: Loose): Partial<Reference> {
  return typeof ref['namespace'] === 'string' && ref['namespace'] !== '' ? { namespace: ref['namespace'] } : {};
}

function withPort(port: unknown): Partial<Reference> {
  return typeof port === 'number' || typeof port === 'string' ? { port } : {};
}

function podReferences(pod: Loose, add: Add): void {
  add('ServiceAccount', pod['serviceAccountName'], 'runs as it', { reach: 'start', needed: true });
  add('PriorityClass', pod['priorityClassName'], 'takes its priority from it', { group: 'scheduling.k8s.io', ...clusterWide });
  add('RuntimeClass', pod['runtimeClassName'], 'runs by it', { group: 'node.k8s.io', ...clusterWide });
  for (const secret of asObjects(pod['imagePullSecrets'])) add('Secret', secret['name'], 'pulls images with it', { reach: 'none' });
  const containers = [...asObjects(pod['containers']), ...asObjects(pod['initContainers'])];
  const fixed = new Set(
    containers.flatMap((container) =>
      asObjects(container['volumeMounts'])
        .filter((mount) => typeof mount['subPath'] === 'string' || typeof mount['subPathExpr'] === 'string')
        .map((mount) => mount['name']),
    ),
  );
  for (const volume of asObjects(pod['volumes'])) {
    const mounted = (source: unknown): Partial<Reference> => ({
      reach: fixed.has(volume['name']) ? 'fixed files' : 'files',
      ...need(source),
    });
    add('ConfigMap', at(volume, 'configMap', 'name'), 'mounts it', mounted(volume['configMap']));
    add('Secret', at(volume, 'secret', 'secretName'), 'mounts it', mounted(volume['secret']));
    add('PersistentVolumeClaim', at(volume, 'persistentVolumeClaim', 'claimName'), 'mounts it', { needed: true });
    for (const source of asObjects(at(volume, 'projected', 'sources'))) {
      add('ConfigMap', at(source, 'configMap', 'name'), 'mounts it', mounted(source['configMap']));
      add('Secret', at(source, 'secret', 'name'), 'mounts it', mounted(source['secret']));
    }
    add('Secret', at(volume, 'csi', 'nodePublishSecretRef', 'name'), 'mounts a volume with it');
  }
  const read = 'reads its environment from it';
  for (const container of containers) {
    for (const from of asObjects(container['envFrom'])) {
      add('ConfigMap', at(from, 'configMapRef', 'name'), read, { reach: 'start', ...need(at(from, 'configMapRef')) });
      add('Secret', at(from, 'secretRef', 'name'), read, { reach: 'start', ...need(at(from, 'secretRef')) });
    }
    for (const env of asObjects(container['env'])) {
      add('ConfigMap', at(env, 'valueFrom', 'configMapKeyRef', 'name'), read, {
        reach: 'start',
        ...need(at(env, 'valueFrom', 'configMapKeyRef')),
      });
      add('Secret', at(env, 'valueFrom', 'secretKeyRef', 'name'), read, { reach: 'start', ...need(at(env, 'valueFrom', 'secretKeyRef')) });
    }
  }
}

/** A source that is not optional has to be there before a pod starts. */
function need(source: unknown): Partial<Reference> {
  return at(source, 'optional') === true ? {} : { needed: true };
}
