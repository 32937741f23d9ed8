import type { Clock } from '../../model/index.js';
import { EvenkeelError, isAbort, parseJson, printable, redactUrls, stringifyJson } from '../../model/index.js';
import { orCancelled } from '../cancel.js';
import type { Credential, Credentials } from '../connection.js';
import { isRecord } from '../objects.js';
import { runProgram } from './run-program.js';
import type { ExecPlugin } from './types.js';

/** What a plugin is told of the cluster where it asks for it. */
export interface ExecClusterInfo {
  server: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  /** Base64 of PEM. */
  'certificate-authority-data'?: string;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
  config?: unknown;
}

export interface ExecOptions {
  plugin: ExecPlugin;
  cluster: ExecClusterInfo;
  /** The environment that the program starts with; the plugin's own variables come on top. */
  env: { [name: string]: string | undefined };
  /** Whether a person sits at a terminal that the program may use. */
  interactive: boolean;
  clock: Clock;
  timeoutMs: number;
  /** Where the entry stands. */
  file: string;
}

interface Got {
  credential: Credential;
  /** Milliseconds since the epoch; undefined keeps it until the server refuses it. */
  expires: number | undefined;
}

const GROUP = 'client.authentication.k8s.io';
const VERSIONS = [`${GROUP}/v1`, `${GROUP}/v1beta1`];

/**
 * Credentials from a program, as client-go's exec plugins: run when needed, kept until they expire or the
 * server answers 401, never run twice at the same time.
 * @throws EvenkeelError KUBE_EXEC_FAILED, KUBE_CREDENTIALS_UNSUPPORTED
 */
export function execCredentials(options: ExecOptions): Credentials {
  const { plugin, clock } = options;
  if (!VERSIONS.includes(plugin.apiVersion))
    throw new EvenkeelError(
      'KUBE_CREDENTIALS_UNSUPPORTED',
      `${plugin.command} speaks ${printable(plugin.apiVersion)}, which is not supported`,
      {
        where: { file: options.file },
        hint: `Use a version of it that speaks ${VERSIONS.join(' or ')}, and set apiVersion of the exec entry to that.`,
      },
    );
  if (plugin.interactiveMode === 'Always' && !options.interactive)
    throw new EvenkeelError('KUBE_CREDENTIALS_UNSUPPORTED', `${plugin.command} needs a person at a terminal, and there is none`, {
      where: { file: options.file },
      hint: 'Use credentials that need nobody, such as a token of a ServiceAccount.',
    });
  let kept: Got | undefined;
  let running: Promise<Got> | undefined;

  const run = (): Promise<Got> => {
    running ??= ask(options)
      .then((got) => {
        kept = got;
        return got;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    current(signal) {
      if (kept !== undefined && (kept.expires === undefined || clock.now() < kept.expires)) return kept.credential;
      return orCancelled(run(), signal).then((got) => got.credential);
    },
    async renew(used, signal) {
      // Another request has brought newer ones in the meantime.
      if (kept !== undefined && !same(kept.credential, used)) return kept.credential;
      return (await orCancelled(run(), signal)).credential;
    },
  };
}

function same(a: Credential, b: Credential): boolean {
  return a.authorization === b.authorization && (a.certificate === undefined || a.certificate.cert === b.certificate?.cert);
}

async function ask(options: ExecOptions): Promise<Got> {
  const { plugin } = options;
  const attached = options.interactive && plugin.interactiveMode !== 'Never';
  const info = stringifyJson({
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: attached, ...(plugin.provideClusterInfo ? { cluster: options.cluster } : {}) },
  });
  const env = { ...options.env, ...Object.fromEntries(plugin.env.map((v) => [v.name, v.value])), KUBERNETES_EXEC_INFO: info };
  try {
    const ran = await runProgram({
      command: plugin.command,
      args: plugin.args,
      env,
      attached,
      clock: options.clock,
      timeoutMs: options.timeoutMs,
    });
    if (ran.outcome !== 'ok') throw failed(options, ran.outcome, ran.stderr);
    return read(options, ran.stdout);
  } catch (thrown) {
    if (thrown instanceof EvenkeelError || isAbort(thrown)) throw thrown;
    const missing = (thrown as { code?: string }).code === 'ENOENT';
    throw failed(
      options,
      missing ? 'is not installed' : `could not be started (${(thrown as { code?: string }).code ?? 'unknown reason'})`,
      '',
    );
  }
}

/** Error texts hold what the program wrote to standard error, never its output. */
function failed(options: ExecOptions, what: string, stderr: string): EvenkeelError {
  const said = redactUrls(printable(stderr.trim())).slice(-500);
  const { command, installHint } = options.plugin;
  return new EvenkeelError('KUBE_EXEC_FAILED', `The credential program ${command} ${what}${said === '' ? '' : `: ${said}`}`, {
    where: { file: options.file },
    hint:
      installHint === undefined
        ? `Run ${command} yourself to see what it wants; signing in again often helps.`
        : printable(installHint).slice(0, 2000),
  });
}

function read(options: ExecOptions, output: string): Got {
  let json: unknown;
  try {
    json = parseJson(output);
  } catch {
    throw failed(options, 'did not write JSON', '');
  }
  const { apiVersion } = options.plugin;
  if (!isRecord(json) || json['kind'] !== 'ExecCredential') throw failed(options, 'did not write an ExecCredential', '');
  if (json['apiVersion'] !== apiVersion) throw failed(options, `answered in another version than ${apiVersion}`, '');
  const { status } = json;
  if (!isRecord(status)) throw failed(options, 'wrote an ExecCredential without a status', '');
  const field = (name: string) => (typeof status[name] === 'string' && status[name] !== '' ? status[name] : undefined);
  const token = field('token');
  const cert = field('clientCertificateData');
  const key = field('clientKeyData');
  if ((cert === undefined) !== (key === undefined)) throw failed(options, 'wrote only one of certificate and key', '');
  if (token === undefined && cert === undefined) throw failed(options, 'wrote neither a token nor a certificate', '');
  const stamp = field('expirationTimestamp');
  const expires = stamp === undefined ? undefined : Date.parse(stamp);
  if (expires !== undefined && Number.isNaN(expires)) throw failed(options, 'wrote an expirationTimestamp that is no time', '');
  return {
    credential: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    },
    expires,
  };
}
