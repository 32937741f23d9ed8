import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../model/index.js';
import type { User } from './types.js';

/** Tokens of service accounts: signed by this server, good until they expire. */
export interface IssuedTokens {
  issue(user: string, seconds: number): string;
  /** Undefined where the token is none of ours or has expired. */
  verify(token: string): User | undefined;
}

const prefix = 'evk1';

export function issuedTokens(key: Uint8Array, clock: Clock): IssuedTokens {
  const sign = (body: string) => createHmac('sha256', key).update(body).digest('base64url');
  return {
    issue(user, seconds) {
      const body = `${prefix}.${Buffer.from(JSON.stringify({ user, until: clock.now() + seconds * 1000 })).toString('base64url')}`;
      return `${body}.${sign(body)}`;
    },
    verify(token) {
      const end = token.lastIndexOf('.');
      if (!token.startsWith(`${prefix}.`) || end <= prefix.length) return undefined;
      const body = token.slice(0, end);
      const given = Buffer.from(token.slice(end + 1));
      const wanted = Buffer.from(sign(body));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      const { user, until } = JSON.parse(Buffer.from(body.slice(prefix.length + 1), 'base64url').toString('utf8')) as {
        user: string;
        until: number;
      };
      if (until < clock.now()) return undefined;
      const namespace = user.split(':')[2] ?? '';
      return { name: user, uid: '', groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] };
    },
  };
}
