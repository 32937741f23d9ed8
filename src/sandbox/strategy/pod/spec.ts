import { label, oneOf, subdomain } from '../check.js';
import { type FieldErrors, forbiddenField, invalid, notSupported } from '../field.js';
import { annotationErrors, labelErrors } from '../names.js';
import type { Loose } from '../types.js';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.js';
import { validateDns, validateHostAliases } from './network.js';
import { resourceAmount, resourceName } from './resources.js';
import { validateAffinity, validateGates, validateSpread, validateTolerations } from './scheduling.js';
import { validatePodSecurity } from './security.js';
import { type Volumes, validateVolumes } from './volumes.js';

const mostSeconds = 2147483647;

/** What is wrong with a pod's spec, in the API server's order; `podName` only where the pod itself is meant, not a template. */
export function validatePodSpec(spec: Loose, at: string, podName?: string): FieldErrors {
  const volumes: Volumes = new Map();
  const out: FieldErrors = [
    ...validateVolumes(spec.volumes, `${at}.volumes`, podName, volumes),
    ...validateContainers(spec.containers, `${at}.containers`, volumes),
    ...validateInitContainers(spec, `${at}.initContainers`, volumes),
    ...validateEphemeralContainers(spec, `${at}.ephemeralContainers`, volumes),
    ...oneOf(spec.restartPolicy, `${at}.restartPolicy`, ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec.dnsPolicy, `${at}.dnsPolicy`, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...labelErrors(spec.nodeSelector, `${at}.nodeSelector`),
    ...validatePodSecurity(spec, at),
    ...validateAffinity(spec.affinity, `${at}.affinity`),
    ...validateDns(spec.dnsConfig, spec.dnsPolicy, `${at}.dnsConfig`),
    ...validateGates(spec, at),
    ...validateSpread(spec.topologySpreadConstraints, `${at}.topologySpreadConstraints`),
  ];
  if (spec.hostUsers === false)
    for (const field of ['hostPID', 'hostIPC'])
      if (spec[field] === true) out.push(forbiddenField(`${at}.${field}`, 'when `hostUsers` is false'));
  if (spec.serviceAccountName) out.push(...subdomain(spec.serviceAccountName, `${at}.serviceAccountName`));
  if (spec.nodeName) out.push(...subdomain(spec.nodeName, `${at}.nodeName`));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > mostSeconds))
    out.push(invalid(`${at}.activeDeadlineSeconds`, deadline, `must be between 1 and ${mostSeconds}, inclusive`));
  if (spec.hostname) out.push(...label(spec.hostname, `${at}.hostname`));
  if (spec.subdomain) out.push(...label(spec.subdomain, `${at}.subdomain`));
  out.push(...validateTolerations(spec.tolerations, `${at}.tolerations`), ...validateHostAliases(spec.hostAliases, `${at}.hostAliases`));
  if (spec.priorityClassName) out.push(...subdomain(spec.priorityClassName, `${at}.priorityClassName`));
  if (spec.runtimeClassName !== undefined) out.push(...subdomain(spec.runtimeClassName, `${at}.runtimeClassName`));
  if (spec.preemptionPolicy !== undefined)
    out.push(...oneOf(spec.preemptionPolicy, `${at}.preemptionPolicy`, ['PreemptLowerPriority', 'Never']));
  for (const [name, amount] of Object.entries(spec.overhead ?? {}) as [string, string][]) {
    const path = `${at}.overhead[${name}]`;
    out.push(...resourceName(name, path), ...resourceAmount(name, amount, path));
  }
  if (spec.os) {
    const name = spec.os.name ?? '';
    if (!['linux', 'windows'].includes(name)) out.push(notSupported(`${at}.os.name`, name, ['linux', 'windows']));
  }
  return out;
}

/** Pods as a workload makes them. Labels and annotations are named without `metadata`, as the API server names them. */
export function validatePodTemplate(template: Loose, at: string): FieldErrors {
  const out = [
    ...labelErrors(template.metadata?.labels, `${at}.labels`),
    ...annotationErrors(template.metadata?.annotations, `${at}.annotations`),
    ...validatePodSpec(template.spec ?? {}, `${at}.spec`),
  ];
  if ((template.spec?.ephemeralContainers ?? []).length > 0)
    out.push(forbiddenField(`${at}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  return out;
}
