import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, parseJson } from '../../model/index.js';

/** What a token says of the service account that it stands for. */
export interface TokenClaims {
  user: string;
  uid?: string;
  audiences?: string[];
  /** The object that the token ends with. */
  bound?: { kind: string; name: string; uid: string };
}

/** Tokens of service accounts: signed by this server, good until they expire. */
export interface IssuedTokens {
  issue(claims: TokenClaims, seconds: number): string;
  /** Undefined where the token is none of ours or has expired. */
  verify(token: string): TokenClaims | undefined;
}

export const defaultAudience = 'https://kubernetes.default.svc.cluster.local';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** JSON Web Tokens with the claims that Kubernetes puts into its own, signed with a key that never leaves the server. */
export function issuedTokens(key: Uint8Array, clock: Clock): IssuedTokens {
  const sign = (body: string) => createHmac('sha256', key).update(body).digest('base64url');
  return {
    issue({ user, uid, audiences, bound }, seconds) {
      const now = Math.floor(clock.now() / 1000);
      const [, , namespace, name] = user.split(':');
      const about = {
        namespace,
        serviceaccount: { name, uid: uid ?? '' },
        ...(bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}),
      };
      const claims = {
        aud: audiences ?? [defaultAudience],
        exp: now + seconds,
        iat: now,
        iss: defaultAudience,
        'kubernetes.io': about,
        nbf: now,
        sub: user,
      };
      const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
      return `${body}.${sign(body)}`;
    },
    verify(token) {
      const parts = token.split('.');
      if (parts.length !== 3) return undefined;
      const given = Buffer.from(parts[2] as string);
      const wanted = Buffer.from(sign(`${parts[0]}.${parts[1]}`));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      const claims = parseJson(Buffer.from(parts[1] as string, 'base64url').toString('utf8')) as unknown as Claims;
      if (claims.exp * 1000 < clock.now()) return undefined;
      const about = claims['kubernetes.io'];
      const kind = (['pod', 'secret', 'node'] as const).find((k) => about[k]);
      return {
        user: claims.sub,
        uid: about.serviceaccount.uid,
        audiences: claims.aud,
        ...(kind ? { bound: { kind, ...(about[kind] as Named) } } : {}),
      };
    },
  };
}

interface Named {
  name: string;
  uid: string;
}

interface Claims {
  exp: number;
  sub: string;
  aud: string[];
  'kubernetes.io': { serviceaccount: Named; pod?: Named; secret?: Named; node?: Named };
}
