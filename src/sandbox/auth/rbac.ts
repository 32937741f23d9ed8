import type { Api } from '../rest/api.js';
import type { RequestInfo } from '../rest/request.js';
import { failure } from '../rest/status.js';
import type { Loose } from '../strategy/types.js';
import type { User } from './types.js';

/** What somebody wants to do. */
export interface Access {
  verb: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Set for requests that are about no resource. */
  path?: string;
}

const rbac = 'rbac.authorization.k8s.io';

/** What everybody may read, whoever they are. */
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const discoveryPaths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...publicPaths, '/'];

/** Whether roles and bindings allow a user something; system:masters may do anything. */
export function allowed(api: Api, user: User, access: Access): boolean {
  if (user.groups.includes('system:masters')) return true;
  if (access.path !== undefined) {
    const paths = user.groups.includes('system:authenticated') ? discoveryPaths : publicPaths;
    if (access.verb === 'get' && paths.some((p) => pathMatches(p, access.path as string))) return true;
  } else if (isSelfReview(access) && user.groups.includes('system:authenticated')) return true;
  for (const rule of rulesOf(api, user, access.namespace ?? '')) if (ruleAllows(rule, access)) return true;
  return false;
}

function isSelfReview(access: Access): boolean {
  if (access.verb !== 'create') return false;
  if (access.group === 'authorization.k8s.io')
    return access.resource === 'selfsubjectaccessreviews' || access.resource === 'selfsubjectrulesreviews';
  return access.group === 'authentication.k8s.io' && access.resource === 'selfsubjectreviews';
}

/** Rules that hold for a user in a namespace, from all bindings. */
export function rulesOf(api: Api, user: User, namespace: string): Loose[] {
  const rules: Loose[] = [];
  const collect = (plural: string, inNamespace: string) => {
    for (const key of api.store.keys(`${plural}.${rbac}`, inNamespace)) {
      const text = api.store.get(`${plural}.${rbac}`, key)?.text;
      const binding: Loose = text === undefined ? undefined : api.store.parse(text);
      if (binding?.subjects?.some((s: Loose) => isSubject(s, user, inNamespace)))
        rules.push(...roleRules(api, binding.roleRef, inNamespace));
    }
  };
  collect('clusterrolebindings', '');
  if (namespace !== '') collect('rolebindings', namespace);
  return rules;
}

function isSubject(subject: Loose, user: User, namespace: string): boolean {
  if (subject.kind === 'User') return subject.name === user.name;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  return subject.kind === 'ServiceAccount' && user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
}

function roleRules(api: Api, ref: Loose, namespace: string): Loose[] {
  const key = ref.kind === 'ClusterRole' ? `/${ref.name}` : `${namespace}/${ref.name}`;
  const text = api.store.get(`${ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'}.${rbac}`, key)?.text;
  const role: Loose = text === undefined ? undefined : api.store.parse(text);
  if (!role) return [];
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  return selectors ? [...(role.rules ?? []), ...aggregated(api, selectors, role.metadata.name)] : (role.rules ?? []);
}

function aggregated(api: Api, selectors: Loose[], self: string): Loose[] {
  const rules: Loose[] = [];
  for (const key of api.store.keys(`clusterroles.${rbac}`)) {
    const role: Loose = api.store.parse(api.store.get(`clusterroles.${rbac}`, key)?.text ?? '{"metadata":{}}');
    const labels = role.metadata.labels ?? {};
    const chosen = selectors.some((s: Loose) => Object.entries(s.matchLabels ?? {}).every(([k, v]) => labels[k] === v));
    if (chosen && role.metadata.name !== self) rules.push(...(role.rules ?? []));
  }
  return rules;
}

const has = (list: string[] | undefined, value: string) => (list ?? []).some((v) => v === '*' || v === value);

function ruleAllows(rule: Loose, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false;
  if (access.path !== undefined) return (rule.nonResourceURLs ?? []).some((p: string) => pathMatches(p, access.path as string));
  if (!has(rule.apiGroups, access.group ?? '')) return false;
  const { resource = '', subresource } = access;
  const whole = subresource ? `${resource}/${subresource}` : resource;
  const matches = (rule.resources ?? []).some((r: string) => r === '*' || r === whole || (subresource && r === `*/${subresource}`));
  return (
    matches &&
    ((rule.resourceNames ?? []).length === 0 ||
      (access.name !== undefined && access.name !== '' && rule.resourceNames.includes(access.name)))
  );
}

function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

function accessOf(info: RequestInfo): Access {
  if (!info.isResource) return { verb: info.verb, path: info.path };
  return {
    verb: info.verb,
    group: info.group,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
  };
}

/** @throws ApiError 403 as the API server words it */
export function checkAccess(api: Api, user: User, info: RequestInfo): void {
  const access = accessOf(info);
  if (allowed(api, user, access)) return;
  const who = `User ${JSON.stringify(user.name)} cannot ${access.verb}`;
  if (access.path !== undefined) throw failure(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(access.path)}`, {});
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  const scope = info.namespace === '' ? ' at the cluster scope' : ` in the namespace ${JSON.stringify(info.namespace)}`;
  const qualified = info.group === '' ? info.resource : `${info.resource}.${info.group}`;
  throw failure(
    403,
    'Forbidden',
    `${qualified}${info.name === '' ? '' : ` ${JSON.stringify(info.name)}`} is forbidden: ${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)}${scope}`,
    { ...(info.name === '' ? {} : { name: info.name }), ...(info.group === '' ? {} : { group: info.group }), kind: info.resource },
  );
}
