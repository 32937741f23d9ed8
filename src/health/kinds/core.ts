import type { Health } from '../../model/index.js';
import { list, text } from '../read.js';
import { degraded, healthy, progressing, unknown } from './answers.js';

export function persistentVolumeClaimHealth(object: unknown): Health {
  const phase = text(object, 'status.phase');
  if (phase === 'Bound') return healthy();
  if (phase === 'Pending') return progressing('Waiting for a volume');
  return phase === 'Lost' ? degraded('The volume behind the claim is lost') : unknown(phase);
}

/** Only a load balancer is waited for: everything else works as soon as it is stored. */
export function serviceHealth(object: unknown): Health {
  if (text(object, 'spec.type') !== 'LoadBalancer') return healthy();
  return hasAddress(object) ? healthy() : progressing('Waiting for the load balancer to get an address');
}

export function ingressHealth(object: unknown): Health {
  return hasAddress(object) ? healthy() : progressing('Waiting for the ingress controller to give an address');
}

function hasAddress(object: unknown): boolean {
  return list(object, 'status.loadBalancer.ingress').length > 0;
}

/** A namespace is there or it is going; a living one has no health of its own. */
export function namespaceHealth(object: unknown): Health | null {
  return text(object, 'status.phase') === 'Terminating' ? progressing('Pending deletion') : null;
}
