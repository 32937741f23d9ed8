import type { Clock } from '../../model/index.js';
import { EvenkeelError } from '../../model/index.js';
import type { Credentials } from '../connection.js';
import type { ReadFile } from './load.js';

export interface TokenFileOptions {
  path: string;
  /** Used where the file cannot be read. */
  fallback?: string;
  clock: Clock;
  readFile: ReadFile;
}

const GOOD_FOR = 60_000;

/** A bearer token in a file that something else renews: read again every minute, and after a 401. */
export function tokenFileCredentials({ path, fallback, clock, readFile }: TokenFileOptions): Credentials {
  let kept: { token: string; authorization: string; readAt: number } | undefined;

  const read = async () => {
    let token: string;
    try {
      token = (await readFile(path)).trim();
    } catch (thrown) {
      token = kept?.token ?? fallback ?? '';
      if (token === '') throw missing(path, (thrown as { code?: string }).code ?? 'unknown reason');
    }
    if (token === '') token = kept?.token ?? fallback ?? '';
    if (token === '') throw missing(path, 'it is empty');
    kept = { token, authorization: `Bearer ${token}`, readAt: clock.now() };
    return { authorization: kept.authorization };
  };

  return {
    current: () => (kept !== undefined && clock.now() - kept.readAt < GOOD_FOR ? { authorization: kept.authorization } : read()),
    async renew(used) {
      const fresh = await read();
      return fresh.authorization === used.authorization ? undefined : fresh;
    },
  };
}

function missing(path: string, why: string): EvenkeelError {
  return new EvenkeelError('KUBE_CONFIG_NOT_FOUND', `The token file ${path} cannot be read (${why})`, {
    where: { file: path },
    hint: 'Check tokenFile in the kubeconfig, or that the ServiceAccount token is mounted.',
  });
}
