import { inServiceRange } from './allocate.js';
import { duplicate, type FieldErrors, forbiddenField, goStrings, invalid, notSupported, required } from './field.js';
import { labelErrors, nameProblems } from './names.js';
import { checkPort } from './pod-validation.js';
import type { Loose, Strategy, StrategyHost } from './types.js';

const wantsIp = (spec: Loose) => spec.type !== 'ExternalName';
const wantsPorts = (spec: Loose) =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
const external = (spec: Loose) => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

function defaults({ spec }: Loose): void {
  spec.sessionAffinity ??= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10800;
  }
  spec.type ??= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (external(spec)) spec.externalTrafficPolicy ??= 'Cluster';
  if (wantsIp(spec)) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/** Fields that a former type set and the present one does not have are dropped with it. */
function dropForType(spec: Loose, old: Loose | undefined): void {
  if (!old || old.type === spec.type) return;
  const same = (field: string) => spec[field] === old[field];
  if (!external(spec)) {
    if (external(old)) {
      spec.ports?.forEach((port: Loose) => {
        if ((old.ports ?? []).some((p: Loose) => p.nodePort === port.nodePort)) delete port.nodePort;
      });
      if (same('externalTrafficPolicy')) delete spec.externalTrafficPolicy;
    }
  }
  if (spec.type !== 'LoadBalancer') {
    if (same('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts;
    if (same('loadBalancerClass')) delete spec.loadBalancerClass;
    if (same('healthCheckNodePort')) delete spec.healthCheckNodePort;
  }
  if (spec.type === 'ExternalName')
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']) delete spec[field];
  else if (old.type === 'ExternalName' && same('externalName')) delete spec.externalName;
}

function allocate(object: Loose, old: Loose | undefined, host: StrategyHost): void {
  const { spec } = object;
  if (!wantsIp(spec)) return;
  if (!spec.clusterIP && old?.spec.clusterIP && wantsIp(old.spec)) {
    spec.clusterIP = old.spec.clusterIP;
    spec.clusterIPs = old.spec.clusterIPs;
  }
  if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  if (!spec.clusterIP) spec.clusterIP = host.allocate.clusterIp() ?? '';
  else if (
    spec.clusterIP !== 'None' &&
    spec.clusterIP !== old?.spec.clusterIP &&
    inServiceRange(spec.clusterIP) &&
    !host.allocate.isFree(spec.clusterIP)
  )
    Object.defineProperty(object, taken, { value: true, configurable: true });
  spec.clusterIPs ??= [spec.clusterIP];
  if (spec.clusterIPs[0] !== spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  const headless = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (headless ? 'RequireDualStack' : 'SingleStack');
  spec.ipFamilies ??= old?.spec.ipFamilies ?? (headless ? ['IPv4', 'IPv6'] : ['IPv4']);
  allocatePorts(spec, old?.spec, host);
}

const taken = Symbol('the address is in use');

function allocatePorts(spec: Loose, old: Loose | undefined, host: StrategyHost): void {
  if (!wantsPorts(spec)) return;
  const picked = new Set<number>();
  const held = new Set<number>((old?.ports ?? []).map((p: Loose) => p.nodePort).filter(Boolean));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) {
      if (!held.has(port.nodePort) && !host.allocate.isPortFree(port.nodePort)) Object.defineProperty(port, taken, { value: true });
      picked.add(port.nodePort);
      continue;
    }
    const before = (old?.ports ?? []).find(
      (p: Loose) => p.nodePort && (p.name ?? '') === (port.name ?? '') && p.port === port.port && p.protocol === port.protocol,
    );
    const free = before?.nodePort ?? host.allocate.nodePort(picked);
    if (free === undefined) continue;
    port.nodePort = free;
    picked.add(free);
  }
  if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && !spec.healthCheckNodePort)
    spec.healthCheckNodePort = old?.healthCheckNodePort ?? host.allocate.nodePort(picked);
}

function validate(object: Loose): FieldErrors {
  const { spec } = object;
  const out: FieldErrors = [];
  if ((spec.ports ?? []).length === 0 && spec.clusterIP !== 'None' && spec.type !== 'ExternalName') out.push(required('spec.ports'));
  if (!['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'].includes(spec.type))
    out.push(notSupported('spec.type', spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']));
  if (spec.type === 'LoadBalancer' && spec.clusterIP === 'None')
    out.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
  if (spec.type === 'NodePort' && spec.clusterIP === 'None')
    out.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
  if (spec.type === 'ExternalName') {
    if (!spec.externalName) out.push(required('spec.externalName'));
    else
      for (const problem of nameProblems('subdomain', spec.externalName.replace(/\.$/, '')))
        out.push(invalid('spec.externalName', spec.externalName, problem));
  }
  validatePorts(spec, out);
  out.push(...labelErrors(spec.selector, 'spec.selector'));
  if (!['ClientIP', 'None'].includes(spec.sessionAffinity))
    out.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  if (object[taken])
    out.push(
      invalid('spec.clusterIPs', goStrings(spec.clusterIPs), `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`),
    );
  else if (wantsIp(spec) && spec.clusterIP && spec.clusterIP !== 'None' && !inServiceRange(spec.clusterIP))
    out.push(
      invalid(
        'spec.clusterIPs',
        goStrings(spec.clusterIPs),
        `failed to allocate IP ${spec.clusterIP}: the provided IP (${spec.clusterIP}) is not in the valid range. The range of valid IPs is 10.96.0.0/12`,
      ),
    );
  if (spec.externalTrafficPolicy && !['Cluster', 'Local'].includes(spec.externalTrafficPolicy))
    out.push(notSupported('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']));
  return out;
}

function validatePorts(spec: Loose, out: FieldErrors): void {
  const names = new Set<string>();
  const seen = new Set<string>();
  const many = (spec.ports ?? []).length > 1;
  (spec.ports ?? []).forEach((port: Loose, i: number) => {
    const at = `spec.ports[${i}]`;
    if (many && !port.name) out.push(required(`${at}.name`));
    else if (port.name) {
      for (const problem of nameProblems('label', port.name)) out.push(invalid(`${at}.name`, port.name, problem));
      if (names.has(port.name)) out.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    checkPort(port.port, `${at}.port`, out);
    if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol)) out.push(notSupported(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    if (typeof port.targetPort === 'number') checkPort(port.targetPort, `${at}.targetPort`, out);
    if (port.nodePort && (port.nodePort < 30000 || port.nodePort > 32767))
      out.push(
        invalid(`${at}.nodePort`, port.nodePort, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
      );
    if (port[taken]) out.push(invalid(`${at}.nodePort`, port.nodePort, 'provided port is already allocated'));
    if (port.nodePort && !external(spec)) out.push(forbiddenField(`${at}.nodePort`, `may not be used when \`type\` is '${spec.type}'`));
    const id = `${port.protocol}/${port.port}`;
    if (seen.has(id))
      out.push(
        duplicate(at, { ...(port.name ? { name: port.name } : {}), protocol: port.protocol, port: port.port, targetPort: port.targetPort }),
      );
    seen.add(id);
  });
}

export const services: { [resource: string]: Strategy } = {
  'services.': {
    name: 'label1035',
    status: true,
    defaults,
    prepareCreate: (object, { host }) => allocate(object, undefined, host),
    prepareUpdate(next, old, { host, subresource }) {
      if (subresource !== '') return;
      dropForType(next.spec, old.spec);
      allocate(next, old, host);
    },
    validate,
    validateUpdate({ spec }, old) {
      if (!wantsIp(spec) || !wantsIp(old.spec) || spec.clusterIP === old.spec.clusterIP) return [];
      return [invalid('spec.clusterIPs[0]', goStrings([spec.clusterIP]), 'may not change once set')];
    },
    fields: {
      'spec.clusterIP': (o) => (o['spec'] as Loose)?.clusterIP ?? '',
      'spec.type': (o) => (o['spec'] as Loose)?.type ?? '',
    },
  },
};
