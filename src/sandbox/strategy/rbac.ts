import { equalJson } from '../../model/index.js';
import { all, each, subdomain } from './check.js';
import { type FieldErrors, GoText, goStrings, invalid, notSupported, required } from './field.js';
import { nameProblems } from './names.js';
import { validateSelector } from './selector.js';
import type { Loose, Strategy, UpdateStep } from './types.js';

const group = 'rbac.authorization.k8s.io';

function bindingDefaults(object: Loose): void {
  if (object.roleRef && !object.roleRef.apiGroup) object.roleRef.apiGroup = group;
  for (const subject of object.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = group;
}

function validateSubject(subject: Loose, at: string, namespaced: boolean): FieldErrors {
  const out: FieldErrors = subject.name ? [] : [required(`${at}.name`)];
  if (subject.kind === 'ServiceAccount') {
    if (subject.name) out.push(...subdomain(subject.name, `${at}.name`));
    if (subject.apiGroup) out.push(notSupported(`${at}.apiGroup`, subject.apiGroup, ['']));
    if (!namespaced && !subject.namespace) out.push(required(`${at}.namespace`));
  } else if (subject.kind === 'User' || subject.kind === 'Group') {
    if (subject.apiGroup !== group) out.push(notSupported(`${at}.apiGroup`, subject.apiGroup ?? '', [group]));
  } else out.push(notSupported(`${at}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  return out;
}

const validateBinding =
  (kinds: readonly string[], namespaced: boolean) =>
  ({ roleRef, subjects }: Loose): FieldErrors => {
    const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
    const out: FieldErrors = apiGroup === group ? [] : [notSupported('roleRef.apiGroup', apiGroup, [group])];
    if (!kinds.includes(kind)) out.push(notSupported('roleRef.kind', kind, kinds));
    if (name === '') out.push(required('roleRef.name'));
    else out.push(...all('roleRef.name', name, nameProblems('path', name)));
    return [...out, ...each(subjects, 'subjects', (subject, at) => validateSubject(subject, at, namespaced))];
  };

function roleRefFixed({ roleRef }: Loose, old: Loose): FieldErrors {
  if (equalJson(roleRef, old.roleRef)) return [];
  const text = (field: string) => JSON.stringify(roleRef[field] ?? '');
  const shown = new GoText(`rbac.RoleRef{APIGroup:${text('apiGroup')}, Kind:${text('kind')}, Name:${text('name')}}`);
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}

function validateRule(rule: Loose, at: string, namespaced: boolean): FieldErrors {
  const none = (field: string) => (rule[field] ?? []).length === 0;
  const out: FieldErrors = none('verbs') ? [required(`${at}.verbs`, 'verbs must contain at least one value')] : [];
  const path = `${at}.nonResourceURLs`;
  if (!none('nonResourceURLs')) {
    const shown = goStrings(rule.nonResourceURLs);
    if (namespaced) out.push(invalid(path, shown, 'namespaced rules cannot apply to non-resource URLs'));
    if (!none('apiGroups') || !none('resources') || !none('resourceNames'))
      out.push(invalid(path, shown, 'rules cannot apply to both regular resources and non-resource URLs'));
    return out;
  }
  if (none('apiGroups')) out.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (none('resources')) out.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  return out;
}

function validateClusterRole({ rules, aggregationRule }: Loose): FieldErrors {
  const out = each(rules, 'rules', (rule, at) => validateRule(rule, at, false));
  if (!aggregationRule) return out;
  const at = 'aggregationRule.clusterRoleSelectors';
  if ((aggregationRule.clusterRoleSelectors ?? []).length === 0)
    return [...out, required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return [...out, ...each(aggregationRule.clusterRoleSelectors, at, validateSelector)];
}

const steps: UpdateStep[] = ['metadata', 'object', 'metadata', 'object', 'change of metadata', 'change'];
const role = { name: 'path', updateSteps: steps } as const;
const binding = { ...role, defaults: bindingDefaults, validateUpdate: roleRefFixed };

export const rbac: { [resource: string]: Strategy } = {
  [`roles.${group}`]: { ...role, validate: ({ rules }) => each(rules, 'rules', (rule, at) => validateRule(rule, at, true)) },
  [`clusterroles.${group}`]: { ...role, validate: validateClusterRole },
  [`rolebindings.${group}`]: { ...binding, validate: validateBinding(['Role', 'ClusterRole'], true) },
  [`clusterrolebindings.${group}`]: { ...binding, validate: validateBinding(['ClusterRole'], false) },
};
