import { type KubeObject, parseApiVersion } from '../../model/index.js';
import { asObject, asObjects, asTexts, type Loose } from '../loose.js';
import type { Impact } from '../types.js';
import { atLeast, type Finding, type ImpactInput, listed } from './finding.js';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Permissions that are looked at one by one; a role that grants more is told as much as that. */
const mostGrants = 2000;
const mostLines = 6;

/** One permission: a verb on a resource (`secrets`, `deployments.apps`, `pods/exec`), or on a path. */
interface Grant {
  verb: string;
  group: string;
  resource: string;
  /** '' for all names. */
  name: string;
}

export function permissionFindings(input: ImpactInput): Finding[] {
  const { object, live, type } = input;
  if (parseApiVersion(object.apiVersion).group !== rbacGroup) return [];
  if (object.kind.endsWith('Binding')) return bindingFindings(input);
  if (type === 'delete') return [{ impact: 'high', reason: 'takes permissions away' }];
  const before = live === undefined ? [] : grantsOf(live);
  const after = grantsOf(object);
  const added = beyond(after, before);
  const removed = beyond(before, after);
  const findings = [...told('grants', added, type), ...aggregation(live, object)];
  for (const line of lines(removed).slice(0, mostLines)) findings.push({ impact: 'medium', reason: `no longer allows ${line}` });
  if (findings.length === 0 && type === 'create') findings.push({ impact: 'medium', reason: 'grants permissions' });
  return findings;
}

function told(word: string, grants: readonly Grant[], type: 'create' | 'update'): Finding[] {
  if (grants.some((grant) => grant.verb === '*' && grant.resource === '*'))
    return type === 'create'
      ? [{ impact: 'high', reason: 'grants every verb on every resource' }]
      : [{ impact: 'critical', reason: 'widens permissions to every verb on every resource' }];
  const findings = groups(grants).map((group): Finding => {
    const danger = group.flatMap((grant) => dangerOf(grant) ?? [])[0];
    return {
      impact: danger === undefined ? 'medium' : 'high',
      reason: `${word} ${lineOf(group)}${danger === undefined ? '' : ` (${danger})`}`,
    };
  });
  // What is dangerous comes first, so that a long role does not hide it.
  findings.sort((a, b) => Number(atLeast(b.impact, 'high')) - Number(atLeast(a.impact, 'high')));
  if (findings.length <= mostLines) return findings;
  return [...findings.slice(0, mostLines), { impact: 'medium', reason: `${word} ${findings.length - mostLines} more` }];
}

function grantsOf(role: KubeObject): Grant[] {
  const grants: Grant[] = [];
  for (const rule of asObjects(role['rules'])) {
    const names = asTexts(rule['resourceNames']);
    for (const verb of asTexts(rule['verbs'])) {
      for (const resource of asTexts(rule['resources']))
        for (const group of asTexts(rule['apiGroups'] ?? ['']))
          for (const name of names.length > 0 ? names : ['']) {
            if (grants.length >= mostGrants) return grants;
            grants.push({ verb, group, resource, name });
          }
      for (const path of asTexts(rule['nonResourceURLs'])) grants.push({ verb, group: '', resource: `path ${path}`, name: '' });
    }
  }
  return grants;
}

const grantKey = ({ verb, group, resource, name }: Grant) => JSON.stringify([verb, group, resource, name]);

/** Those of some permissions that others do not cover: by the same one, or by one for every verb, group, resource or name. */
function beyond(some: readonly Grant[], others: readonly Grant[]): Grant[] {
  const had = new Set(others.map(grantKey));
  return had.size === 0 ? [...some] : some.filter((grant) => !widerThan(grant).some((wider) => had.has(grantKey(wider))));
}

function widerThan({ verb, group, resource, name }: Grant): Grant[] {
  const [main = '', sub] = resource.split('/');
  const resources = resource.startsWith('path ')
    ? [resource, 'path *']
    : [resource, '*', ...(sub === undefined ? [] : [`*/${sub}`, `${main}/*`])];
  return resources.flatMap((r) =>
    [verb, '*'].flatMap((v) => [group, '*'].flatMap((g) => [name, ''].map((n): Grant => ({ verb: v, group: g, resource: r, name: n })))),
  );
}

const reads = new Set(['get', 'list', 'watch', '*']);
const writes = new Set(['create', 'update', 'patch', '*']);

/** Why a permission is more than it looks: it leads to other permissions, to secrets, or to the node. */
function dangerOf({ verb, group, resource }: Grant): string | undefined {
  if (resource === '*') return 'on every resource';
  if (group === '*') return undefined;
  if (verb === '*' && resource.startsWith('path ')) return undefined;
  if (verb === 'impersonate') return 'acts as somebody else';
  if (group === rbacGroup && (verb === 'escalate' || verb === 'bind' || writes.has(verb))) return 'can give itself more';
  if (group === '' && resource === 'secrets' && reads.has(verb)) return 'reads secrets';
  if (group === '' && (resource === 'pods/exec' || resource === 'pods/attach' || resource === 'pods/ephemeralcontainers'))
    return 'runs commands in pods';
  if (group === '' && resource === 'nodes/proxy') return 'reaches every pod of the node';
  if (group === '' && resource === 'serviceaccounts/token' && writes.has(verb)) return 'takes tokens of other accounts';
  if (group === 'admissionregistration.k8s.io' && writes.has(verb)) return 'can change every request of the cluster';
  if (group === 'certificates.k8s.io' && resource.endsWith('/approval')) return 'approves certificates';
  return undefined;
}

function groups(grants: readonly Grant[]): Grant[][] {
  const out = new Map<string, Grant[]>();
  for (const grant of grants) {
    const key = `${grant.group}/${grant.resource}/${grant.name}`;
    const group = out.get(key);
    if (group) group.push(grant);
    else out.set(key, [grant]);
  }
  return [...out.values()];
}

function lines(grants: readonly Grant[]): string[] {
  return groups(grants).map(lineOf);
}

function lineOf(group: readonly Grant[]): string {
  const { group: api, resource, name } = group[0] as Grant;
  const verbs = [...new Set(group.map((grant) => grant.verb))];
  const what = `${resource === '*' ? 'every resource' : resource}${api === '' || resource.startsWith('path ') ? '' : ` of ${api === '*' ? 'every group' : api}`}`;
  return `${verbs.includes('*') ? 'every verb' : listed(verbs, 8)} on ${what}${name === '' ? '' : ` named ${name}`}`;
}

/** A label that gathers a ClusterRole into one of the cluster's own gives its permissions to everybody who has that. */
function aggregation(live: KubeObject | undefined, object: KubeObject): Finding[] {
  const gathered = (one: KubeObject | undefined) =>
    Object.entries(one?.metadata.labels ?? {}).flatMap(([label, value]) => {
      const role = /^rbac\.authorization\.k8s\.io\/aggregate-to-(.+)$/.exec(label)?.[1];
      return role !== undefined && value === 'true' ? [role] : [];
    });
  const had = gathered(live);
  return gathered(object)
    .filter((role) => !had.includes(role))
    .map((role) => ({ impact: 'high', reason: `is gathered into ClusterRole/${role}: whoever has that gets it` }));
}

function bindingFindings({ object, live, type, graph }: ImpactInput): Finding[] {
  const role = asObject(object['roleRef']);
  const kind = String(role['kind'] ?? 'Role');
  const name = String(role['name'] ?? '');
  const called = `${kind}/${name}`;
  if (type === 'delete')
    return [{ impact: 'high', reason: `takes ${called} away from ${listed(asObjects(object['subjects']).map(subjectName))}` }];
  const had = new Set(live === undefined ? [] : asObjects(live['subjects']).map(subjectName));
  const now = asObjects(object['subjects']);
  const findings: Finding[] = [];
  const found = graph.find({ group: rbacGroup, kind, namespace: kind === 'ClusterRole' ? '' : (object.metadata.namespace ?? ''), name });
  const everywhere = object.kind === 'ClusterRoleBinding';
  const level = roleLevel(name, found, everywhere);
  for (const subject of now) {
    const to = subjectName(subject);
    if (had.has(to)) continue;
    const wide = wideSubject(subject);
    findings.push({
      impact: wide === undefined ? level : 'critical',
      reason: `gives ${called} to ${to}${everywhere ? ' in the whole cluster' : ''}${wide === undefined ? '' : ` (${wide})`}`,
    });
  }
  const names = new Set(now.map(subjectName));
  for (const gone of had) if (!names.has(gone)) findings.push({ impact: 'medium', reason: `takes ${called} away from ${gone}` });
  return findings.length > mostLines
    ? [
        ...findings.sort((a, b) => Number(atLeast(b.impact, 'high')) - Number(atLeast(a.impact, 'high'))).slice(0, mostLines),
        { impact: 'medium', reason: `and ${findings.length - mostLines} more subjects` },
      ]
    : findings;
}

/** How far a role reaches: by name for the cluster's own, by its rules for those of the workflow. */
function roleLevel(name: string, role: KubeObject | undefined, everywhere: boolean): Impact {
  if (name === 'cluster-admin') return everywhere ? 'critical' : 'high';
  if (role === undefined) return name === 'admin' || (name === 'edit' && everywhere) ? 'high' : 'medium';
  const grants = grantsOf(role);
  if (grants.some((grant) => grant.verb === '*' && grant.resource === '*')) return everywhere ? 'critical' : 'high';
  return grants.some((grant) => dangerOf(grant) !== undefined) ? 'high' : 'medium';
}

function subjectName(subject: Loose): string {
  const namespace = typeof subject['namespace'] === 'string' ? ` of ${subject['namespace']}` : '';
  return `${String(subject['kind'] ?? '')}/${String(subject['name'] ?? '')}${subject['kind'] === 'ServiceAccount' ? namespace : ''}`;
}

function wideSubject(subject: Loose): string | undefined {
  const wide: { [name: string]: string } = {
    'system:anonymous': 'everybody, without signing in',
    'system:unauthenticated': 'everybody, without signing in',
    'system:authenticated': 'everybody who can sign in',
    'system:serviceaccounts': 'every pod of the cluster',
  };
  const name = String(subject['name'] ?? '');
  return Object.hasOwn(wide, name) ? wide[name] : undefined;
}
