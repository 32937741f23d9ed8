import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

export interface ServerCertificate {
  /** PEM of the authority that clients trust. */
  ca: string;
  cert: string;
  key: string;
}

const years = 10;

/** A certificate authority and a server certificate under it, for local names and the hosts given. */
export async function makeCertificate(now: number, hosts: readonly string[]): Promise<ServerCertificate> {
  const { generate } = await import('selfsigned');
  // A clock that lags behind a little must not find the certificate in its future.
  const dates = { notBeforeDate: new Date(now - 3_600_000), notAfterDate: new Date(now + years * 365.25 * 86_400_000) };
  const authority = await generate([{ name: 'commonName', value: 'evenkeel sandbox CA' }], {
    ...dates,
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const names = [...new Set(['127.0.0.1', '::1', 'localhost', 'kubernetes', 'kubernetes.default.svc', ...hosts])];
  const server = await generate([{ name: 'commonName', value: 'evenkeel sandbox' }], {
    ...dates,
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name })),
      },
    ],
  });
  return { ca: authority.cert, cert: server.cert, key: server.private };
}

/** Whether a kept certificate still does for these hosts at this time. */
export function coversHosts(kept: ServerCertificate, now: number, hosts: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(kept.cert);
    const valid = Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo) - 86_400_000;
    return valid && hosts.every((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined);
  } catch {
    return false;
  }
}
