import { asEvenkeelError, EvenkeelError } from '../../model/index.js';
import type { ModuleHost } from '../host.js';

const reasons: { [code: string]: string } = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was dropped',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  UND_ERR_SOCKET: 'the connection was dropped',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** What undici threw, explained, and without anything that it quotes. */
export function failureOf(
  error: unknown,
  { shown, timeoutMs, host, timedOut }: { shown: string; timeoutMs: number; host: Pick<ModuleHost, 'signal'>; timedOut: boolean },
): EvenkeelError {
  if (host.signal.aborted) return new EvenkeelError('CANCELLED', `the request to ${shown} was stopped`, { cause: host.signal.reason });
  const code = codeOf(error);
  // A mistake of ours is not the network's.
  if (code === '' && error instanceof TypeError) return asEvenkeelError(error);
  if (timedOut || timeouts.has(code))
    return new EvenkeelError('NET_TIMEOUT', `${shown} did not answer within ${timeoutMs / 1000} s`, {
      hint: 'Give it more time: timeout.',
    });
  if (code.startsWith('UND_ERR_INVALID') || code === 'UND_ERR_NOT_SUPPORTED')
    return new EvenkeelError('NET_REFUSED', `the request to ${shown} has a header or method that HTTP does not know`, {
      where: { field: 'headers' },
    });
  const reason = reasons[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`);
  return new EvenkeelError('NET_UNREACHABLE', `${shown} cannot be reached: ${reason}`, {
    hint: 'Check the URL, and the network from this machine.',
  });
}

function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const inner = at instanceof AggregateError ? at.errors[0] : at;
    const { code } = inner as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return '';
}
