import type { Random } from '../../model/index.js';
import type { Store } from '../storage/store.js';
import type { Allocator } from './types.js';

const base = (10 << 24) | (96 << 16);
const size = 1 << 20;
const firstPort = 30000;
const ports = 2768;

const toIp = (offset: number) => {
  const n = base + offset;
  return `${(n >>> 24) & 255}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
};

/** Whether an address lies in the service range, 10.96.0.0/12. */
export function inServiceRange(ip: string): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  if (!parts) return false;
  const [a, b] = [Number(parts[1]), Number(parts[2])];
  return a === 10 && b >= 96 && b < 112;
}

/** Addresses and ports of services; what stored services hold is taken. */
export function createAllocator(store: Store, random: Random): Allocator {
  let taken: { ips: Set<string>; ports: Set<number> } | undefined;
  const load = () => {
    if (taken) return taken;
    taken = { ips: new Set(['10.96.0.0', '10.111.255.255']), ports: new Set() };
    for (const key of store.keys('services.')) {
      const text = store.get('services.', key)?.text;
      if (text === undefined) continue;
      const spec = (store.parse(text)['spec'] ?? {}) as {
        clusterIPs?: string[];
        ports?: { nodePort?: number }[];
        healthCheckNodePort?: number;
      };
      for (const ip of spec.clusterIPs ?? []) taken.ips.add(ip);
      for (const port of spec.ports ?? []) if (port.nodePort) taken.ports.add(port.nodePort);
      if (spec.healthCheckNodePort) taken.ports.add(spec.healthCheckNodePort);
    }
    return taken;
  };
  const number = (below: number) => {
    const bytes = random(4);
    return (
      ((((bytes[0] as number) << 24) | ((bytes[1] as number) << 16) | ((bytes[2] as number) << 8) | (bytes[3] as number)) >>> 0) % below
    );
  };
  return {
    clusterIp(wanted) {
      const { ips } = load();
      if (wanted !== '') {
        if (ips.has(wanted)) return undefined;
        ips.add(wanted);
        return wanted;
      }
      const start = number(size);
      for (let i = 0; i < size; i++) {
        const ip = toIp((start + i) % size);
        if (ips.has(ip)) continue;
        ips.add(ip);
        return ip;
      }
      return undefined;
    },
    nodePort(wanted) {
      const { ports: used } = load();
      if (wanted !== 0) {
        if (used.has(wanted)) return undefined;
        used.add(wanted);
        return wanted;
      }
      const start = number(ports);
      for (let i = 0; i < ports; i++) {
        const port = firstPort + ((start + i) % ports);
        if (used.has(port)) continue;
        used.add(port);
        return port;
      }
      return undefined;
    },
    release(ips, released) {
      const held = load();
      for (const ip of ips) held.ips.delete(ip);
      for (const port of released) held.ports.delete(port);
    },
  };
}
