import { isIP } from 'node:net';
import { all, each, label, oneOf, portNumber, portNumberOrName, qualifiedName, subdomain } from '../check.js';
import { duplicate, type FieldErrors, forbiddenField, goStrings, goStruct, invalid, notSupported, required } from '../field.js';
import { addressProblems, labelErrors } from '../names.js';
import type { Loose } from '../types.js';
import { external, hasAddress, needsHealthPort } from './defaults.js';

const families = ['IPv4', 'IPv6'];
const policies = ['SingleStack', 'PreferDualStack', 'RequireDualStack'];

/** What of a service's addresses and families cannot be meant. */
export function validateAddresses(spec: Loose): FieldErrors {
  const out: FieldErrors = [];
  const at = 'spec.clusterIPs';
  const ips: string[] = spec.clusterIPs ?? [];
  if (!hasAddress(spec)) {
    if (ips.length > 0) out.push(forbiddenField(at, 'may not be set for ExternalName services'));
    if ((spec.ipFamilies ?? []).length > 0) out.push(forbiddenField('spec.ipFamilies', 'may not be set for ExternalName services'));
    if (spec.ipFamilyPolicy !== undefined) out.push(forbiddenField('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
    return out;
  }
  if (spec.clusterIP && ips.length === 0) out.push(required(at));
  else if (ips.length > 0 && (spec.clusterIP ?? '') !== ips[0]) out.push(invalid(at, goStrings(ips), 'first value must match `clusterIP`'));
  const seen = new Set<string>();
  (spec.ipFamilies ?? []).forEach((f: string, i: number) => {
    if (!families.includes(f)) out.push(notSupported(`spec.ipFamilies[${i}]`, f, families));
    if (seen.has(f)) out.push(duplicate(`spec.ipFamilies[${i}]`, f));
    seen.add(f);
  });
  if (spec.ipFamilyPolicy !== undefined && !policies.includes(spec.ipFamilyPolicy))
    out.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, policies));
  if (ips.length > 0) {
    if (ips.length > 2) out.push(invalid(at, goStrings(ips), 'may only hold up to 2 values'));
    ips.forEach((ip, i) => {
      if (i > 0 && ip === 'None') out.push(invalid(`${at}[${i}]`, ip, "'None' must be the first and only value"));
      else if (ip !== 'None') out.push(...all(`${at}[${i}]`, ip, addressProblems(ip)));
    });
    if (ips[0] === 'None' && ips.length > 1) out.push(invalid(at, goStrings(ips), "'None' must be the first and only value"));
    ips.forEach((ip, i) => {
      const wanted = spec.ipFamilies?.[i];
      if (ip === 'None' || !isIP(ip) || wanted === undefined) return;
      const found = isIP(ip) === 6 ? 'IPv6' : 'IPv4';
      if (found !== wanted && families.includes(wanted))
        out.push(invalid(`${at}[${i}]`, ip, `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``));
    });
    if (ips.length === 2 && ips.every((ip) => isIP(ip)) && isIP(ips[0] as string) === isIP(ips[1] as string))
      out.push(invalid(at, goStrings(ips), 'may specify no more than one IP for each IP family'));
  }
  return out;
}

function validatePort(port: Loose, at: string, named: boolean, names: Set<string>): FieldErrors {
  const out: FieldErrors = [];
  if (named && !port.name) out.push(required(`${at}.name`));
  else if (port.name) {
    out.push(...label(port.name, `${at}.name`));
    if (names.has(port.name)) out.push(duplicate(`${at}.name`, port.name));
    names.add(port.name);
  }
  out.push(...portNumber(port.port ?? 0, `${at}.port`), ...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP']));
  out.push(...portNumberOrName(port.targetPort, `${at}.targetPort`));
  if (port.appProtocol !== undefined) out.push(...qualifiedName(port.appProtocol, `${at}.appProtocol`));
  return out;
}

function portConflicts(ports: Loose[], spec: Loose): FieldErrors {
  const out: FieldErrors = [];
  if (spec.type === 'LoadBalancer')
    ports.forEach((port, i) => {
      if (port.port === 10250)
        out.push(invalid(`spec.ports[${i}]`, port.port, 'may not expose port 10250 externally since it is used by kubelet'));
    });
  return out;
}

function duplicatePorts(ports: Loose[], spec: Loose): FieldErrors {
  const out: FieldErrors = [];
  if (!external(spec))
    ports.forEach((port, i) => {
      if (port.nodePort) out.push(forbiddenField(`spec.ports[${i}].nodePort`, `may not be used when \`type\` is '${spec.type}'`));
    });
  else {
    const seen = new Set<string>();
    ports.forEach((port, i) => {
      if (!port.nodePort) return;
      const id = `${port.protocol}/${port.nodePort}`;
      if (seen.has(id)) out.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
      seen.add(id);
    });
  }
  const seen = new Set<string>();
  ports.forEach((port, i) => {
    const id = `${port.protocol}/${port.port}`;
    if (seen.has(id)) out.push(duplicate(`spec.ports[${i}]`, goStruct('core.ServicePort', { protocol: port.protocol, port: port.port })));
    seen.add(id);
  });
  return out;
}

function affinityConfig(spec: Loose): FieldErrors {
  const at = 'spec.sessionAffinityConfig';
  const given = spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'None') {
    return given ? [forbiddenField(at, 'must not be set when session affinity is None')] : [];
  }
  if (spec.sessionAffinity !== 'ClientIP' || !given?.clientIP) return [];
  const seconds = given.clientIP.timeoutSeconds;
  return seconds <= 0 || seconds > 86400
    ? [invalid(`${at}.clientIP.timeoutSeconds`, seconds, 'must be greater than 0 and less than 86400')]
    : [];
}

function sourceRanges({ spec, metadata }: Loose): FieldErrors {
  const at = 'spec.LoadBalancerSourceRanges';
  const ranges: string[] = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    if (spec.type !== 'LoadBalancer') return [forbiddenField(at, "may only be used when `type` is 'LoadBalancer'")];
    const bad = ranges.some((r) => !isRange(r.trim()));
    return bad ? [invalid(at, `[${ranges.join(' ')}]`, 'must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ')] : [];
  }
  const text = metadata.annotations?.['service.beta.kubernetes.io/load-balancer-source-ranges'];
  if (text === undefined) return [];
  const field = 'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]';
  if (spec.type !== 'LoadBalancer') return [forbiddenField(field, "may only be used when `type` is 'LoadBalancer'")];
  return text.trim() !== '' && text.split(',').some((r: string) => !isRange(r.trim()))
    ? [invalid(field, text, 'must be a comma separated list of IP ranges e.g. 10.240.0.0/24,10.250.0.0/24')]
    : [];
}

export function isRange(text: string): boolean {
  const [ip = '', bits, ...more] = text.split('/');
  const kind = isIP(ip);
  return kind !== 0 && more.length === 0 && bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 6 ? 128 : 32);
}

function trafficPolicies(spec: Loose): FieldErrors {
  const out: FieldErrors = [];
  const policy = spec.externalTrafficPolicy;
  const at = 'spec.externalTrafficPolicy';
  if (!external(spec)) {
    if (policy) out.push(invalid(at, policy, 'may only be set for externally-accessible services'));
  } else if (!policy) out.push(required(at));
  else if (!['Cluster', 'Local'].includes(policy)) out.push(notSupported(at, policy, ['Cluster', 'Local']));
  const port = spec.healthCheckNodePort;
  const path = 'spec.healthCheckNodePort';
  if (!needsHealthPort(spec)) {
    if (port) out.push(invalid(path, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (!port) out.push(required(path));
  else out.push(...portNumber(port, path));
  const inner = spec.internalTrafficPolicy;
  if (inner !== undefined && !['Cluster', 'Local'].includes(inner))
    out.push(notSupported('spec.internalTrafficPolicy', inner, ['Cluster', 'Local']));
  if (inner === undefined && (external(spec) || spec.type === 'ClusterIP')) out.push(required('spec.internalTrafficPolicy'));
  return out;
}

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** What is wrong with a service that has its addresses. */
export function validateService(service: Loose): FieldErrors {
  const { spec } = service;
  const ports: Loose[] = spec.ports ?? [];
  const headless = spec.clusterIP === 'None';
  const out: FieldErrors = [];
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') out.push(required('spec.ports'));
  switch (spec.type) {
    case 'LoadBalancer':
      out.push(...portConflicts(ports, spec));
      if (headless) out.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
      break;
    case 'NodePort':
      if (headless) out.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
      break;
    case 'ExternalName':
      if (spec.externalName) out.push(...subdomain(spec.externalName.replace(/\.$/, ''), 'spec.externalName'));
      else out.push(required('spec.externalName'));
      break;
    default:
  }
  const names = new Set<string>();
  out.push(...each(ports, 'spec.ports', (port, at) => validatePort(port, at, ports.length > 1, names)));
  out.push(...labelErrors(spec.selector, 'spec.selector'));
  out.push(...oneOf(spec.sessionAffinity, 'spec.sessionAffinity', ['ClientIP', 'None']), ...affinityConfig(spec));
  out.push(...validateAddresses(spec));
  (spec.externalIPs ?? []).forEach((ip: string, i: number) => {
    const problems = addressProblems(ip);
    out.push(...all(`spec.externalIPs[${i}]`, ip, problems));
    if (problems.length === 0 && (ip === '0.0.0.0' || ip === '::'))
      out.push(invalid(`spec.externalIPs[${i}]`, ip, `may not be unspecified (${ip})`));
  });
  out.push(...oneOf(spec.type, 'spec.type', types), ...duplicatePorts(ports, spec), ...sourceRanges(service));
  if (spec.type === 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === undefined) out.push(required('spec.allocateLoadBalancerNodePorts'));
  } else if (spec.allocateLoadBalancerNodePorts !== undefined)
    out.push(forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
  if (spec.loadBalancerClass !== undefined) {
    out.push(...qualifiedName(spec.loadBalancerClass, 'spec.loadBalancerClass'));
    if (spec.type !== 'LoadBalancer') out.push(forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  }
  out.push(...trafficPolicies(spec));
  return out;
}

/** What of an update is refused: a first address changes only with the type. */
export function validateServiceUpdate({ spec }: Loose, { spec: old }: Loose): FieldErrors {
  const out: FieldErrors = [];
  if (hasAddress(spec) && hasAddress(old)) {
    if (old.clusterIPs?.length > 0 && spec.clusterIPs?.[0] !== old.clusterIPs[0])
      out.push(invalid('spec.clusterIPs[0]', goStrings(spec.clusterIPs), 'may not change once set'));
    if (old.ipFamilies?.length > 0 && old.clusterIP !== 'None' && spec.ipFamilies?.[0] !== old.ipFamilies[0])
      out.push(invalid('spec.ipFamilies[0]', goStrings(spec.ipFamilies), 'may not change once set'));
  }
  if (old.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && old.loadBalancerClass !== spec.loadBalancerClass)
    out.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  return out;
}
