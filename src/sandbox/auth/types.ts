/** Who sends a request. */
export interface User {
  name: string;
  uid: string;
  groups: string[];
  extra?: { [key: string]: string[] };
}

export const administrator: User = { name: 'kubernetes-admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] };

export const anonymous: User = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'] };

/** Namespace and name of the service account that a user is; undefined for other users. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  const [system, kind, namespace, name, ...rest] = user.split(':');
  if (system !== 'system' || kind !== 'serviceaccount' || !namespace || !name || rest.length > 0) return undefined;
  return { namespace, name };
}

export const serviceAccountGroups = (namespace: string): string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
