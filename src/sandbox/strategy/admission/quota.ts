import { cloneJson } from '../../../model/index.js';
import { isExtended, nanosOf } from '../pod/resources.js';
import { podAmounts, sum } from '../pod/totals.js';
import type { Loose, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

type Amounts = { [resource: string]: string };

const plainCounts = new Set([
  'configmaps.',
  'secrets.',
  'replicationcontrollers.',
  'resourcequotas.',
  'services.',
  'persistentvolumeclaims.',
]);

function podUsage(pod: Loose): Amounts {
  const out: Amounts = { pods: '1' };
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return {};
  return { ...out, ...computeUsage(podAmounts(pod.spec, 'requests'), podAmounts(pod.spec, 'limits')) };
}

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const out: Amounts = {};
  for (const [name, amount] of Object.entries(requests)) {
    if (['cpu', 'memory', 'ephemeral-storage'].includes(name)) out[name] = amount;
    if (['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-') || isExtended(name))
      out[`requests.${name}`] = amount;
    if (name.startsWith('hugepages-')) out[name] = amount;
  }
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) if (limits[name] !== undefined) out[`limits.${name}`] = limits[name];
  return out;
}

function claimUsage(claim: Loose): Amounts {
  const out: Amounts = { persistentvolumeclaims: '1' };
  const storage = claim.spec?.resources?.requests?.storage;
  const name = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName;
  if (name) out[`${name}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1';
  if (storage !== undefined) {
    out['requests.storage'] = storage;
    if (name) out[`${name}.storageclass.storage.k8s.io/requests.storage`] = storage;
  }
  return out;
}

function serviceUsage({ spec }: Loose): Amounts {
  const ports = String((spec.ports ?? []).length);
  const out: Amounts = { services: '1' };
  if (spec.type === 'NodePort') out['services.nodeports'] = ports;
  if (spec.type === 'LoadBalancer') {
    out['services.loadbalancers'] = '1';
    if (spec.allocateLoadBalancerNodePorts !== false) out['services.nodeports'] = ports;
    else out['services.nodeports'] = String((spec.ports ?? []).filter((p: Loose) => p.nodePort).length);
  }
  return out;
}

/** What an object uses of what quotas count. */
function usageOf(object: Loose, { type }: UpdateContext): Amounts {
  const counted: Amounts = { [`count/${type.plural}${type.group === '' ? '' : `.${type.group}`}`]: '1' };
  if (type.storage === 'pods.') return { ...counted, ...podUsage(object) };
  if (type.storage === 'persistentvolumeclaims.') return { ...counted, ...claimUsage(object) };
  if (type.storage === 'services.') return { ...counted, ...serviceUsage(object) };
  return plainCounts.has(type.storage) ? { ...counted, [type.plural]: '1' } : counted;
}

const bestEffort = (pod: Loose) => pod.status?.qosClass === 'BestEffort';
const terminating = (pod: Loose) => pod.spec.activeDeadlineSeconds !== undefined && pod.spec.activeDeadlineSeconds >= 0;

function inScope(pod: Loose, { scopeName, operator, values = [] }: Loose): boolean {
  const priority = pod.spec.priorityClassName ?? '';
  switch (scopeName) {
    case 'Terminating':
      return terminating(pod);
    case 'NotTerminating':
      return !terminating(pod);
    case 'BestEffort':
      return bestEffort(pod);
    case 'NotBestEffort':
      return !bestEffort(pod);
    case 'PriorityClass':
      if (operator === 'In') return values.includes(priority);
      if (operator === 'NotIn') return priority === '' || !values.includes(priority);
      return operator === 'Exists' ? priority !== '' : priority === '';
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod.spec.affinity);
    default:
      return false;
  }
}

function crossesNamespaces(affinity: Loose): boolean {
  const terms = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
    ...(affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((p: Loose) => p.podAffinityTerm),
  ]);
  return terms.some((t: Loose) => (t.namespaces ?? []).length > 0 || t.namespaceSelector !== undefined);
}

function covers(quota: Loose, object: Loose, isPod: boolean): boolean {
  const scopes = [
    ...(quota.spec?.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  return scopes.every((scope) => isPod && inScope(object, scope));
}

const mustBeSaid = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** What containers leave unsaid that a quota counts: `must specify cpu for: a,b; memory for: a`. */
function unsaid(pod: Loose, hard: Amounts): string | undefined {
  const missing = new Map<string, Set<string>>();
  for (const container of [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]) {
    const said = computeUsage(container.resources?.requests ?? {}, container.resources?.limits ?? {});
    for (const name of mustBeSaid)
      if (Object.hasOwn(hard, name) && !Object.hasOwn(said, name)) missing.set(name, (missing.get(name) ?? new Set()).add(container.name));
  }
  if (missing.size === 0) return undefined;
  const texts = [...missing.keys()].sort().map((name) => `${name} for: ${[...(missing.get(name) as Set<string>)].sort().join(',')}`);
  return `must specify ${texts.join('; ')}`;
}

const shown = (amounts: Amounts, names: readonly string[]) => names.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',');

const onUpdateToo = new Set(['services.', 'persistentvolumeclaims.']);

/**
 * Counts a write against the quotas of its namespace, as far as their status says what they hold and what is used.
 * @throws ApiError 403 where one would be exceeded
 */
export function applyQuotas(object: Loose, old: Loose | undefined, context: UpdateContext): void {
  const { host, type, dryRun } = context;
  if (!type.namespaced || type.storage === 'events.' || (old && !onUpdateToo.has(type.storage))) return;
  const quotas = (host.list('resourcequotas.', object.metadata.namespace) as Loose[]).filter(
    (q) => Object.keys(q.status?.hard ?? {}).length > 0,
  );
  if (quotas.length === 0) return;
  const isPod = type.storage === 'pods.';
  const used = usageOf(object, context);
  const before = old ? usageOf(old, context) : {};
  const changed: Loose[] = [];
  for (const quota of quotas) {
    if (!covers(quota, object, isPod)) continue;
    const hard: Amounts = quota.status.hard;
    const names = Object.keys(used).filter((name) => Object.hasOwn(hard, name));
    if (names.length === 0 && !isPod) continue;
    const silent = isPod ? unsaid(object, hard) : undefined;
    if (silent !== undefined) throw refused(type, object, `failed quota: ${quota.metadata.name}: ${silent}`);
    const unknown = names.filter((name) => quota.status.used?.[name] === undefined).sort();
    if (unknown.length > 0)
      throw refused(type, object, `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.join(',')}`);
    const asked: Amounts = {};
    for (const name of names) {
      const delta = nanosOf(used[name]) - nanosOf(before[name]);
      if (delta > 0n) asked[name] = before[name] === undefined ? (used[name] as string) : difference(used[name] as string, before[name]);
    }
    const exceeded = Object.keys(asked)
      .filter((name) => nanosOf(asked[name]) + nanosOf(quota.status.used[name]) > nanosOf(hard[name]))
      .sort();
    if (exceeded.length > 0)
      throw refused(
        type,
        object,
        `exceeded quota: ${quota.metadata.name}, requested: ${shown(asked, exceeded)}, used: ${shown(quota.status.used, exceeded)}, limited: ${shown(hard, exceeded)}`,
      );
    if (Object.keys(asked).length === 0) continue;
    const next = cloneJson(quota);
    for (const name of Object.keys(asked)) next.status.used[name] = sum(quota.status.used[name], asked[name]);
    changed.push(next);
  }
  // A create of what is there already will fail: it uses nothing.
  const exists = !old && host.read(type.storage, `${object.metadata.namespace}/${object.metadata.name}`) !== undefined;
  if (!dryRun && !exists) for (const quota of changed) host.replace('resourcequotas.', quota);
}

function difference(a: string, b: string): string {
  return sum(a, b.startsWith('-') ? b.slice(1) : `-${b}`);
}
