import type { World } from './framework.js';
import type { ResourceName } from './host.js';
import { r } from './resources.js';
import type { ContainerSpec, KeyRef, Pod } from './shapes.js';

/** What a pod waits for. `key` names the missing ConfigMap or Secret as `plural namespace/name`. */
export interface MissingReference {
  key: string;
  message: string;
}

export function referenceKey(resource: ResourceName, namespace: string, name: string): string {
  return `${resource.plural} ${namespace}/${name}`;
}

/** The first ConfigMap or Secret that a volume needs and that is not there (or lacks a key it names). */
export function missingVolume(world: World, pod: Pod): MissingReference | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const sources = [
      { resource: r.configMaps, ref: volume.configMap, name: volume.configMap?.name, items: volume.configMap?.items },
      { resource: r.secrets, ref: volume.secret, name: volume.secret?.secretName, items: volume.secret?.items },
      ...(volume.projected?.sources ?? []).flatMap((s) => [
        { resource: r.configMaps, ref: s.configMap, name: s.configMap?.name, items: undefined },
        { resource: r.secrets, ref: s.secret, name: s.secret?.name, items: undefined },
      ]),
    ];
    for (const { resource, ref, name, items } of sources) {
      if (!ref || ref.optional || !name) continue;
      const problem = lookUp(world, { pod, resource, name, keys: items?.map((item) => item.key) ?? [] });
      if (problem)
        return { key: problem.key, message: `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${problem.message}` };
    }
  }
  return undefined;
}

/** The first ConfigMap or Secret that a container's environment needs and that is not there. */
export function missingEnvironment(world: World, pod: Pod, container: ContainerSpec): MissingReference | undefined {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    for (const [resource, ref] of [[r.configMaps, configMapRef] as const, [r.secrets, secretRef] as const]) {
      if (!ref?.name || ref.optional) continue;
      const problem = lookUp(world, { pod, resource, name: ref.name, keys: [] });
      if (problem) return problem;
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    for (const [resource, ref] of [[r.configMaps, valueFrom?.configMapKeyRef] as const, [r.secrets, valueFrom?.secretKeyRef] as const]) {
      const needed: KeyRef | undefined = ref;
      if (!needed?.name || needed.optional) continue;
      const problem = lookUp(world, { pod, resource, name: needed.name, keys: [needed.key] });
      if (problem) return problem;
    }
  }
  return undefined;
}

interface LookUp {
  pod: Pod;
  resource: ResourceName;
  name: string;
  keys: string[];
}

function lookUp({ cache }: World, { pod, resource, name, keys }: LookUp): MissingReference | undefined {
  const namespace = pod.metadata.namespace ?? '';
  const key = referenceKey(resource, namespace, name);
  const kind = resource === r.secrets ? 'Secret' : 'ConfigMap';
  const found = cache.get<{ data?: object; binaryData?: object } & Pod>(resource, namespace, name);
  if (!found) return { key, message: `${kind.toLowerCase()} ${JSON.stringify(name)} not found` };
  for (const wanted of keys)
    if (!Object.hasOwn(found.data ?? {}, wanted) && !Object.hasOwn(found.binaryData ?? {}, wanted))
      return { key, message: `couldn't find key ${wanted} in ${kind} ${namespace}/${name}` };
  return undefined;
}
