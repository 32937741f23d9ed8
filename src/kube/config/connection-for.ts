import type { Clock } from '../../model/index.js';
import { EvenkeelError, nearest, printable, redactUrls, systemClock } from '../../model/index.js';
import { type Connection, type Credential, type Credentials, fixedCredentials } from '../connection.js';
import { type ExecClusterInfo, execCredentials } from './exec.js';
import { type ReadFile, readTextFile } from './load.js';
import { checkProxy, proxyFromEnvironment } from './proxy.js';
import { tokenFileCredentials } from './token-file.js';
import type { KubeClusterEntry, Kubeconfig, KubeUser } from './types.js';

export interface ConnectionOptions {
  /** The environment for exec plugins; proxies are read from it as well. */
  env: { [name: string]: string | undefined };
  /** Whether a person sits at a terminal that an exec plugin may use. Default false. */
  interactive?: boolean;
  clock?: Clock;
  readFile?: ReadFile;
  /** Time limit of an exec plugin. Default one minute; five where it may ask a person. */
  execTimeoutMs?: number;
}

/**
 * How to reach the cluster of a context, as the context's user; without a name, of the current context.
 * Files are read now, except token files; exec plugins run at the first request.
 * @throws EvenkeelError KUBE_CONTEXT_UNKNOWN, KUBE_CONFIG_INVALID, KUBE_CONFIG_NOT_FOUND, KUBE_CREDENTIALS_UNSUPPORTED
 */
export async function connectionFor(config: Kubeconfig, contextName: string | undefined, options: ConnectionOptions): Promise<Connection> {
  const name = contextName ?? config.currentContext;
  if (name === undefined) throw noContext(config);
  const context = lookUp(config.contexts, 'context', name, config);
  const cluster = lookUp(config.clusters, 'cluster', context.cluster, config);
  const user = context.user === '' ? undefined : lookUp(config.users, 'user', context.user, config);
  const readFile = options.readFile ?? readTextFile;
  const authority = cluster.authorityData ?? (await readNamed(cluster.authorityFile, 'certificate-authority', readFile));
  if (cluster.insecureSkipTlsVerify && authority !== undefined)
    throw invalid(cluster.file, `cluster "${context.cluster}" names a certificate authority and says insecure-skip-tls-verify as well`);
  const server = readServer(cluster, context.cluster);
  const proxy = cluster.proxyUrl ?? proxyFromEnvironment(server, options.env);
  return {
    name,
    server,
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    tls: {
      ...(authority === undefined ? {} : { authority }),
      ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
      insecure: cluster.insecureSkipTlsVerify,
    },
    ...(proxy === undefined ? {} : { proxy: checkProxy(proxy, cluster.proxyUrl === undefined ? undefined : cluster.file) }),
    compression: !cluster.disableCompression,
    headers: user === undefined ? {} : impersonation(user),
    credentials:
      user === undefined
        ? fixedCredentials({})
        : await credentialsOf({ user, userName: context.user, cluster: clusterInfo(cluster, server, authority), options, readFile }),
  };
}

function noContext(config: Kubeconfig): EvenkeelError {
  const known = [...config.contexts.keys()];
  return new EvenkeelError('KUBE_CONTEXT_UNKNOWN', 'The kubeconfig has no current context', {
    where: config.files[0] === undefined ? {} : { file: config.files[0] },
    hint: known.length === 0 ? 'It has no contexts at all.' : `Name one: ${known.slice(0, 10).map(printable).join(', ')}.`,
  });
}

function lookUp<T>(map: ReadonlyMap<string, T>, what: 'context' | 'cluster' | 'user', name: string, config: Kubeconfig): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const known = [...map.keys()];
  const near = nearest(name, known);
  const listed = known.slice(0, 10).map(printable).join(', ');
  throw new EvenkeelError('KUBE_CONTEXT_UNKNOWN', `The kubeconfig has no ${what} "${printable(name)}"`, {
    where: { file: config.files.join(', ') },
    hint: near !== undefined ? `Did you mean "${printable(near)}"?` : known.length === 0 ? `It has no ${what}s.` : `It has: ${listed}.`,
  });
}

function readServer(cluster: KubeClusterEntry, name: string): string {
  const { server, file } = cluster;
  if (server === '') throw invalid(file, `cluster "${name}" names no server`);
  const text = server.includes('://') ? server : `http://${server}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalid(file, `the server of cluster "${name}" is not an https:// URL: ${redactUrls(server)}`);
  if (url.username !== '' || url.password !== '')
    throw invalid(file, `the server of cluster "${name}" holds a user or password; put them under users`);
  return text;
}

function invalid(file: string, message: string): EvenkeelError {
  return new EvenkeelError('KUBE_CONFIG_INVALID', `The kubeconfig ${file} is not valid: ${message}`, {
    where: { file },
    hint: 'Correct the file, or fetch the kubeconfig of the cluster again.',
  });
}

async function readNamed(path: string | undefined, field: string, readFile: ReadFile): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new EvenkeelError('KUBE_CONFIG_NOT_FOUND', `${path} cannot be read (${(thrown as { code?: string }).code ?? 'unknown reason'})`, {
      where: { file: path, field },
      cause: thrown,
      hint: `The kubeconfig names it as ${field}: is it there, and may you read it?`,
    });
  }
}

function clusterInfo(cluster: KubeClusterEntry, server: string, authority: string | undefined): ExecClusterInfo {
  return {
    server,
    ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
    ...(cluster.proxyUrl === undefined ? {} : { 'proxy-url': cluster.proxyUrl }),
    ...(cluster.disableCompression ? { 'disable-compression': true } : {}),
    ...(cluster.execConfig === undefined ? {} : { config: cluster.execConfig }),
  };
}

interface ForCredentials {
  user: KubeUser;
  userName: string;
  cluster: ExecClusterInfo;
  options: ConnectionOptions;
  readFile: ReadFile;
}

async function credentialsOf({ user, userName, cluster, options, readFile }: ForCredentials): Promise<Credentials> {
  const fault = (message: string) => invalid(user.file, `user "${userName}" ${message}`);
  const cert = user.certificateData ?? (await readNamed(user.certificateFile, 'client-certificate', readFile));
  const key = user.keyData ?? (await readNamed(user.keyFile, 'client-key', readFile));
  if ((cert === undefined) !== (key === undefined)) throw fault('has only one of client-certificate and client-key');
  const hasToken = user.token !== undefined || user.tokenFile !== undefined;
  if (hasToken && (user.username !== undefined || user.password !== undefined))
    throw fault('has both a token and a user name; only one is possible');
  if (user.exec !== undefined && user.authProvider !== undefined) throw fault('has both exec and auth-provider; only one is possible');
  if (user.authProvider !== undefined)
    throw new EvenkeelError(
      'KUBE_CREDENTIALS_UNSUPPORTED',
      `User "${printable(userName)}" signs in by the auth-provider "${printable(user.authProvider)}"`,
      {
        where: { file: user.file, field: 'auth-provider' },
        hint: 'Kubernetes gave these up in 1.26: use the exec plugin of your provider (gke-gcloud-auth-plugin, kubelogin, aws eks get-token).',
      },
    );
  const certificate = cert === undefined || key === undefined ? {} : { certificate: { cert, key } };
  const clock = options.clock ?? systemClock;
  if (user.tokenFile !== undefined) {
    const fallback = user.token === undefined ? {} : { fallback: user.token };
    return alongside(certificate, tokenFileCredentials({ path: user.tokenFile, clock, readFile, ...fallback }));
  }
  if (user.token !== undefined) return fixedCredentials({ authorization: `Bearer ${user.token}`, ...certificate });
  if (user.username !== undefined || user.password !== undefined) {
    const pair = Buffer.from(`${user.username ?? ''}:${user.password ?? ''}`).toString('base64');
    return fixedCredentials({ authorization: `Basic ${pair}`, ...certificate });
  }
  if (user.exec === undefined) return fixedCredentials(certificate);
  return alongside(
    certificate,
    execCredentials({
      plugin: user.exec,
      cluster,
      env: options.env,
      interactive: options.interactive ?? false,
      clock,
      timeoutMs: options.execTimeoutMs ?? (options.interactive ? 300_000 : 60_000),
      file: user.file,
    }),
  );
}

/** The same credentials with a client certificate that never changes. */
function alongside(certificate: Credential, credentials: Credentials): Credentials {
  if (certificate.certificate === undefined) return credentials;
  return {
    current: async (signal) => ({ ...certificate, ...(await credentials.current(signal)) }),
    renew: async (used, signal) => {
      const newer = await credentials.renew?.(used, signal);
      return newer === undefined ? undefined : { ...certificate, ...newer };
    },
  };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: KubeUser): Connection['headers'] {
  const { impersonate } = user;
  if (impersonate === undefined) return {};
  if (impersonate.user === undefined) throw invalid(user.file, 'as-uid, as-groups and as-user-extra need "as" beside them');
  const headers: Connection['headers'] = { 'impersonate-user': impersonate.user };
  if (impersonate.uid !== undefined) headers['impersonate-uid'] = impersonate.uid;
  if (impersonate.groups.length > 0) headers['impersonate-group'] = impersonate.groups;
  for (const [key, values] of Object.entries(impersonate.extra)) headers[`impersonate-extra-${headerKey(key)}`] = values;
  return headers;
}

/** Percent-encodes what cannot stand in a header's name, as client-go does. */
function headerKey(key: string): string {
  const unreserved = /[A-Za-z0-9!#$&'*+.^_`|~-]/;
  return [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const c = String.fromCharCode(byte);
      return unreserved.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
