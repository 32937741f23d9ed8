import { systemClock } from '../model/index.js';
import { type ClusterOptions, openCluster } from './cluster.js';
import type { Connection } from './connection.js';
import { expiryNote } from './http/expiry.js';
import { type HttpWireOptions, httpWire } from './http/wire.js';
import type { Cluster } from './types.js';

/** The cluster at the end of a connection, over sockets. `close` ends them. */
export function connectCluster(
  connection: Connection,
  options: HttpWireOptions & Omit<ClusterOptions, 'wire' | 'name' | 'onClose' | 'explainUnauthorized'> = {},
): Cluster {
  const { sockets, concurrency, ...rest } = options;
  const clock = options.clock ?? systemClock;
  // Who reads of a cluster that does not answer wants to know where it was looked for.
  const name = connection.name === connection.server ? connection.name : `${connection.name} (${connection.server})`;
  const wire = httpWire({ ...connection, name }, { ...rest, sockets: sockets ?? concurrency ?? 32 });
  return openCluster({
    ...rest,
    wire,
    name,
    ...(concurrency === undefined ? {} : { concurrency }),
    onClose: wire.close,
    explainUnauthorized: () => expiryNote(wire.lastCredential(), clock.now()),
  });
}
