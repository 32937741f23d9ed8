import type { CredentialsOptions } from '../../gitops/index.js';
import { type Credentials, normaliseUrl } from '../../source/index.js';
import type { ModuleHost } from '../host.js';

export type GitHost = Pick<ModuleHost, 'git' | 'env' | 'signal' | 'workingDirectory' | 'folders' | 'secrets'>;

/** Secrets in them are masked from then on. */
export function credentialsOf(host: Pick<ModuleHost, 'secrets'>, given: CredentialsOptions | undefined): Credentials | undefined {
  if (given === undefined) return undefined;
  for (const secret of [given.token, given.password, given.sshKey]) if (secret !== undefined && secret !== '') host.secrets.add(secret);
  return given as Credentials;
}

/** A URL that may hold a password is remembered as a secret. */
export function remoteOf(host: GitHost, url: string): string {
  const { password } = normaliseUrl(url, host.workingDirectory);
  if (password !== undefined) host.secrets.add(password);
  return url;
}
