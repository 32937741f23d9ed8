import type { KubeObject } from '../model/index.js';

/** One object that depends on another by name. */
export interface Reference {
  kind: string;
  name: string;
  /** How the dependent uses it: `mounts it`, `routes to it`. */
  how: string;
}

type Loose = { [key: string]: unknown };

/**
 * What an object refers to in its own namespace: ConfigMaps, Secrets, claims and accounts of pod
 * templates, Services of Ingresses and routes, targets of autoscalers.
 */
function referencesOf(object: KubeObject): Reference[] {
  const references: Reference[] = [];
  const spec = asObject(object['spec']);
  const pod = podSpecOf(object);
  if (pod !== undefined) podReferences(pod, references);
  if (object.kind === 'Ingress') {
    for (const backend of [
      asObject(spec['defaultBackend']),
      ...asList(spec['rules']).flatMap((r) => asList(asObject(asObject(r)['http'])['paths']).map((p) => asObject(asObject(p)['backend']))),
    ]) {
      const name = asObject(backend['service'])['name'];
      if (typeof name === 'string') references.push({ kind: 'Service', name, how: 'routes to it' });
    }
    for (const tls of asList(spec['tls'])) push(references, 'Secret', asObject(tls)['secretName'], 'takes its certificate from it');
  }
  if (object.kind.endsWith('Route')) {
    for (const rule of asList(spec['rules'])) {
      for (const backend of asList(asObject(rule)['backendRefs'])) {
        const kind = asObject(backend)['kind'] ?? 'Service';
        if (typeof kind === 'string') push(references, kind, asObject(backend)['name'], 'routes to it');
      }
    }
  }
  if (object.kind === 'HorizontalPodAutoscaler' || object.kind === 'ScaledObject') {
    const target = asObject(spec['scaleTargetRef']);
    push(references, typeof target['kind'] === 'string' ? target['kind'] : 'Deployment', target['name'], 'scales it');
  }
  if (object.kind === 'StatefulSet') push(references, 'Service', spec['serviceName'], 'is addressed through it');
  return references;
}

function podReferences(pod: Loose, references: Reference[]): void {
  push(references, 'ServiceAccount', pod['serviceAccountName'], 'runs as it');
  for (const secret of asList(pod['imagePullSecrets'])) push(references, 'Secret', asObject(secret)['name'], 'pulls images with it');
  for (const volume of asList(pod['volumes']).map(asObject)) {
    push(references, 'ConfigMap', asObject(volume['configMap'])['name'], 'mounts it');
    push(references, 'Secret', asObject(volume['secret'])['secretName'], 'mounts it');
    push(references, 'PersistentVolumeClaim', asObject(volume['persistentVolumeClaim'])['claimName'], 'mounts it');
    for (const source of asList(asObject(volume['projected'])['sources']).map(asObject)) {
      push(references, 'ConfigMap', asObject(source['configMap'])['name'], 'mounts it');
      push(references, 'Secret', asObject(source['secret'])['name'], 'mounts it');
    }
  }
  for (const container of [...asList(pod['containers']), ...asList(pod['initContainers'])].map(asObject)) {
    for (const from of asList(container['envFrom']).map(asObject)) {
      push(references, 'ConfigMap', asObject(from['configMapRef'])['name'], 'reads its environment from it');
      push(references, 'Secret', asObject(from['secretRef'])['name'], 'reads its environment from it');
    }
    for (const env of asList(container['env'])) {
      const from = asObject(asObject(env)['valueFrom']);
      push(references, 'ConfigMap', asObject(from['configMapKeyRef'])['name'], 'reads its environment from it');
      push(references, 'Secret', asObject(from['secretKeyRef'])['name'], 'reads its environment from it');
    }
  }
}

/** The pod spec in a workload or pod; undefined for other kinds. */
export function podSpecOf(object: KubeObject): Loose | undefined {
  const spec = asObject(object['spec']);
  if (object.kind === 'Pod') return spec;
  const template =
    object.kind === 'CronJob' ? asObject(asObject(asObject(spec['jobTemplate'])['spec'])['template']) : asObject(spec['template']);
  const pod = template['spec'];
  return pod !== null && typeof pod === 'object' && !Array.isArray(pod) ? (pod as Loose) : undefined;
}

export function asObject(value: unknown): Loose {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Loose) : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function push(references: Reference[], kind: string, name: unknown, how: string): void {
  if (typeof name === 'string' && name !== '') references.push({ kind, name, how });
}

/** Who depends on whom among a set of objects: for an object, the sentences of those that refer to it. */
export function usersIndex(objects: readonly KubeObject[]): (object: KubeObject) => readonly string[] {
  const users = new Map<string, Set<string>>();
  const id = (namespace: string | undefined, kind: string, name: string | undefined) => `${namespace ?? ''}/${kind}/${name ?? ''}`;
  for (const object of objects) {
    for (const { kind, name, how } of referencesOf(object)) {
      const key = id(object.metadata.namespace, kind, name);
      const sentences = users.get(key) ?? new Set<string>();
      sentences.add(`${object.kind}/${object.metadata.name ?? ''} ${how}`);
      users.set(key, sentences);
    }
  }
  return (object) => [...(users.get(id(object.metadata.namespace, object.kind, object.metadata.name)) ?? [])].sort();
}
