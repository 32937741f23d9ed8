import { timingSafeEqual } from 'node:crypto';
import type { Api } from '../rest/api.js';
import { defaultAudience, type TokenClaims } from './issued.js';
import type { TokenUser } from './tokens.js';
import { anonymous, serviceAccountGroups, serviceAccountOf, type User } from './types.js';

const files = new WeakMap<Api, ReadonlyMap<string, TokenUser>>();

/** The user of an Authorization header; anonymous where there is none; undefined where the token is not known. */
export function authenticate(api: Api, users: ReadonlyMap<string, TokenUser>, header: string | undefined): User | undefined {
  files.set(api, users);
  const token = /^bearer +(\S.*)$/i.exec(header?.trim() ?? '')?.[1]?.split(' ')[0];
  return token === undefined ? anonymous : authenticateToken(api, token)?.user;
}

export interface Authenticated {
  user: User;
  audiences: string[];
}

/** Whose a token is: one of the token file, or a service account's that still stands. */
export function authenticateToken(api: Api, token: string, audiences: readonly string[] = [defaultAudience]): Authenticated | undefined {
  const good = audiences.filter((a) => a === defaultAudience);
  for (const [known, user] of files.get(api) ?? [])
    if (same(known, token) && good.length > 0)
      return { user: { ...user, groups: [...user.groups, 'system:authenticated'] }, audiences: good };
  const claims = api.tokens.verify(token);
  const matching = audiences.filter((a) => claims?.audiences?.includes(a));
  const user = claims && matching.length > 0 ? accountUser(api, claims) : undefined;
  return user && { user, audiences: matching };
}

function accountUser(api: Api, claims: TokenClaims): User | undefined {
  const account = serviceAccountOf(claims.user);
  if (!account) return undefined;
  const { namespace, name } = account;
  if (!isThere(api, 'serviceaccounts.', `${namespace}/${name}`, claims.uid)) return undefined;
  const { bound } = claims;
  if (bound && !isThere(api, `${bound.kind}s.`, `${bound.kind === 'node' ? '' : namespace}/${bound.name}`, bound.uid)) return undefined;
  const about = (key: string, value: string) => ({ [`authentication.kubernetes.io/${key}`]: [value] });
  return {
    name: claims.user,
    uid: claims.uid ?? '',
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
    ...(bound?.kind === 'pod' ? { extra: { ...about('pod-name', bound.name), ...about('pod-uid', bound.uid) } } : {}),
  };
}

function isThere(api: Api, storage: string, key: string, uid: string | undefined): boolean {
  const text = api.store.get(storage, key)?.text;
  return text !== undefined && (!uid || api.store.parse(text).metadata.uid === uid);
}

function same(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}
