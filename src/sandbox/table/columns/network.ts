import { formatSelector } from '../../rest/scale.js';
import type { Loose } from '../../strategy/types.js';
import { age, type Column, doc, firstOf, name, orNone, text, wide } from './column.js';

/** The addresses of a load balancer, each once. */
const points = (o: Loose): string[] =>
  [...new Set<string>((o.status?.loadBalancer?.ingress ?? []).map((i: Loose) => i.ip || i.hostname).filter(Boolean))].sort();

function externalIp(service: Loose): string {
  const { spec } = service;
  const own: string[] = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type === 'LoadBalancer') return [...points(service), ...own].join(',') || '<pending>';
  return spec.type === 'ClusterIP' || spec.type === 'NodePort' ? own.join(',') || '<none>' : '<unknown>';
}

const servicePorts = ({ spec }: Loose) =>
  (spec.ports ?? []).map((p: Loose) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol}`).join(',') || '<none>';

export const services: Column[] = [
  name,
  text('Type', doc('core.ServiceSpec.type'), (o) => o.spec.type ?? ''),
  text('Cluster-IP', doc('core.ServiceSpec.clusterIP'), (o) => orNone(o.spec.clusterIPs?.[0])),
  text('External-IP', doc('core.ServiceSpec.externalIPs'), externalIp),
  text('Port(s)', doc('core.ServiceSpec.ports'), servicePorts),
  age,
  wide(text('Selector', doc('core.ServiceSpec.selector'), (o) => orNone(formatSelector(o.spec.selector)))),
];

const joined = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

function endpointTexts(endpoints: Loose): string[] {
  return (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }: Loose) =>
    ports.length === 0 ? addresses.map((a: Loose) => a.ip) : ports.flatMap((p: Loose) => addresses.map((a: Loose) => joined(a.ip, p.port))),
  );
}

export const endpoints: Column[] = [
  name,
  text('Endpoints', doc('core.Endpoints.subsets'), (o) => ((o.subsets ?? []).length === 0 ? '<none>' : firstOf(endpointTexts(o), 3))),
  age,
];

const orUnset = (value: string) => (value === '' ? '<unset>' : value);

export const endpointSlices: Column[] = [
  name,
  text('AddressType', doc('discovery.EndpointSlice.addressType'), (o) => o.addressType),
  text('Ports', doc('discovery.EndpointSlice.ports'), (o) =>
    orUnset(
      firstOf(
        (o.ports ?? []).map((p: Loose) => String(p.port ?? p.name ?? '*')),
        3,
      ),
    ),
  ),
  text('Endpoints', doc('discovery.EndpointSlice.endpoints'), (o) =>
    orUnset(
      firstOf(
        (o.endpoints ?? []).flatMap((e: Loose) => e.addresses ?? []),
        3,
      ),
    ),
  ),
  age,
];

/** The hosts of rules: three of them, and how many rules there are beyond three. */
function hosts(ingress: Loose): string {
  const rules: Loose[] = ingress.spec.rules ?? [];
  const shown: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (shown.length === 3) more = true;
    if (!more && host) shown.push(host);
  }
  if (shown.length === 0) return '*';
  return more ? `${shown.join(',')} + ${rules.length - 3} more...` : shown.join(',');
}

export const ingresses: Column[] = [
  name,
  text('Class', 'The name of the IngressClass resource that should be used for additional configuration', (o) =>
    orNone(o.spec.ingressClassName),
  ),
  text('Hosts', 'Hosts that incoming requests are matched against before the ingress rule', hosts),
  text('Address', 'Address is a list containing ingress points for the load-balancer', (o) => points(o).join(',')),
  text('Ports', 'Ports of TLS configurations that open', (o) => ((o.spec.tls ?? []).length > 0 ? '80, 443' : '80')),
  age,
];

function parameters({ spec }: Loose): string {
  const ref = spec.parameters;
  return ref ? `${ref.kind}${ref.apiGroup === undefined ? '' : `.${ref.apiGroup}`}/${ref.name}` : '<none>';
}

export const ingressClasses: Column[] = [
  name,
  text('Controller', 'Controller that is responsible for handling this class', (o) => o.spec.controller ?? ''),
  text('Parameters', 'A reference to a resource with additional parameters', parameters),
  age,
];

export const networkPolicies: Column[] = [
  name,
  text('Pod-Selector', doc('extensions.NetworkPolicySpec.podSelector'), (o) => orNone(formatSelector(o.spec.podSelector))),
  age,
];
