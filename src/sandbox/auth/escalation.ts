import { equalJson, type KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';
import type { Api } from '../rest/api.js';
import { forbidden } from '../rest/status.js';
import type { Loose } from '../strategy/types.js';
import { isAllowed, missingRole, roleRules, rulesOf } from './rbac.js';
import { describeRule, goList, type PolicyRule, uncovered } from './rules.js';
import type { User } from './types.js';

const rbac = 'rbac.authorization.k8s.io';
const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Keeps people from granting what they do not have themselves: to be asked before a role or a binding is written.
 * @throws ApiError 403, or 404 where a binding names a role that is not there
 */
export function checkEscalation(api: Api, user: User, type: ResourceType, next: KubeObject, old: KubeObject | undefined): void {
  if (type.group !== rbac || user.groups.includes('system:masters')) return;
  if (type.plural === 'roles' || type.plural === 'clusterroles') checkRole(api, user, type, next, old);
  else if (type.plural === 'rolebindings' || type.plural === 'clusterrolebindings') checkBinding(api, user, type, next, old);
}

function checkRole(api: Api, user: User, type: ResourceType, next: Loose, old: Loose | undefined): void {
  if (old && equalJson(next.rules ?? [], old.rules ?? []) && equalJson(next.aggregationRule ?? null, old.aggregationRule ?? null)) return;
  const namespace = type.namespaced ? (next.metadata.namespace ?? '') : '';
  const name = next.metadata.name ?? '';
  if (isAllowed(api, user, { verb: 'escalate', group: rbac, resource: type.plural, namespace, name })) return;
  const missing = missingRights(api, user, namespace, next.rules ?? []);
  if (missing !== undefined) throw forbidden(type, name, missing);
  const gathers = type.plural === 'clusterroles' && (next.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
  if (gathers && missingRights(api, user, '', everything) !== undefined)
    throw forbidden(type, name, 'must have cluster-admin privileges to use an aggregationRule');
}

function checkBinding(api: Api, user: User, type: ResourceType, next: Loose, old: Loose | undefined): void {
  if (old && equalJson(next.roleRef, old.roleRef) && equalJson(next.subjects ?? [], old.subjects ?? [])) return;
  const namespace = type.namespaced ? (next.metadata.namespace ?? '') : '';
  const { roleRef = {} } = next;
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (isAllowed(api, user, { verb: 'bind', group: rbac, resource, namespace, name: roleRef.name ?? '' })) return;
  const rules = roleRules(api, roleRef, namespace);
  if (!rules) throw missingRole(roleRef);
  const missing = missingRights(api, user, namespace, rules);
  if (missing !== undefined) throw forbidden(type, next.metadata.name ?? '', missing);
}

/** What somebody lacks of some rules, as a sentence. */
function missingRights(api: Api, user: User, namespace: string, wanted: readonly PolicyRule[]): string | undefined {
  const { rules, problem } = rulesOf(api, user, namespace);
  const missing = uncovered(rules, wanted);
  if (missing.length === 0) return undefined;
  const lines = [...new Set(missing.map(describeRule))].sort();
  const resolution = problem === '' ? '' : `; resolution errors: [${problem}]`;
  return `user ${JSON.stringify(user.name)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${resolution}`;
}
