import { equalJson } from '../../../model/index.js';
import { qualifiedName } from '../check.js';
import { duplicate, type FieldErrors, forbiddenField, GoText, invalid, required } from '../field.js';
import { goQuantity, isContainerResource, isStandard, nanosOf, resourceAmount, resourceName } from '../pod/resources.js';
import type { Loose, Strategy } from '../types.js';

const quotaNames = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const isQuotaName = (name: string) => quotaNames.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

const scopes = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'];
const podAmountNames = new Set(
  [...quotaNames].filter((n) => /^(cpu|memory|ephemeral-storage|pods|(requests|limits)\.(cpu|memory|ephemeral-storage))$/.test(n)),
);

/** Whether what a scope picks out uses a resource at all. */
function scoped(scope: string, name: string): boolean {
  return scope === 'BestEffort' ? name === 'pods' : podAmountNames.has(name);
}

function validateScopes(spec: Loose): FieldErrors {
  const list: string[] = spec.scopes ?? [];
  const shown = new GoText(`[]core.ResourceQuotaScope{${list.map((s) => JSON.stringify(s)).join(', ')}}`);
  const names = Object.keys(spec.hard ?? {}).sort();
  const out: FieldErrors = [];
  for (const scope of list) {
    if (!scopes.includes(scope)) out.push(invalid('spec.scopes', shown, 'unsupported scope'));
    for (const name of names)
      if (isQuotaName(name) && !scoped(scope, name)) out.push(invalid('spec.scopes', shown, 'unsupported scope applied to resource'));
  }
  for (const [a, b] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ] as const)
    if (list.includes(a) && list.includes(b)) out.push(invalid('spec.scopes', shown, 'conflicting scopes'));
  return out;
}

const quota: Strategy = {
  status: true,
  validate({ spec }) {
    const out: FieldErrors = [];
    for (const name of Object.keys(spec.hard ?? {}).sort()) {
      const at = `spec.hard[${name}]`;
      out.push(...resourceName(name, at));
      if (!name.includes('/') && !isQuotaName(name)) out.push(invalid(at, name, 'must be a standard resource for quota'));
      out.push(...resourceAmount(name, spec.hard[name], at));
    }
    return [...out, ...validateScopes(spec)];
  },
  validateUpdate({ spec }, old) {
    const set = (list: string[] | undefined) => [...new Set(list ?? [])].sort();
    if (equalJson(set(spec.scopes), set(old.spec.scopes))) return [];
    const shown = new GoText(`[]core.ResourceQuotaScope{${(spec.scopes ?? []).map((s: string) => JSON.stringify(s)).join(', ')}}`);
    return [invalid('spec.scopes', shown, 'field is immutable')];
  },
};

function defaultLimit(item: Loose): void {
  if (item.type !== 'Container') return;
  const [most, preset, asked, least] = [item.max ?? {}, item.default ?? {}, item.defaultRequest ?? {}, item.min ?? {}];
  const limits = { ...most, ...preset };
  const requests = { ...least, ...limits, ...asked };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

function rangeName(type: string, name: string, at: string): FieldErrors {
  if (type !== 'Pod' && type !== 'Container') return resourceName(name, at);
  const out = qualifiedName(name, at);
  if (out.length > 0 || name.includes('/')) return out;
  if (!isStandard(name)) out.push(invalid(at, name, 'must be a standard resource type or fully qualified'));
  if (!isContainerResource(name)) out.push(invalid(at, name, 'must be a standard resource for containers'));
  return out;
}

/** Amounts that may not lie the wrong way round: [path, smaller, larger, shown, sentence]. */
const orders: [string, string, string, 'smaller' | 'larger', (a: string, b: string) => string][] = [
  ['min', 'min', 'max', 'smaller', (a, b) => `min value ${a} is greater than max value ${b}`],
  ['defaultRequest', 'min', 'defaultRequest', 'larger', (a, b) => `min value ${a} is greater than default request value ${b}`],
  ['defaultRequest', 'defaultRequest', 'max', 'smaller', (a, b) => `default request value ${a} is greater than max value ${b}`],
  [
    'defaultRequest',
    'defaultRequest',
    'default',
    'smaller',
    (a, b) => `default request value ${a} is greater than default limit value ${b}`,
  ],
  ['default', 'min', 'default', 'smaller', (a, b) => `min value ${a} is greater than default value ${b}`],
  ['default', 'default', 'max', 'larger', (a, b) => `default value ${a} is greater than max value ${b}`],
];

function validateLimit(item: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const names = (list: string) => Object.keys(item[list] ?? {}).sort();
  const check = (list: string) => {
    for (const name of names(list)) out.push(...rangeName(item.type, name, `${at}.${list}[${name}]`));
  };
  check('max');
  check('min');
  if (item.type === 'Pod') {
    for (const list of ['default', 'defaultRequest'])
      if (names(list).length > 0) out.push(forbiddenField(`${at}.${list}`, "may not be specified when `type` is 'Pod'"));
  } else {
    check('default');
    check('defaultRequest');
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined)
    out.push(required(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  check('maxLimitRequestRatio');
  const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];
  for (const name of [...new Set(lists.flatMap(names))].sort()) {
    for (const [path, small, large, shown, text] of orders) {
      const [a, b] = [item[small]?.[name], item[large]?.[name]];
      if (item.type === 'Pod' && (small.startsWith('default') || large.startsWith('default'))) continue;
      if (a !== undefined && b !== undefined && nanosOf(a) > nanosOf(b))
        out.push(invalid(`${at}.${path}[${name}]`, goQuantity(shown === 'smaller' ? a : b), text(a, b)));
    }
    const ratio = item.maxLimitRequestRatio?.[name];
    const path = `${at}.maxLimitRequestRatio[${name}]`;
    if (ratio !== undefined && nanosOf(ratio) < 1_000_000_000n) out.push(invalid(path, goQuantity(ratio), `ratio ${ratio} is less than 1`));
    const [least, most] = [nanosOf(item.min?.[name]), nanosOf(item.max?.[name])];
    if (ratio !== undefined && least > 0n && most > 0n) {
      const widest = Number(most) / Number(least);
      if (Number(nanosOf(ratio)) / 1e9 > widest)
        out.push(invalid(path, goQuantity(ratio), `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`));
    }
  }
  return out;
}

const limitTypes = ['Container', 'Pod', 'PersistentVolumeClaim'];

const limitRange: Strategy = {
  defaults({ spec }) {
    for (const item of spec?.limits ?? []) defaultLimit(item);
  },
  validate({ spec }) {
    const seen = new Set<string>();
    return (spec.limits ?? []).flatMap((item: Loose, i: number) => {
      const at = `spec.limits[${i}]`;
      const out = qualifiedName(item.type ?? '', `${at}.type`);
      if (out.length === 0 && !item.type.includes('/') && !limitTypes.includes(item.type))
        out.push(invalid(`${at}.type`, item.type, 'must be a standard limit type or fully qualified'));
      if (seen.has(item.type)) out.push(duplicate(`${at}.type`, item.type));
      seen.add(item.type);
      return [...out, ...validateLimit(item, at)];
    });
  },
};

export const quotas: { [resource: string]: Strategy } = { 'resourcequotas.': quota, 'limitranges.': limitRange };
