import type { Loose } from '../strategy/types.js';
import { badRequest } from './status.js';

const namesOf = (list: Loose[] | undefined): string[] => (list ?? []).map((c) => c.name);

/** The container of a pod that a request is for: the one that it names, or the only one. @throws ApiError 400 */
export function containerOf(pod: Loose, asked: string): string {
  const { name } = pod.metadata;
  const containers = namesOf(pod.spec.containers);
  const initial = namesOf(pod.spec.initContainers);
  const ephemeral = namesOf(pod.spec.ephemeralContainers);
  if (asked !== '') {
    if ([...containers, ...initial, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (containers.length === 1) return containers[0] as string;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`);
  const others = [
    ...(initial.length > 0 ? [` or one of the init containers: [${initial.join(' ')}]`] : []),
    ...(ephemeral.length > 0 ? [` or one of the ephemeral containers: [${ephemeral.join(' ')}]`] : []),
  ];
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${others.join('')}`);
}

/** A container's part of the pod's status; undefined before it has one. */
export function containerStatus(pod: Loose, container: string): Loose {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((s: Loose) => s.name === container);
}

/** A container as the pod's spec has it. */
export function containerSpec(pod: Loose, container: string): Loose {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec;
  return [...containers, ...initContainers, ...ephemeralContainers].find((c: Loose) => c.name === container);
}
