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
  const wire = httpWire(connection, { ...rest, sockets: sockets ?? concurrency ?? 32 });
  return openCluster({
    ...rest,
    wire,
    name: connection.name,
    ...(concurrency === undefined ? {} : { concurrency }),
    onClose: wire.close,
    explainUnauthorized: () => expiryNote(wire.lastCredential(), clock.now()),
  });
}
