import { nanosOf } from '../pod/resources.js';
import { podAmounts } from '../pod/totals.js';
import type { Loose, StrategyHost, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

type Amounts = { [resource: string]: string };

const limitRanges = (host: StrategyHost, namespace: string) => host.list('limitranges.', namespace) as Loose[];
const annotation = 'kubernetes.io/limit-ranger';
const sorted = (amounts: Amounts | undefined) => Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

function fill(container: Loose, list: 'limits' | 'requests', defaults: Amounts): string[] {
  const given = container.resources?.[list] ?? {};
  const missing = sorted(defaults).filter(([name]) => !Object.hasOwn(given, name));
  if (missing.length > 0) container.resources = { ...container.resources, [list]: { ...given, ...Object.fromEntries(missing) } };
  return missing.map(([name]) => name);
}

/** Containers that say nothing of an amount get the namespace's default for it. */
export function applyLimitDefaults(pod: Loose, { host }: UpdateContext): void {
  for (const range of limitRanges(host, pod.metadata.namespace)) {
    const limits: Amounts = {};
    const requests: Amounts = {};
    for (const item of range.spec?.limits ?? [])
      if (item.type === 'Container') {
        Object.assign(requests, item.defaultRequest);
        Object.assign(limits, item.default);
      }
    const said: string[] = [];
    const kinds = [
      ['container', pod.spec.containers],
      ['init container', pod.spec.initContainers],
    ] as const;
    for (const [kind, containers] of kinds)
      for (const container of containers ?? []) {
        const setLimits = fill(container, 'limits', limits);
        const setRequests = fill(container, 'requests', requests);
        if (setRequests.length > 0) said.push(`${setRequests.join(', ')} request for ${kind} ${container.name}`);
        if (setLimits.length > 0) said.push(`${setLimits.join(', ')} limit for ${kind} ${container.name}`);
      }
    if (said.length > 0)
      pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${said.join('; ')}` };
  }
}

interface Checked {
  type: string;
  requests: Amounts;
  limits: Amounts | undefined;
}

function minimum({ type, requests, limits }: Checked, name: string, least: string): string | undefined {
  const text = `minimum ${name} usage per ${type} is ${least}`;
  const request = requests[name];
  if (request === undefined) return `${text}.  No request is specified`;
  if (nanosOf(request) < nanosOf(least)) return `${text}, but request is ${request}`;
  const limit = limits?.[name];
  return limit !== undefined && nanosOf(limit) < nanosOf(least) ? `${text}, but limit is ${limit}` : undefined;
}

function maximum({ type, requests, limits }: Checked, name: string, most: string): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${most}`;
  const request = requests[name];
  if (!limits) {
    if (request === undefined) return `${text}.  No request is specified`;
    return nanosOf(request) > nanosOf(most) ? `${text}, but request is ${request}` : undefined;
  }
  const limit = limits[name];
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (nanosOf(limit) > nanosOf(most)) return `${text}, but limit is ${limit}`;
  return request !== undefined && nanosOf(request) > nanosOf(most) ? `${text}, but request is ${request}` : undefined;
}

function ratio({ type, requests, limits }: Checked, name: string, most: string): string | undefined {
  const text = `${name} max limit to request ratio per ${type} is ${most}`;
  const request = nanosOf(requests[name]);
  const limit = nanosOf(limits?.[name]);
  if (request === 0n) return `${text}, but no request is specified or request is 0`;
  if (limit === 0n) return `${text}, but no limit is specified or limit is 0`;
  const seen = Number(limit) / Number(request);
  return seen > Number(nanosOf(most)) / 1e9 ? `${text}, but provided ratio is ${seen.toFixed(6)}` : undefined;
}

function problems(item: Loose, checked: Checked): string[] {
  const out: (string | undefined)[] = [];
  for (const [name, amount] of sorted(item.min)) out.push(minimum(checked, name, amount));
  for (const [name, amount] of sorted(item.max)) out.push(maximum(checked, name, amount));
  for (const [name, amount] of sorted(item.maxLimitRequestRatio)) if (checked.limits) out.push(ratio(checked, name, amount));
  return out.filter((text) => text !== undefined);
}

function checkedParts(object: Loose, item: Loose, isPod: boolean): Checked[] {
  const { type } = item;
  if (!isPod) return type === 'PersistentVolumeClaim' ? [{ type, requests: object.spec.resources?.requests ?? {}, limits: undefined }] : [];
  if (type === 'Container')
    return [...(object.spec.containers ?? []), ...(object.spec.initContainers ?? [])].map((c: Loose) => ({
      type,
      requests: c.resources?.requests ?? {},
      limits: c.resources?.limits ?? {},
    }));
  if (type === 'Pod') return [{ type, requests: podAmounts(object.spec, 'requests'), limits: podAmounts(object.spec, 'limits') }];
  return [];
}

/** What a pod or claim asks for stays within the namespace's limits. @throws ApiError 403 */
export function checkLimits(object: Loose, { host, type }: UpdateContext): void {
  for (const range of limitRanges(host, object.metadata.namespace)) {
    const found = (range.spec?.limits ?? []).flatMap((item: Loose) =>
      checkedParts(object, item, type.storage === 'pods.').flatMap((part) => problems(item, part)),
    );
    const texts = [...new Set<string>(found)];
    if (texts.length > 0) throw refused(type, object, texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
  }
}
