import { EvenkeelError, printable, redactUrls } from '../model/index.js';

/**
 * A request that got no answer, as our error. `details.sent` is false where the request certainly did
 * not reach the server, so that even what must not happen twice may be sent again.
 */
export function explainFailure(thrown: unknown, server: string): EvenkeelError {
  if (thrown instanceof EvenkeelError) return thrown;
  const chain = causes(thrown);
  for (const link of chain) {
    const found = explain(link.code ?? '', server, thrown);
    if (found) return found;
  }
  const text = describe(chain);
  return fail('KUBE_UNREACHABLE', `The connection to ${server} broke: ${text}`, {
    thrown,
    sent: true,
    hint: 'Check the network between here and the API server, and whether the server is restarting.',
  });
}

interface Link {
  code: string | undefined;
  message: string;
}

/** The error and all that stands behind it, outermost first (connecting to several addresses fails as an AggregateError). */
function causes(thrown: unknown): Link[] {
  const links: Link[] = [];
  const visit = (value: unknown, depth: number) => {
    if (!(value instanceof Error) || depth > 8) return;
    const code = (value as { code?: unknown }).code;
    // undici's parser names some of its errors only by their class.
    const named = value.name === 'HTTPParserError' ? 'HPE_INVALID' : undefined;
    links.push({ message: value.message, code: typeof code === 'string' ? code : named });
    visit(value.cause, depth + 1);
    if (value instanceof AggregateError) for (const inner of value.errors) visit(inner, depth + 1);
  };
  visit(thrown, 0);
  return links.length > 0 ? links : [{ message: String(thrown), code: undefined }];
}

function describe(chain: readonly Link[]): string {
  const link = chain.find((l) => l.message !== '') ?? { message: 'no reason given' };
  return printable(redactUrls(link.message)).slice(0, 300);
}

const unreachable: { [code: string]: [what: string, hint: string] } = {
  ECONNREFUSED: [
    'refuses connections',
    'Is the cluster running, and is this the right context? "kubectl cluster-info" asks the same server.',
  ],
  EHOSTUNREACH: ['cannot be reached: no route to the host', 'Check the network or VPN that leads to the cluster.'],
  ENETUNREACH: ['cannot be reached: no route to its network', 'Check the network or VPN that leads to the cluster.'],
  EADDRNOTAVAIL: ['cannot be reached: no local address is free', 'Too many connections are open on this machine; wait or close some.'],
  ETIMEDOUT: ['did not accept a connection in time', 'Check the network, VPN or firewall that leads to the cluster.'],
  UND_ERR_CONNECT_TIMEOUT: ['did not accept a connection in time', 'Check the network, VPN or firewall that leads to the cluster.'],
  ENOTFOUND: [
    'cannot be reached: its host name is not known',
    'Check the name in the kubeconfig (clusters[].cluster.server), DNS, and whether a VPN is needed to resolve it.',
  ],
  EAI_AGAIN: ['cannot be reached: DNS does not answer', 'Check that this machine can resolve names.'],
};

const tls: { [code: string]: [what: string, hint: string] } = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is self-signed and not trusted', authorityHint()],
  SELF_SIGNED_CERT_IN_CHAIN: ['is signed by an unknown authority', authorityHint()],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['is signed by an unknown authority', authorityHint()],
  UNABLE_TO_GET_ISSUER_CERT: ['is signed by an unknown authority', authorityHint()],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['is signed by an unknown authority', authorityHint()],
  CERT_UNTRUSTED: ['is signed by an unknown authority', authorityHint()],
  CERT_SIGNATURE_FAILURE: ['is not signed by the authority that it names', authorityHint()],
  CERT_HAS_EXPIRED: ['has expired', "Renew the API server's certificate, and check the clock of this machine."],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Check the clocks of this machine and of the server.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'is for another host name',
    'Use a name that the certificate holds as the server, or set tls-server-name in the kubeconfig.',
  ],
};

function authorityHint(): string {
  return 'Set certificate-authority-data in the kubeconfig to the authority that signed it. Was the cluster made anew? Then fetch its kubeconfig again.';
}

function explain(code: string, server: string, thrown: unknown): EvenkeelError | undefined {
  const refused = unreachable[code];
  if (refused) return fail('KUBE_UNREACHABLE', `${server} ${refused[0]}`, { thrown, sent: false, hint: refused[1], reason: code });
  const untrusted = tls[code];
  if (untrusted)
    return fail('KUBE_TLS', `The certificate of ${server} ${untrusted[0]}`, { thrown, sent: false, hint: untrusted[1], reason: code });
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return fail('KUBE_TLS', `${server} does not speak TLS`, {
      thrown,
      sent: false,
      reason: code,
      hint: 'Is the server perhaps http:// instead of https://, or is a proxy needed (proxy-url in the kubeconfig)?',
    });
  if (/^ERR_(SSL|TLS|OSSL)_/.test(code) || code === 'EPROTO')
    return fail('KUBE_TLS', `The TLS connection to ${server} failed: ${describe(causes(thrown))}`, {
      thrown,
      sent: false,
      reason: code,
      hint: 'Check client-certificate-data and client-key-data in the kubeconfig: do they belong together, and are they still valid?',
    });
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return fail('KUBE_TIMEOUT', `${server} did not ${code === 'UND_ERR_BODY_TIMEOUT' ? 'finish its answer' : 'answer'} in time`, {
      thrown,
      sent: true,
      reason: code,
      hint: 'The server may be overloaded; try again.',
    });
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return fail('KUBE_BAD_ANSWER', `${server} does not speak HTTP as it should: ${describe(causes(thrown))}`, {
      thrown,
      sent: true,
      reason: code,
      hint: 'Check the address of the server in the kubeconfig, and any proxy in between.',
    });
  return undefined;
}

interface Failed {
  thrown: unknown;
  sent: boolean;
  hint: string;
  reason?: string;
}

function fail(code: 'KUBE_UNREACHABLE' | 'KUBE_TLS' | 'KUBE_TIMEOUT' | 'KUBE_BAD_ANSWER', message: string, failed: Failed): EvenkeelError {
  return new EvenkeelError(code, message, {
    cause: failed.thrown,
    hint: failed.hint,
    details: { sent: failed.sent, ...(failed.reason === undefined ? {} : { reason: failed.reason }) },
  });
}
