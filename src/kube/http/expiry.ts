import { X509Certificate } from 'node:crypto';
import { formatTime, parseJson } from '../../model/index.js';
import type { Credential } from '../connection.js';
import { isRecord } from '../objects.js';

/** A sentence where the credential has run out, by its own account; for the hint beside a 401. */
export function expiryNote(credential: Credential | undefined, now: number): string | undefined {
  const token = tokenExpiry(credential?.authorization);
  if (token !== undefined && token <= now) return `The token expired at ${formatTime(token)}: sign in again, or renew it.`;
  const certificate = certificateExpiry(credential?.certificate?.cert);
  if (certificate !== undefined && certificate <= now)
    return `The client certificate expired at ${formatTime(certificate)}: fetch the kubeconfig again, or renew it.`;
  return undefined;
}

/** The `exp` claim of a JSON Web Token, in milliseconds. */
function tokenExpiry(authorization: string | undefined): number | undefined {
  const claims = /^Bearer [^.]+\.([^.]+)\.[^.]*$/.exec(authorization ?? '')?.[1];
  if (claims === undefined) return undefined;
  try {
    const read = parseJson(Buffer.from(claims, 'base64url').toString('utf8'));
    const exp = isRecord(read) ? read['exp'] : undefined;
    return typeof exp === 'number' && exp > 0 && exp < 1e11 ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function certificateExpiry(pem: string | undefined): number | undefined {
  if (pem === undefined) return undefined;
  try {
    const time = Date.parse(new X509Certificate(pem).validTo);
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}
