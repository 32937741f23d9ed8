import { connect as tlsConnect } from 'node:tls';
import type { Dispatcher, Pool } from 'undici';
import type { Connection, Credential } from '../connection.js';
import { tunnel } from './tunnel.js';

/**
 * Sockets to one API server with one client certificate.
 *
 * HTTP/1.1 on purpose, measured against HTTP/2 with undici 7: a thousand PATCH requests take 0.2 s over 32
 * connections and 1.9 s over one HTTP/2 session, because undici sends one request that is not
 * idempotent at a time there; the gain for watches (60 in 20 ms instead of 250 ms, once) is bought with
 * one lost packet stalling all of them, and with the danger of pipelining behind an endless answer
 * where the server turns HTTP/2 down. Watches have sockets of their own, so no request waits for one.
 */
export interface Transport {
  /** For requests that end. */
  readonly requests: Dispatcher;
  /** For answers that go on: a socket each. */
  readonly streams: Dispatcher;
  /** Lets go of the sockets: at once, or when what is under way has ended. */
  close(how: 'now' | 'when-idle'): Promise<void>;
}

export interface TransportOptions {
  connection: Connection;
  credential: Credential;
  /** Sockets for requests that end. */
  sockets: number;
  connectTimeoutMs: number;
}

/** Load balancers close idle sockets after a minute and more; before that, we do. */
const KEEP_ALIVE = 30_000;

export async function openTransport(options: TransportOptions): Promise<Transport> {
  // Loaded here because it costs 90 ms, which a command that talks to no server should not pay.
  const { Pool } = await import('./undici.js');
  const { connection, credential, connectTimeoutMs } = options;
  const tls = {
    ...(connection.tls.authority === undefined ? {} : { ca: connection.tls.authority }),
    ...(connection.tls.serverName === undefined ? {} : { servername: connection.tls.serverName }),
    ...(credential.certificate ?? {}),
    rejectUnauthorized: !connection.tls.insecure,
  };
  const { proxy } = connection;
  const shared: Pool.Options = {
    keepAliveTimeout: KEEP_ALIVE,
    allowH2: false,
    connect:
      proxy === undefined
        ? { ...tls, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 30_000 }
        : (to, done) => {
            const target = { host: to.hostname.replace(/^\[|\]$/g, ''), port: Number(to.port) || (to.protocol === 'https:' ? 443 : 80) };
            tunnel({ proxy, target, timeoutMs: connectTimeoutMs }).then(
              (socket) => {
                if (to.protocol !== 'https:') return done(null, socket);
                const name = tls.servername ?? target.host;
                const secure = tlsConnect({ ...tls, socket, host: target.host, servername: /^[0-9.]+$|:/.test(name) ? '' : name });
                secure.setTimeout(connectTimeoutMs, () => secure.destroy(handshakeTimeout()));
                secure.once('error', (error) => done(error, null));
                secure.once('secureConnect', () => done(null, secure.setTimeout(0)));
              },
              (error: Error) => done(error, null),
            );
          },
  };
  const origin = new URL(connection.server).origin;
  const requests = new Pool(origin, { ...shared, connections: options.sockets });
  const streams = new Pool(origin, { ...shared, connections: null });
  return {
    requests,
    streams,
    async close(how) {
      if (how === 'now') await Promise.all([requests.destroy(), streams.destroy()]);
      else await Promise.all([requests.close(), streams.close()]);
    },
  };
}

function handshakeTimeout(): Error {
  return Object.assign(new Error('the TLS handshake did not end in time'), { code: 'ETIMEDOUT' });
}
