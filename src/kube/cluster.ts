import type { Clock, Random, Wire } from '../model/index.js';
import { EvenkeelError, sharedByMany, systemClock, systemRandom } from '../model/index.js';

import { rememberDiscovery } from './discovery/remember.js';
import { type Exchange, exchange as openExchange } from './exchange.js';
import { list } from './list.js';
import { logs } from './logs.js';
import { isRecord, notThat } from './objects.js';
import type { Cluster } from './types.js';
import { watch } from './watch.js';
import { apply, create, get, patch, remove, replace } from './write.js';

export interface ClusterOptions {
  wire: Wire;
  /** For messages: a context name or URL, without credentials. */
  name: string;
  clock?: Clock;
  random?: Random;
  /** How many requests may be under way at once; watches are not counted. Default 32. */
  concurrency?: number;
  /** How often a request is tried where trying again may help. Default 5. */
  attempts?: number;
  /** A sentence on why credentials may have been refused, where something is known of them. */
  explainUnauthorized?: () => string | undefined;
  /** Called by `close`: ends what is behind the wire. */
  onClose?: () => Promise<void>;
}

/** A Kubernetes API server behind a wire: a socket (`httpWire`), or the sandbox in this process. */
export function openCluster(options: ClusterOptions): Cluster {
  const closing = new AbortController();
  sharedByMany(closing.signal);
  const exchange = openExchange({
    wire: options.wire,
    name: options.name,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    explainUnauthorized: options.explainUnauthorized ?? (() => undefined),
    closing: closing.signal,
    concurrency: Math.max(1, options.concurrency ?? 32),
    attempts: Math.max(1, options.attempts ?? 5),
  });
  const discovery = rememberDiscovery(exchange, closing.signal);

  return {
    name: options.name,
    version: () => version(exchange),
    discovery,
    list: (resource, listOptions) => list(exchange, resource, listOptions),
    watch: (resource, watchOptions) =>
      watch(exchange, resource, { ...watchOptions, signal: AbortSignal.any([watchOptions.signal, closing.signal]) }),
    get: (resource, ref, getOptions) => get(exchange, resource, { ...ref, ...getOptions }),
    apply: (resource, object, applyOptions) => apply(exchange, resource, object, applyOptions),
    create: (resource, object, writeOptions = {}) => create(exchange, resource, object, writeOptions),
    replace: (resource, object, writeOptions = {}) => replace(exchange, resource, object, writeOptions),
    patch: (resource, ref, body, patchOptions) => patch(exchange, resource, { ref, patch: body, options: patchOptions }),
    delete: (resource, ref, deleteOptions = {}) => remove(exchange, resource, { ref, options: deleteOptions }),
    logs: (pod, logOptions = {}) => logs(exchange, pod, logOptions),
    async close() {
      closing.abort(new EvenkeelError('CANCELLED', `The connection to ${options.name} was closed`));
      await options.onClose?.();
    },
  };
}

async function version(exchange: Exchange): Promise<{ gitVersion: string; major: string; minor: string }> {
  const where = { url: '/version' };
  const { json } = await exchange.call({ method: 'GET', path: '/version', repeatable: true, where });
  if (!isRecord(json) || typeof json['gitVersion'] !== 'string') throw notThat('a version', where);
  const part = (value: unknown) => (typeof value === 'string' ? value : '');
  return { gitVersion: json['gitVersion'], major: part(json['major']), minor: part(json['minor']) };
}
