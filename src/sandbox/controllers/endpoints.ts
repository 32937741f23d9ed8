import { equalJson, type KubeObject } from '../../model/index.js';
import type { Change, Controller, World } from './framework.js';
import { suffix } from './numbers.js';
import { ownerReference, ownKey } from './owners.js';
import { isFinished, isReady } from './pod-facts.js';
import { objectKey, r, splitKey } from './resources.js';
import { matchesLabels } from './selector.js';
import type { Pod } from './shapes.js';

export interface Service extends KubeObject {
  spec?: {
    type?: string;
    clusterIP?: string;
    selector?: { [key: string]: string };
    ports?: { name?: string; protocol?: string; port: number; targetPort?: number | string; appProtocol?: string }[];
    publishNotReadyAddresses?: boolean;
    loadBalancerClass?: string;
    ipFamilies?: string[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

interface Port {
  name?: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

const longestSlice = 100;
const managedBy = 'endpointslice.kubernetes.io/managed-by';
const sliceController = 'endpointslice-controller.k8s.io';
const serviceName = 'kubernetes.io/service-name';

/** Lists the pods behind each Service, as Endpoints and as EndpointSlices. */
export function endpoints(world: World): Controller {
  const { cache, host } = world;
  /** Services by one pair of their selector, so that a pod finds those that may select it. */
  const bySelector = new Map<string, Set<string>>();
  const pairOf = (service: KubeObject | undefined) => {
    const [pair] = Object.entries((service as Service | undefined)?.spec?.selector ?? {});
    return pair && `${service?.metadata.namespace} ${pair[0]}=${pair[1]}`;
  };
  return {
    name: 'endpoints',
    rank: 2,
    watches: [
      {
        resource: r.services,
        keys(change) {
          const [old, now] = [pairOf(change.before), change.type === 'deleted' ? undefined : pairOf(change.object)];
          if (old !== undefined) bySelector.get(old)?.delete(objectKey(change.object));
          if (now !== undefined) bySelector.set(now, (bySelector.get(now) ?? new Set()).add(objectKey(change.object)));
          return ownKey(change);
        },
      },
      { resource: r.pods, keys: podKeys },
      {
        resource: r.slices,
        keys: ({ type, object }) => {
          const service = object.metadata.labels?.[serviceName];
          return type === 'deleted' && service ? [`${object.metadata.namespace}/${service}`] : [];
        },
      },
      { resource: r.endpoints, keys: ({ type, object }) => (type === 'deleted' ? [objectKey(object)] : []) },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const service = cache.get<Service>(r.services, namespace, name);
      const selector = service?.spec?.selector;
      if (!service) {
        drop(namespace, name);
        return undefined;
      }
      if (service.metadata.deletionTimestamp || service.spec?.type === 'ExternalName' || !selector || Object.keys(selector).length === 0)
        return undefined;
      const pods = cache
        .candidates<Pod>(r.pods, namespace, selector)
        .filter((pod) => matchesLabels(selector, pod.metadata.labels) && pod.status?.podIP && !isFinished(pod))
        .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
      writeEndpoints(service, pods);
      writeSlices(service, pods);
      return undefined;
    },
  };

  function podKeys({ object, before, type }: Change): Iterable<string> {
    const [now, old] = [object as Pod, before as Pod | undefined];
    if (type !== 'deleted' && old && !worthTelling(old, now)) return [];
    const keys = new Set<string>();
    for (const pod of [now, old])
      for (const [key, value] of Object.entries(pod?.metadata.labels ?? {}))
        for (const service of bySelector.get(`${object.metadata.namespace} ${key}=${value}`) ?? []) keys.add(service);
    return keys;
  }

  function drop(namespace: string, name: string): void {
    if (cache.get(r.endpoints, namespace, name)) host.delete(r.endpoints, namespace, name);
    // Slices go with their owner, by the garbage collector.
  }

  function writeEndpoints(service: Service, pods: readonly Pod[]): void {
    const { namespace = '', name = '' } = service.metadata;
    const subsets = new Map<string, { addresses: object[]; notReadyAddresses: object[]; ports: Port[] }>();
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp && !service.spec?.publishNotReadyAddresses) continue;
      const ports = portsOf(service, pod);
      const id = JSON.stringify(ports);
      const subset = subsets.get(id) ?? { addresses: [], notReadyAddresses: [], ports };
      subsets.set(id, subset);
      const address = {
        ip: pod.status?.podIP,
        ...(pod.spec.hostname && pod.spec.subdomain === name ? { hostname: pod.spec.hostname } : {}),
        nodeName: pod.spec.nodeName,
        targetRef: targetOf(pod),
      };
      (isReady(pod) || service.spec?.publishNotReadyAddresses ? subset.addresses : subset.notReadyAddresses).push(address);
    }
    const list = [...subsets.values()].map(({ addresses, notReadyAddresses, ports }) => ({
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }));
    const labels = { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
    const old = cache.get(r.endpoints, namespace, name);
    if (old && equalJson(old.subsets ?? [], list) && equalJson(old.metadata.labels ?? {}, labels)) return;
    const next: KubeObject = { apiVersion: 'v1', kind: 'Endpoints', metadata: { ...(old?.metadata ?? { name, namespace }), labels } };
    if (list.length > 0) next.subsets = list;
    if (old) host.update(r.endpoints, next);
    else host.create(r.endpoints, next);
  }

  function writeSlices(service: Service, pods: readonly Pod[]): void {
    const { namespace = '', name = '' } = service.metadata;
    const groups = new Map<string, { ports: Port[]; pods: Pod[] }>();
    for (const pod of pods) {
      const ports = portsOf(service, pod);
      const id = JSON.stringify(ports);
      const group = groups.get(id);
      if (group) group.pods.push(pod);
      else groups.set(id, { ports, pods: [pod] });
    }
    if (groups.size === 0) groups.set('', { ports: [], pods: [] });
    const wanted: { ports: Port[]; pods: Pod[] }[] = [];
    for (const { ports, pods: all } of groups.values())
      for (let i = 0; i === 0 || i < all.length; i += longestSlice) wanted.push({ ports, pods: all.slice(i, i + longestSlice) });
    const labels: { [key: string]: string } = {
      ...service.metadata.labels,
      [serviceName]: name,
      [managedBy]: sliceController,
      ...(service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
    };
    const existing = cache
      .dependentsOf<KubeObject>(service.metadata.uid ?? '', r.slices)
      .filter((slice) => slice.metadata.labels?.[managedBy] === sliceController)
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
    for (const [i, { ports, pods: members }] of wanted.entries()) {
      const old = existing[i];
      const body = {
        endpoints: members.map((pod) => endpointOf(service, pod)),
        ports: ports.map(({ name: portName = '', ...port }) => ({ name: portName, ...port })),
      };
      if (
        old &&
        equalJson(old.endpoints ?? [], body.endpoints) &&
        equalJson(old.ports ?? [], body.ports) &&
        equalJson(old.metadata.labels ?? {}, labels)
      )
        continue;
      const metadata = old
        ? { ...old.metadata, labels }
        : {
            name: `${name}-${suffix(`${service.metadata.uid}/${i}`)}`,
            generateName: `${name}-`,
            namespace,
            labels,
            ownerReferences: [ownerReference(service)],
          };
      const slice: KubeObject = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', ...body };
      if (old) host.update(r.slices, slice);
      else host.create(r.slices, slice);
    }
    for (const spare of existing.slice(wanted.length)) host.delete(r.slices, namespace, spare.metadata.name ?? '');
  }
}

/** Whether a change of a pod can change what is listed. */
function worthTelling(old: Pod, now: Pod): boolean {
  return (
    isReady(old) !== isReady(now) ||
    old.status?.podIP !== now.status?.podIP ||
    isFinished(old) !== isFinished(now) ||
    old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    !equalJson(old.metadata.labels, now.metadata.labels)
  );
}

function targetOf(pod: Pod) {
  return { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid };
}

function endpointOf(service: Service, pod: Pod) {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = isReady(pod);
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (ready && !terminating), serving: ready, terminating },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    nodeName: pod.spec.nodeName,
    targetRef: targetOf(pod),
  };
}

/** A service's ports as one pod has them; a named target that the pod does not know is left out. */
function portsOf(service: Service, pod: Pod): Port[] {
  const out: Port[] = [];
  for (const { name, protocol = 'TCP', port, targetPort = port, appProtocol } of service.spec?.ports ?? []) {
    const number =
      typeof targetPort === 'number'
        ? targetPort
        : pod.spec.containers.flatMap((c) => c.ports ?? []).find((p) => p.name === targetPort && (p.protocol ?? 'TCP') === protocol)
            ?.containerPort;
    if (number === undefined) continue;
    out.push({ ...(name ? { name } : {}), port: number === 0 ? port : number, protocol, ...(appProtocol ? { appProtocol } : {}) });
  }
  return out;
}
