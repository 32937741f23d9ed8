import { isIP } from 'node:net';
import { equalJson } from '../../../model/index.js';
import { inServiceRange } from '../allocate.js';
import { type FieldErrors, goStrings, invalid, invalidObject } from '../field.js';
import type { Loose, StrategyHost } from '../types.js';
import { external, hasAddress, needsHealthPort, wantsPorts } from './defaults.js';
import { validateAddresses } from './validate.js';

function refuse(service: Loose, errors: FieldErrors): void {
  if (errors.length > 0) throw invalidObject('', 'Service', service.metadata.name ?? '', errors);
}

/** `clusterIP` and `clusterIPs` are two names of one thing: whoever sets one means both. */
export function alignAddresses(spec: Loose, old: Loose | undefined): void {
  if (!old) {
    if (spec.clusterIP && spec.clusterIPs === undefined) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const [first, before] = [spec.clusterIP ?? '', old.clusterIP ?? ''];
  if (old.clusterIPs?.length > 0 && !spec.clusterIPs?.length && first === before) spec.clusterIPs = [...old.clusterIPs];
  if (first === before || !equalJson(spec.clusterIPs ?? [], old.clusterIPs ?? [])) return;
  if (first === '') delete spec.clusterIPs;
  else spec.clusterIPs = [first];
}

/** What a client leaves out that the service has been given already stays: its addresses, and its ports by their names. */
export function keepAllocated(spec: Loose, old: Loose): void {
  if (hasAddress(spec) && hasAddress(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
  }
  if (wantsPorts(old) && wantsPorts(spec)) {
    const numbers = (s: Loose): number[] => (s.ports ?? []).map((p: Loose) => p.nodePort ?? 0);
    const used = new Set(numbers(spec).filter((n) => numbers(old).includes(n) && n !== 0));
    const known = new Map<string, number>((old.ports ?? []).map((p: Loose) => [p.name ?? '', p.nodePort ?? 0]));
    for (const port of spec.ports ?? []) {
      const kept = known.get(port.name ?? '') ?? 0;
      if (port.nodePort || kept === 0 || used.has(kept)) continue;
      port.nodePort = kept;
      used.add(kept);
    }
  }
  if (needsHealthPort(old) && needsHealthPort(spec) && !spec.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort;
}

const family = (ip: string) => (isIP(ip) === 6 ? 'IPv6' : 'IPv4');
const only = 'IPv4';
const policyAt = 'spec.ipFamilyPolicy';

/** Families and policy as a cluster of one family fills them in. @throws ApiError 422 where it has not what is asked for */
function settleFamilies(service: Loose, old: Loose | undefined): void {
  const { spec } = service;
  if (!hasAddress(spec)) return;
  const headless = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (headless ? 'RequireDualStack' : 'SingleStack');
  refuse(service, validateAddresses(spec));
  const out: FieldErrors = [];
  const single = spec.ipFamilyPolicy === 'SingleStack';
  const same = (field: string) => old && equalJson(old[field], spec[field]);
  if (old && single)
    for (const field of ['clusterIPs', 'ipFamilies']) if (same(field) && spec[field]?.length > 1) spec[field] = spec[field].slice(0, 1);
  if (single) {
    if (spec.clusterIPs?.length === 2)
      out.push(
        invalid(policyAt, spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"),
      );
    if (spec.ipFamilies?.length === 2)
      out.push(
        invalid(policyAt, spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
      );
  }
  (spec.clusterIPs ?? []).forEach((ip: string, i: number) => {
    if (ip === 'None' || i < (spec.ipFamilies ?? []).length) return;
    if (family(ip) !== only)
      out.push(invalid(`spec.clusterIPs[${i}]`, goStrings(spec.clusterIPs), `${family(ip)} is not configured on this cluster`));
    else spec.ipFamilies = [...(spec.ipFamilies ?? []), family(ip)];
  });
  refuse(service, out);
  if (headless) {
    spec.ipFamilies ??= [only];
    if (spec.ipFamilies.length < 2 && !single) spec.ipFamilies = [...spec.ipFamilies, spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    out.push(invalid(policyAt, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  (spec.ipFamilies ?? []).forEach((f: string, i: number) => {
    if (f !== only) out.push(invalid(`spec.ipFamilies[${i}]`, f, 'not configured on this cluster'));
  });
  refuse(service, out);
  spec.ipFamilies ??= [only];
}

function settleAddress(service: Loose, old: Loose | undefined, host: StrategyHost): void {
  const { spec } = service;
  if (!hasAddress(spec) || spec.clusterIPs?.[0] === 'None') return;
  const ip = spec.clusterIPs?.[0] ?? '';
  if (ip === '') {
    spec.clusterIP = host.allocate.clusterIp() ?? '';
    spec.clusterIPs = [spec.clusterIP];
    return;
  }
  // The first address of a service that has one does not change; validation says so.
  if (old && hasAddress(old) && old.clusterIPs?.length > 0) return;
  const why = !inServiceRange(ip)
    ? `the provided IP (${ip}) is not in the valid range. The range of valid IPs is 10.96.0.0/12`
    : host.allocate.isFree(ip)
      ? undefined
      : 'provided IP is already allocated';
  if (why !== undefined) refuse(service, [invalid('spec.clusterIPs', goStrings(spec.clusterIPs), `failed to allocate IP ${ip}: ${why}`)]);
  spec.clusterIP = ip;
}

const inUse = 'provided port is already allocated';
const portRange = 'provided port is not in the valid range. The range of valid ports is 30000-32767';

function takePort(port: number, host: StrategyHost): string | undefined {
  if (port < 30000 || port > 32767) return portRange;
  return host.allocate.isPortFree(port) ? undefined : inUse;
}

function settlePorts(service: Loose, old: Loose | undefined, host: StrategyHost): void {
  const { spec } = service;
  const ports: Loose[] = spec.ports ?? [];
  const held = new Set<number>(old && external(old) ? (old.ports ?? []).map((p: Loose) => p.nodePort).filter(Boolean) : []);
  // One number serves several protocols of one port.
  const picked = new Set<number>();
  if (external(spec))
    ports.forEach((port, i) => {
      if (!port.nodePort) return;
      const shared =
        picked.has(port.nodePort) && !ports.slice(0, i).some((p) => p.nodePort === port.nodePort && p.protocol === port.protocol);
      const again = picked.has(port.nodePort) && !shared;
      const why = held.has(port.nodePort) || shared ? undefined : again ? inUse : takePort(port.nodePort, host);
      if (why !== undefined) refuse(service, [invalid(`spec.ports[${i}].nodePort`, port.nodePort, why)]);
      picked.add(port.nodePort);
    });
  if (wantsPorts(spec))
    for (const port of ports) {
      if (port.nodePort) continue;
      const twin = ports.find((p) => p !== port && p.port === port.port && p.protocol !== port.protocol && p.nodePort);
      const free = twin?.nodePort ?? host.allocate.nodePort(picked);
      if (free === undefined) continue;
      port.nodePort = free;
      picked.add(free);
    }
  if (!needsHealthPort(spec)) return;
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = host.allocate.nodePort(picked);
  else if (spec.healthCheckNodePort !== old?.healthCheckNodePort && takePort(spec.healthCheckNodePort, host) !== undefined)
    refuse(service, [invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, takePort(spec.healthCheckNodePort, host) as string)]);
}

/** Gives a service its addresses and ports. @throws ApiError 422 where what it asks for cannot be had */
export function allocate(service: Loose, old: Loose | undefined, host: StrategyHost): void {
  settleFamilies(service, old);
  settleAddress(service, old, host);
  settlePorts(service, old, host);
}
