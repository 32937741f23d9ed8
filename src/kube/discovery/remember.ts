import { cancelled, orCancelled } from '../cancel.js';
import type { Exchange } from '../exchange.js';
import type { Cluster, Discovery } from '../types.js';
import { discover } from './discover.js';

/** How long discovery with gaps is used before the server is asked again. */
const INCOMPLETE_FOR = 30_000;

/** Discovery, asked for once and shared. A failure is not remembered; gaps are, for half a minute. */
export function rememberDiscovery(exchange: Exchange, closing: AbortSignal): Cluster['discovery'] {
  let known: { asked: Promise<Discovery>; until: number } | undefined;

  const ask = () => {
    const entry = { asked: discover(exchange, closing), until: Number.POSITIVE_INFINITY };
    known = entry;
    entry.asked.then(
      (found) => {
        if (found.incomplete.length > 0) entry.until = exchange.clock.now() + INCOMPLETE_FOR;
      },
      () => {
        if (known === entry) known = undefined;
      },
    );
    return entry.asked;
  };

  return async ({ refresh = false, signal } = {}) => {
    if (signal?.aborted) throw cancelled(signal);
    const fresh = known !== undefined && !refresh && exchange.clock.now() < known.until;
    const asked = fresh && known !== undefined ? known.asked : ask();
    return orCancelled(asked, signal);
  };
}
