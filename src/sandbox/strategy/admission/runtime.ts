import { equalJson } from '../../../model/index.js';
import type { Loose, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

/** A pod of a runtime class carries that class's overhead and goes where the class runs. */
export function applyRuntimeClass(pod: Loose, { host, type }: UpdateContext): void {
  const { spec } = pod;
  if (!spec.runtimeClassName) {
    if (spec.overhead) throw refused(type, pod, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    return;
  }
  const found = host.read('runtimeclasses.node.k8s.io', `/${spec.runtimeClassName}`) as Loose;
  if (!found) throw refused(type, pod, `pod rejected: RuntimeClass ${JSON.stringify(spec.runtimeClassName)} not found`);
  const overhead = found.overhead?.podFixed;
  if (overhead) {
    if (spec.overhead && !equalJson(spec.overhead, overhead))
      throw refused(type, pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    spec.overhead = { ...overhead };
  }
  const { nodeSelector, tolerations = [] } = found.scheduling ?? {};
  for (const [key, value] of Object.entries(nodeSelector ?? {}))
    if (spec.nodeSelector?.[key] !== undefined && spec.nodeSelector[key] !== value)
      throw refused(
        type,
        pod,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${spec.nodeSelector[key]}`,
      );
  if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  for (const toleration of tolerations)
    if (!(spec.tolerations ?? []).some((t: Loose) => equalJson(t, toleration)))
      spec.tolerations = [...(spec.tolerations ?? []), toleration];
}
