import { timingSafeEqual } from 'node:crypto';
import type { Api } from '../rest/api.js';
import type { TokenUser } from './tokens.js';
import { anonymous, type User } from './types.js';

/** The user of an Authorization header; anonymous where there is none; undefined where the token is not known. */
export function authenticate(api: Api, users: ReadonlyMap<string, TokenUser>, header: string | undefined): User | undefined {
  if (header === undefined) return anonymous;
  const token = /^bearer (.+)$/i.exec(header.trim())?.[1]?.trim();
  if (token === undefined) return anonymous;
  for (const [known, user] of users) if (same(known, token)) return { ...user, groups: [...user.groups, 'system:authenticated'] };
  return api.tokens.verify(token);
}

function same(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}
