import { equalJson } from '../../../model/index.js';
import type { Loose } from '../types.js';

export const external = (spec: Loose) => spec.type === 'NodePort' || spec.type === 'LoadBalancer';
export const hasAddress = (spec: Loose) => spec.type !== 'ExternalName';
export const wantsPorts = (spec: Loose) =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

export function defaultService({ spec }: Loose): void {
  spec.sessionAffinity ??= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  spec.type ??= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (external(spec)) spec.externalTrafficPolicy ??= 'Cluster';
  if (external(spec) || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/** Fields that a former type set and the present one does not have go with it, unless they were changed. */
export function dropForType(spec: Loose, old: Loose | undefined): void {
  if (!old || old.type === spec.type) return;
  const same = (field: string) => spec[field] === old[field];
  if (wantsPorts(old) && !wantsPorts(spec)) {
    const before: number[] = (old.ports ?? []).map((p: Loose) => p.nodePort ?? 0);
    const nothingNew = (spec.ports ?? []).every((p: Loose) => before.includes(p.nodePort ?? 0));
    if (nothingNew) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (external(old) && !external(spec) && same('externalTrafficPolicy')) delete spec.externalTrafficPolicy;
  if (needsHealthPort(old) && !needsHealthPort(spec) && same('healthCheckNodePort')) delete spec.healthCheckNodePort;
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer')
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass']) if (same(field)) delete spec[field];
  if (hasAddress(old) && !hasAddress(spec)) {
    if (equalJson(spec.clusterIPs, old.clusterIPs) && same('clusterIP'))
      for (const field of ['clusterIP', 'clusterIPs']) delete spec[field];
    for (const field of ['ipFamilies', 'ipFamilyPolicy']) if (equalJson(spec[field], old[field])) delete spec[field];
  }
  if (old.type === 'ExternalName' && spec.type !== 'ExternalName' && same('externalName')) delete spec.externalName;
}

export const needsHealthPort = (spec: Loose) => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
