import { dirname, resolve } from 'node:path';
import { parseYaml } from '../../manifest/index.js';
import { EvenkeelError } from '../../model/index.js';
import { type Reader, reader } from './fields.js';
import type { ExecPlugin, KubeClusterEntry, KubeContext, Kubeconfig, KubeUser } from './types.js';

/**
 * Reads one kubeconfig file's text. Relative paths are taken from the folder of the file; fields that
 * kubectl does not know are passed over, as kubectl does.
 *
 * Only a file that the person at the keyboard chose may come here: it can name programs to run.
 * @throws EvenkeelError KUBE_CONFIG_INVALID
 */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const root = readYaml(text, file);
  const kind = root.text('kind');
  if (kind !== undefined && kind !== 'Config') throw root.fail(`its kind is ${kind}, not Config`, 'kind');
  const apiVersion = root.text('apiVersion');
  if (apiVersion !== undefined && apiVersion !== 'v1') throw root.fail(`its apiVersion is ${apiVersion}, not v1`, 'apiVersion');
  const currentContext = root.text('current-context');
  return {
    ...(currentContext === undefined ? {} : { currentContext }),
    contexts: named(root, 'contexts', (entry) => readContext(entry.part('context'), file)),
    clusters: named(root, 'clusters', (entry) => readCluster(entry.part('cluster'), file)),
    users: named(root, 'users', (entry) => readUser(entry.part('user'), file)),
    files: [file],
  };
}

function readYaml(text: string, file: string): Reader {
  try {
    // An empty file is an empty configuration; of several documents kubectl reads the first.
    return reader(parseYaml(text, { file })[0]?.value ?? {}, file);
  } catch (thrown) {
    if (!(thrown instanceof EvenkeelError) || thrown.code === 'KUBE_CONFIG_INVALID') throw thrown;
    // The parser's message may quote what stands at the fault, which may be a token: only the place is told.
    throw new EvenkeelError('KUBE_CONFIG_INVALID', `The kubeconfig ${file} is not YAML that Kubernetes reads`, {
      where: thrown.where,
      hint: 'Correct the file; "kubectl config view" reads it by the same rules.',
    });
  }
}

function named<T>(root: Reader, list: string, read: (entry: Reader) => T): Map<string, T> {
  const found = new Map<string, T>();
  for (const entry of root.parts(list)) {
    const name = entry.text('name') ?? '';
    if (found.has(name)) throw entry.fail(`${list} has two entries named "${name}"`, `${entry.at}.name`);
    found.set(name, read(entry));
  }
  return found;
}

function readContext(context: Reader | undefined, file: string): KubeContext {
  return defined({
    file,
    cluster: context?.text('cluster') ?? '',
    user: context?.text('user') ?? '',
    namespace: context?.text('namespace'),
  });
}

function readCluster(cluster: Reader | undefined, file: string): KubeClusterEntry {
  const extensions = cluster?.parts('extensions') ?? [];
  const forExec = extensions.find((e) => e.raw('name') === 'client.authentication.k8s.io/exec');
  return defined({
    file,
    server: cluster?.text('server') ?? '',
    tlsServerName: cluster?.text('tls-server-name'),
    insecureSkipTlsVerify: cluster?.flag('insecure-skip-tls-verify') ?? false,
    authorityData: decoded(cluster, 'certificate-authority-data'),
    authorityFile: path(file, cluster?.text('certificate-authority')),
    proxyUrl: cluster?.text('proxy-url'),
    disableCompression: cluster?.flag('disable-compression') ?? false,
    execConfig: forExec?.raw('extension'),
  });
}

function readUser(user: Reader | undefined, file: string): KubeUser {
  const groups = user?.texts('as-groups') ?? [];
  const extra = user?.part('as-user-extra');
  const as = defined({
    user: user?.text('as'),
    uid: user?.text('as-uid'),
    groups,
    extra: Object.fromEntries((extra?.keys() ?? []).map((key) => [key, extra?.texts(key) ?? []])),
  });
  const impersonates = as.user !== undefined || as.uid !== undefined || groups.length > 0 || Object.keys(as.extra).length > 0;
  return defined({
    file,
    certificateData: decoded(user, 'client-certificate-data'),
    certificateFile: path(file, user?.text('client-certificate')),
    keyData: decoded(user, 'client-key-data'),
    keyFile: path(file, user?.text('client-key')),
    token: user?.text('token'),
    tokenFile: path(file, user?.text('tokenFile')),
    username: user?.text('username'),
    password: user?.text('password'),
    impersonate: impersonates ? as : undefined,
    authProvider: user?.part('auth-provider')?.text('name'),
    exec: readExec(user?.part('exec'), file),
  });
}

const MODES = ['Never', 'IfAvailable', 'Always'] as const;

function readExec(exec: Reader | undefined, file: string): ExecPlugin | undefined {
  if (exec === undefined) return undefined;
  const command = exec.text('command');
  if (command === undefined) throw exec.fail(`${exec.at}.command is missing`, `${exec.at}.command`);
  const apiVersion = exec.text('apiVersion');
  if (apiVersion === undefined) throw exec.fail(`${exec.at}.apiVersion is missing`, `${exec.at}.apiVersion`);
  const mode = exec.text('interactiveMode');
  if (mode === undefined && apiVersion.endsWith('/v1'))
    throw exec.fail(`${exec.at}.interactiveMode is missing, which ${apiVersion} requires`, `${exec.at}.interactiveMode`);
  const interactiveMode = MODES.find((m) => m === (mode ?? 'IfAvailable'));
  if (interactiveMode === undefined)
    throw exec.fail(`${exec.at}.interactiveMode is none of ${MODES.join(', ')}`, `${exec.at}.interactiveMode`);
  return defined({
    apiVersion,
    // A bare name is looked up in PATH; anything with a slash is a path, from the folder of the file.
    command: command.includes('/') ? resolve(dirname(file), command) : command,
    args: exec.texts('args'),
    env: exec.parts('env').map((variable) => {
      const name = variable.text('name');
      if (name === undefined) throw variable.fail(`${variable.at}.name is missing`, `${variable.at}.name`);
      return { name, value: variable.text('value') ?? '' };
    }),
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo'),
    interactiveMode,
  });
}

function path(file: string, given: string | undefined): string | undefined {
  return given === undefined ? undefined : resolve(dirname(file), given);
}

function decoded(from: Reader | undefined, key: string): string | undefined {
  const given = from?.text(key)?.replace(/\s+/g, '');
  if (from === undefined || given === undefined || given === '') return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(given) || given.length % 4 !== 0)
    throw from.fail(`${from.at}.${key} is not base64`, `${from.at}.${key}`);
  return Buffer.from(given, 'base64').toString('utf8');
}

/** Leaves out what is undefined. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
