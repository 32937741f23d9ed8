import { canonicalQuantity } from '../../gotypes/quantity.js';
import type { Loose } from '../types.js';
import { nanosOf } from './resources.js';

/** Adds amounts; a sum is written in the form of its first part, as the API server writes it. */
export function sum(...amounts: (string | undefined)[]): string {
  const given = amounts.filter((a) => a !== undefined && nanosOf(a) !== 0n) as string[];
  return inFormOf(
    given[0] ?? '0',
    given.reduce((total, a) => total + nanosOf(a), 0n),
  );
}

/** A value in billionths as a quantity of the same family of suffixes as another. */
function inFormOf(model: string, nanos: bigint): string {
  const unit = 1_000_000_000n;
  if (/[KMGTPE]i$/.test(model) && nanos % (unit * 1024n) === 0n) return canonicalQuantity(`${nanos / unit / 1024n}Ki`) ?? '0';
  return canonicalQuantity(`${nanos}n`) ?? '0';
}

/** What a pod asks for altogether: its containers' sum, or what one init container needs alone, and its overhead. */
export function podAmounts(spec: Loose, list: 'requests' | 'limits'): { [resource: string]: string } {
  const out: { [resource: string]: string } = {};
  const add = (amounts: Loose) => {
    for (const [name, amount] of Object.entries(amounts ?? {}) as [string, string][])
      out[name] = name in out ? sum(out[name], amount) : amount;
  };
  const restarting = (c: Loose) => c.restartPolicy === 'Always';
  for (const container of spec.containers ?? []) add(container.resources?.[list]);
  for (const container of (spec.initContainers ?? []).filter(restarting)) add(container.resources?.[list]);
  for (const container of (spec.initContainers ?? []).filter((c: Loose) => !restarting(c)))
    for (const [name, amount] of Object.entries(container.resources?.[list] ?? {}) as [string, string][])
      if (!(name in out) || nanosOf(amount) > nanosOf(out[name])) out[name] = amount;
  if (list === 'requests') add(spec.overhead);
  else for (const name of Object.keys(spec.overhead ?? {})) if (name in out) out[name] = sum(out[name], spec.overhead[name]);
  return out;
}
