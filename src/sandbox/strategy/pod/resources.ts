import { quantityNanos } from '../../gotypes/quantity.js';
import { qualifiedName } from '../check.js';
import { type FieldErrors, forbiddenField, GoText, invalid, required } from '../field.js';
import type { Loose } from '../types.js';

const unit = 1_000_000_000n;
export const nanosOf = (amount: unknown): bigint => quantityNanos(String(amount ?? '0')) ?? 0n;

const countable = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const standard = new Set([
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
  'storage',
  ...countable,
]);

const isHugePages = (name: string) => name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
export const isStandard = (name: string) => standard.has(name) || isHugePages(name);
export const isContainerResource = (name: string) => ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');
export const isExtended = (name: string) =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`, '').length === 0;
const mayOvercommit = (name: string) => isNative(name) && !isHugePages(name);

/** The name of an amount as any kind takes it. */
export function resourceName(name: string, at: string): FieldErrors {
  const out = qualifiedName(name, at);
  if (out.length === 0 && !name.includes('/') && !isStandard(name))
    out.push(invalid(at, name, 'must be a standard resource type or fully qualified'));
  return out;
}

function containerResourceName(name: string, at: string): FieldErrors {
  const out = resourceName(name, at);
  if (!name.includes('/')) {
    if (!isContainerResource(name)) out.push(invalid(at, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) out.push(invalid(at, name, "doesn't follow extended resource name standard"));
  return out;
}

/** A quantity as Go prints the structure. */
export function goQuantity(amount: string): GoText {
  const nanos = nanosOf(amount);
  const binary = /i$/.test(amount);
  let value = nanos;
  let scale = -9;
  while (scale < 0 && value % 1000n === 0n) {
    value /= 1000n;
    scale += 3;
  }
  const form = binary ? 'BinarySI' : /[eE]\d/.test(amount) ? 'DecimalExponent' : 'DecimalSI';
  return new GoText(
    `resource.Quantity{i:resource.int64Amount{value:${value}, scale:${scale}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"", Format:"${form}"}`,
  );
}

/** An amount that may not be negative, and is whole where its resource comes in pieces. */
export function resourceAmount(name: string, amount: string, at: string): FieldErrors {
  const out: FieldErrors = [];
  if (nanosOf(amount) < 0n) out.push(invalid(at, amount, 'must be greater than or equal to 0'));
  if ((countable.has(name) || isExtended(name)) && nanosOf(amount) % unit !== 0n)
    out.push(invalid(at, goQuantity(amount), 'must be an integer'));
  return out;
}

const sorted = (list: Loose): [string, string][] => (Object.entries(list ?? {}) as [string, string][]).sort(([a], [b]) => (a < b ? -1 : 1));

/** What containers request and are limited to. */
export function validateResources(resources: Loose, at: string): FieldErrors {
  const out: FieldErrors = [];
  const limits = resources?.limits ?? {};
  let plain = false;
  let huge = false;
  const note = (name: string) => {
    if (name === 'cpu' || name === 'memory') plain = true;
    if (name.startsWith('hugepages-')) huge = true;
  };
  for (const [name, amount] of sorted(limits)) {
    const path = `${at}.limits[${name}]`;
    out.push(...containerResourceName(name, path), ...resourceAmount(name, amount, path));
    note(name);
  }
  for (const [name, amount] of sorted(resources?.requests)) {
    const path = `${at}.requests[${name}]`;
    out.push(...containerResourceName(name, path), ...resourceAmount(name, amount, path));
    note(name);
    const limit = Object.hasOwn(limits, name) ? (limits[name] as string) : undefined;
    if (limit === undefined) {
      if (!mayOvercommit(name)) out.push(required(`${at}.limits`, 'Limit must be set for non overcommitable resources'));
    } else if (nanosOf(amount) !== nanosOf(limit) && !mayOvercommit(name))
      out.push(invalid(`${at}.requests`, amount, `must be equal to ${name} limit of ${limit}`));
    else if (nanosOf(amount) > nanosOf(limit))
      out.push(invalid(`${at}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
  }
  if (huge && !plain) out.push(forbiddenField(at, 'HugePages require cpu or memory'));
  return out;
}
