import type { WireRequest } from '../../model/index.js';
import type { Api } from '../rest/api.js';
import { internalError } from '../rest/status.js';
import { requireAccess } from './rbac.js';
import { anonymous, serviceAccountGroups, serviceAccountOf, type User } from './types.js';

const extraPrefix = 'impersonate-extra-';

/**
 * The user that a request is to be answered as: who sends it, or whom its headers name.
 * @throws ApiError 403 where the sender may not be one of the things that the headers name
 */
export function effectiveUser(api: Api, sender: User, { headers }: WireRequest): User {
  const name = headers['impersonate-user'] ?? '';
  const groups = (headers['impersonate-group'] ?? '').split(', ').filter((g) => g !== '');
  const extra = extrasOf(headers);
  const uid = headers['impersonate-uid'] ?? '';
  if (name === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return sender;
    const asked = [
      ...groups.map((g) => `{Group  ${g}    }`),
      ...Object.entries(extra).flatMap(([key, values]) => values.map((v) => `{UserExtra  ${v}  authentication.k8s.io/v1  ${key}}`)),
      ...(uid === '' ? [] : [`{UID  ${uid}  authentication.k8s.io/v1  }`]),
    ];
    throw internalError(`requested [${asked.join(' ')}] without impersonating a user`);
  }
  const account = serviceAccountOf(name);
  const need = (group: string, resource: string, rest: { name: string; namespace?: string; subresource?: string }) =>
    requireAccess(api, sender, { verb: 'impersonate', group, resource, ...rest });
  if (account) need('', 'serviceaccounts', account);
  else need('', 'users', { name });
  for (const group of groups) need('', 'groups', { name: group });
  for (const [key, values] of Object.entries(extra))
    for (const value of values) need('authentication.k8s.io', 'userextras', { name: value, subresource: key });
  if (uid !== '') need('authentication.k8s.io', 'uids', { name: uid });
  const all = account && groups.length === 0 ? serviceAccountGroups(account.namespace) : groups;
  return { name, uid, groups: withMembership(name, all), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}

/** Everybody is either authenticated or not. */
function withMembership(name: string, groups: string[]): string[] {
  const [out] = anonymous.groups as [string];
  if (name === anonymous.name) return groups.includes(out) ? groups : [...groups, out];
  return groups.includes('system:authenticated') || groups.includes(out) ? groups : [...groups, 'system:authenticated'];
}

function extrasOf(headers: WireRequest['headers']): { [key: string]: string[] } {
  const out = new Map<string, string[]>();
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(extraPrefix)) continue;
    let key = header.slice(extraPrefix.length);
    try {
      key = decodeURIComponent(key);
    } catch {
      // A key that is no escaped text stands for itself.
    }
    out.set(key, value.split(', '));
  }
  return Object.fromEntries(out);
}
