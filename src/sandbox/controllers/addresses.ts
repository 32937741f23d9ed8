import type { World } from './framework.js';
import { fnv32 } from './numbers.js';
import { r } from './resources.js';
import type { Pod } from './shapes.js';

/** Hands out the addresses of a network, each to one holder at a time; what is stored is taken into account. */
export interface Addresses {
  take(holder: string): string;
  free(address: string): void;
}

export function createAddresses(network: string, taken: () => Iterable<string>): Addresses {
  let used: Set<string> | undefined;
  return {
    take(holder) {
      used ??= new Set(taken());
      for (let i = 0, at = fnv32(holder); i < 65_536; i++, at++) {
        const low = at & 255;
        const address = `${network}.${(at >>> 8) & 255}.${low}`;
        if (low === 0 || low === 255 || used.has(address)) continue;
        used.add(address);
        return address;
      }
      throw new Error(`every address of the simulated network ${network}.0.0/16 is in use`);
    },
    free: (address) => void used?.delete(address),
  };
}

export function podAddresses(world: World): Addresses {
  return createAddresses('10.244', () => world.cache.list<Pod>(r.pods).flatMap((pod) => pod.status?.podIP ?? []));
}
