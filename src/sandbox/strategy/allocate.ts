import type { KubeObject, Random } from '../../model/index.js';
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

interface Held {
  ips: string[];
  ports: number[];
}

function heldBy(object: KubeObject): Held {
  const spec = (object['spec'] ?? {}) as { clusterIPs?: string[]; ports?: { nodePort?: number }[]; healthCheckNodePort?: number };
  const nodePorts = (spec.ports ?? []).map((p) => p.nodePort ?? 0);
  return {
    ips: (spec.clusterIPs ?? []).filter((ip) => ip !== 'None'),
    ports: [...nodePorts, spec.healthCheckNodePort ?? 0].filter((p) => p > 0),
  };
}

/**
 * Addresses and ports of services. What stored services hold is in use and nothing else: an address that is
 * picked is taken by storing the service that has it, within the same turn.
 */
export function createAllocator(store: Store, random: Random): Allocator {
  const ips = new Map<string, number>();
  const nodePorts = new Map<number, number>();
  let loaded = false;
  const add = <K>(counts: Map<K, number>, key: K, n: number) => {
    const count = (counts.get(key) ?? 0) + n;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  const count = (text: string, n: number) => {
    const held = heldBy(store.parse(text));
    for (const ip of held.ips) add(ips, ip, n);
    for (const port of held.ports) add(nodePorts, port, n);
  };
  const load = () => {
    if (loaded) return;
    loaded = true;
    for (const key of store.keys('services.')) count(store.get('services.', key)?.text ?? '{}', 1);
    store.observe((resource, event) => {
      if (resource !== 'services.') return;
      if (event.before !== undefined) count(event.before, -1);
      if (event.type !== 'DELETED') count(event.text, 1);
    });
  };
  const number = (below: number) => Buffer.from(random(4)).readUInt32BE() % below;
  return {
    isFree(ip) {
      load();
      return !ips.has(ip);
    },
    clusterIp() {
      load();
      const start = number(size);
      for (let i = 0; i < size; i++) {
        const offset = (start + i) % size;
        const ip = toIp(offset);
        if (offset !== 0 && offset !== size - 1 && !ips.has(ip)) return ip;
      }
      return undefined;
    },
    isPortFree(port) {
      load();
      return !nodePorts.has(port);
    },
    nodePort(avoid) {
      load();
      const start = number(ports);
      for (let i = 0; i < ports; i++) {
        const port = firstPort + ((start + i) % ports);
        if (!nodePorts.has(port) && !avoid.has(port)) return port;
      }
      return undefined;
    },
  };
}
