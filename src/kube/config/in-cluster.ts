import type { Clock } from '../../model/index.js';
import { EvenkeelError, systemClock } from '../../model/index.js';
import type { Connection } from '../connection.js';
import { type ReadFile, readTextFile } from './load.js';
import { tokenFileCredentials } from './token-file.js';

export interface InClusterOptions {
  env: { [name: string]: string | undefined };
  clock?: Clock;
  readFile?: ReadFile;
  /** Default /var/run/secrets/kubernetes.io/serviceaccount. */
  directory?: string;
}

/** Whether this process runs in a pod: Kubernetes sets these in every container. */
export function isInCluster(env: { [name: string]: string | undefined }): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST'] && env['KUBERNETES_SERVICE_PORT']);
}

/**
 * The cluster that this process runs in, as its ServiceAccount.
 * @throws EvenkeelError KUBE_CONFIG_NOT_FOUND where this is no pod, or no token is mounted
 */
export async function inCluster(options: InClusterOptions): Promise<Connection> {
  const { env, clock = systemClock, readFile = readTextFile, directory = '/var/run/secrets/kubernetes.io/serviceaccount' } = options;
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port)
    throw new EvenkeelError('KUBE_CONFIG_NOT_FOUND', 'This process does not run in a pod of a cluster', {
      hint: 'Name a kubeconfig or a context. In a pod, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are set.',
    });
  const read = async (name: string) => {
    try {
      return await readFile(`${directory}/${name}`);
    } catch {
      return undefined;
    }
  };
  const [authority, namespace] = await Promise.all([read('ca.crt'), read('namespace')]);
  const credentials = tokenFileCredentials({ path: `${directory}/token`, clock, readFile });
  // Asked for now, so that a pod without a token says so at once.
  await credentials.current();
  return {
    name: 'in-cluster',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(namespace === undefined || namespace.trim() === '' ? {} : { namespace: namespace.trim() }),
    tls: { ...(authority === undefined ? {} : { authority }), insecure: false },
    compression: true,
    headers: {},
    credentials,
  };
}
