import type { Api } from '../rest/api.js';
import type { RequestInfo } from '../rest/request.js';
import { type ApiError, failure } from '../rest/status.js';
import type { Loose } from '../strategy/types.js';
import { type Access, type PolicyRule, ruleAllows } from './rules.js';
import { serviceAccountOf, type User } from './types.js';

const rbac = 'rbac.authorization.k8s.io';

/** A rule that holds for somebody, and the binding that it comes from. */
interface Granted {
  rule: PolicyRule;
  source: string;
}

interface Grants {
  granted: Granted[];
  /** Roles that bindings name and that are not there. */
  problems: string[];
}

export interface Decision {
  allowed: boolean;
  /** Why; '' where there is nothing to say. */
  reason: string;
}

/** Whether roles and bindings allow a user something; system:masters may do anything. */
export function decide(api: Api, user: User, access: Access): Decision {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
  const { granted, problems } = grantsOf(api, user, access.namespace ?? '');
  const found = granted.find(({ rule }) => ruleAllows(rule, access));
  if (found) return { allowed: true, reason: `RBAC: allowed by ${found.source}` };
  return { allowed: false, reason: problems.length === 0 ? '' : `RBAC: ${aggregate(problems)}` };
}

/** Errors as Go's aggregates print them. */
function aggregate(problems: readonly string[]): string {
  const all = [...new Set(problems)];
  return all.length === 1 ? (all[0] as string) : `[${all.join(', ')}]`;
}

export const isAllowed = (api: Api, user: User, access: Access): boolean => decide(api, user, access).allowed;

/** Rules that hold for a user in a namespace, from all bindings. */
export function rulesOf(api: Api, user: User, namespace: string): { rules: PolicyRule[]; problem: string } {
  const { granted, problems } = grantsOf(api, user, namespace);
  return { rules: granted.map((g) => g.rule), problem: problems.length === 0 ? '' : aggregate(problems) };
}

function grantsOf(api: Api, user: User, namespace: string): Grants {
  const out: Grants = { granted: [], problems: [] };
  collect(api, user, '', out);
  if (namespace !== '') collect(api, user, namespace, out);
  return out;
}

function collect(api: Api, user: User, namespace: string, out: Grants): void {
  const plural = namespace === '' ? 'clusterrolebindings' : 'rolebindings';
  for (const key of api.store.keys(`${plural}.${rbac}`, namespace)) {
    const binding = read(api, plural, key);
    const subject = binding?.subjects?.find((s: Loose) => isSubject(s, user, namespace));
    if (!subject) continue;
    const rules = roleRules(api, binding.roleRef, namespace);
    if (!rules) out.problems.push(missingRole(binding.roleRef).message);
    const source = describe(binding, subject, namespace);
    for (const rule of rules ?? []) out.granted.push({ rule, source });
  }
}

function read(api: Api, plural: string, key: string): Loose | undefined {
  const text = api.store.get(`${plural}.${rbac}`, key)?.text;
  return text === undefined ? undefined : api.store.parse(text);
}

function isSubject(subject: Loose, user: User, namespace: string): boolean {
  if (subject.kind === 'User') return subject.name === user.name;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  if (subject.kind !== 'ServiceAccount') return false;
  const account = serviceAccountOf(user.name);
  return account !== undefined && account.name === subject.name && account.namespace === (subject.namespace || namespace);
}

function describe({ metadata, roleRef }: Loose, subject: Loose, namespace: string): string {
  const quote = (text: string) => JSON.stringify(text);
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  const binding = namespace === '' ? `ClusterRoleBinding ${quote(metadata.name)}` : `RoleBinding ${quote(`${metadata.name}/${namespace}`)}`;
  return `${binding} of ${roleRef.kind} ${quote(roleRef.name)} to ${subject.kind} ${quote(who)}`;
}

/** The rules of the role that a binding names; undefined where there is none. */
export function roleRules(api: Api, ref: Loose, namespace: string): PolicyRule[] | undefined {
  const role = ref.kind === 'ClusterRole' ? read(api, 'clusterroles', `/${ref.name}`) : read(api, 'roles', `${namespace}/${ref.name}`);
  return role && (role.rules ?? []);
}

/** 404 for a role that a binding names. */
export function missingRole(ref: Loose): ApiError {
  const kind = ref.kind === 'ClusterRole' ? 'clusterrole' : 'role';
  return failure(404, 'NotFound', `${kind}.${rbac} ${JSON.stringify(ref.name ?? '')} not found`, { name: ref.name, group: rbac, kind });
}

function accessOf(info: RequestInfo): Access {
  if (!info.isResource) return { verb: info.verb, path: info.path };
  const { verb, group, resource, subresource, namespace, name } = info;
  return { verb, group, resource, subresource, namespace, name };
}

/** @throws ApiError 403 as the API server words it */
export function checkAccess(api: Api, user: User, info: RequestInfo): void {
  requireAccess(api, user, accessOf(info));
}

/** @throws ApiError 403 as the API server words it */
export function requireAccess(api: Api, user: User, access: Access): void {
  const { allowed, reason } = decide(api, user, access);
  if (!allowed) throw refusal(user, access, reason);
}

function refusal(user: User, access: Access, reason: string): ApiError {
  const who = `User ${JSON.stringify(user.name)} cannot ${access.verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (access.path !== undefined) return failure(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(access.path)}${because}`, {});
  const { group = '', resource = '', subresource, namespace, name } = access;
  const whole = subresource ? `${resource}/${subresource}` : resource;
  const scope = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return failure(
    403,
    'Forbidden',
    `${qualified}${name ? ` ${JSON.stringify(name)}` : ''} is forbidden: ${who} resource ${JSON.stringify(whole)} in API group ${JSON.stringify(group)} ${scope}${because}`,
    { ...(name ? { name } : {}), ...(group === '' ? {} : { group }), kind: resource },
  );
}
