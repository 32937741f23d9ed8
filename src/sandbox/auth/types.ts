/** Who sends a request. */
export interface User {
  name: string;
  uid: string;
  groups: string[];
}

export const administrator: User = { name: 'kubernetes-admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] };

export const anonymous: User = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'] };
