import type { Dispatcher } from 'undici';
import type { ModuleHost } from '../host.js';

/** What carries a request to a URL. */
export type Connections = (url: URL) => Promise<Dispatcher>;

/** Connections of one set of modules, through the proxies that the environment names. Idle ones end by themselves. */
export function openConnections(env: ModuleHost['env']): Connections {
  let opened: Promise<Dispatcher> | undefined;
  const first = (...names: string[]) => names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  return () => {
    // Read with the first request: it is slow to load.
    opened ??= import('./undici.js').then(({ Agent, EnvHttpProxyAgent }) => {
      const options = { connect: { timeout: 10_000 }, keepAliveTimeout: 1_000 };
      const httpProxy = first('HTTP_PROXY', 'http_proxy');
      const httpsProxy = first('HTTPS_PROXY', 'https_proxy');
      if (httpProxy === undefined && httpsProxy === undefined) return new Agent(options);
      // The empty text is no proxy; left out, the variables of this process would be read.
      return new EnvHttpProxyAgent({
        // Proxies let few tunnels through to what is not https.
        proxyTunnel: false,
        ...options,
        httpProxy: httpProxy ?? '',
        httpsProxy: httpsProxy ?? '',
        noProxy: first('NO_PROXY', 'no_proxy') ?? '',
      });
    });
    return opened;
  };
}
