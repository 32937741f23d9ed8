import { equalJson, type KubeObject } from '../../model/index.js';
import { createAddresses } from './addresses.js';
import type { Service } from './endpoints.js';
import type { Controller, World } from './framework.js';
import { ownKey } from './owners.js';
import { r, splitKey } from './resources.js';
import { readTime } from './times.js';

const loadBalancerAnnotation = 'sandbox.evenkeel.dev/load-balancer';
const assignDelay = 1000;

interface Balanced extends KubeObject {
  status?: { loadBalancer?: { ingress?: { ip?: string }[] }; [field: string]: unknown };
}

/** Gives Services of type LoadBalancer an address each. */
export function loadBalancers(world: World): Controller {
  const { cache, host, moments } = world;
  const addresses = createAddresses('172.20', () => cache.list<Balanced>(r.services).flatMap(addressesOf));
  return {
    name: 'load-balancer',
    rank: 2,
    watches: [
      {
        resource: r.services,
        keys(change) {
          const { object, type } = change;
          if (type === 'deleted') for (const ip of addressesOf(object as Balanced)) addresses.free(ip);
          return type === 'deleted' ? [] : ownKey(change);
        },
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const service = cache.get<Service & Balanced>(r.services, namespace, name);
      if (!service || service.metadata.deletionTimestamp) return undefined;
      const has = addressesOf(service);
      if (service.spec?.type !== 'LoadBalancer') {
        if (has.length === 0) return undefined;
        for (const ip of has) addresses.free(ip);
        host.updateStatus(r.services, { ...service, status: { ...service.status, loadBalancer: {} } });
        return undefined;
      }
      if (has.length > 0 || service.spec.loadBalancerClass || service.metadata.annotations?.[loadBalancerAnnotation] === 'pending')
        return undefined;
      const due = firstSeen(`${service.metadata.uid}/balancer`, service) + world.delay(assignDelay);
      if (due > world.now()) return due - world.now();
      const tell = (reason: string, message: string) => world.events.tell(service, { from: 'service-controller', reason, message });
      tell('EnsuringLoadBalancer', 'Ensuring load balancer');
      const ip = addresses.take(service.metadata.uid ?? key);
      host.updateStatus(r.services, { ...service, status: { ...service.status, loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } });
      tell('EnsuredLoadBalancer', 'Ensured load balancer');
      return undefined;
    },
  };

  function firstSeen(id: string, object: KubeObject): number {
    const created = object.metadata.creationTimestamp;
    if (Math.floor(world.now() / 1000) * 1000 === readTime(created) && moments.at(id, created) === readTime(created))
      moments.note(id, world.now());
    return moments.at(id, created);
  }
}

/** Gives every Ingress the address of the sandbox's one ingress controller. */
export function ingresses(world: World): Controller {
  const { cache, host } = world;
  const loadBalancer = { ingress: [{ ip: '172.21.0.1' }] };
  return {
    name: 'ingress',
    rank: 2,
    watches: [{ resource: r.ingresses, keys: ownKey }],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const ingress = cache.get<Balanced>(r.ingresses, namespace, name);
      if (!ingress || ingress.metadata.deletionTimestamp || ingress.metadata.annotations?.[loadBalancerAnnotation] === 'pending')
        return undefined;
      const left = readTime(ingress.metadata.creationTimestamp) + world.delay(assignDelay) - world.now();
      if (left > 0) return left;
      if (!equalJson(ingress.status?.loadBalancer, loadBalancer)) host.updateStatus(r.ingresses, { ...ingress, status: { loadBalancer } });
      return undefined;
    },
  };
}

function addressesOf(object: Balanced): string[] {
  return (object.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}
