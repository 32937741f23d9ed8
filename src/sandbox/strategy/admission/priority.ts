import type { Loose, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

const storage = 'priorityclasses.scheduling.k8s.io';

/** A pod's priority is that of its class, or of the default one. */
export function resolvePriority(pod: Loose, { host, type }: UpdateContext): void {
  const { spec } = pod;
  let priority = 0;
  let policy = 'PreemptLowerPriority';
  if (!spec.priorityClassName) {
    let chosen: Loose;
    for (const candidate of host.list(storage) as Loose[])
      if (candidate.globalDefault === true && (!chosen || candidate.value < chosen.value)) chosen = candidate;
    if (chosen) {
      spec.priorityClassName = chosen.metadata.name;
      priority = chosen.value;
      policy = chosen.preemptionPolicy ?? policy;
    }
  } else {
    const found = host.read(storage, `/${spec.priorityClassName}`) as Loose;
    if (!found) throw refused(type, pod, `no PriorityClass with name ${spec.priorityClassName} was found`);
    priority = found.value;
    policy = found.preemptionPolicy ?? policy;
  }
  if (spec.priority !== undefined && spec.priority !== priority)
    throw refused(
      type,
      pod,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  spec.priority = priority;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw refused(
      type,
      pod,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  spec.preemptionPolicy = policy;
}

/** There is at most one default class. */
export function admitPriorityClass(object: Loose, { host, type }: UpdateContext): void {
  if (object.globalDefault !== true) return;
  const other = (host.list(storage) as Loose[]).find((c) => c.globalDefault === true && c.metadata.name !== object.metadata.name);
  if (other) throw refused(type, object, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
}
