import { equalJson } from '../../model/index.js';
import { isMembers } from './atom.js';
import { goPrint } from './go-print.js';
import { PatchError } from './patch-error.js';

/** Items of a merged list: those that an order names, and those that only the server has. */
export interface Parts {
  patch: unknown[];
  server: unknown[];
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item;
  return isMembers(item) && Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined;
}

/** Splits a list by whether an item stands in another one. @throws PatchError where an item has no merge key */
export function partition(merged: readonly unknown[], by: readonly unknown[], mergeKey: string): Parts {
  const parts: Parts = { patch: [], server: [] };
  for (const item of merged) {
    if (mergeKey !== '' && keyOf(item, mergeKey) === undefined)
      throw new PatchError(500, `map: ${goPrint(item, 'integers')} does not contain declared merge key: ${mergeKey}`);
    (position(by, item, mergeKey) >= 0 ? parts.patch : parts.server).push(item);
  }
  return parts;
}

function position(list: readonly unknown[], item: unknown, mergeKey: string): number {
  const key = keyOf(item, mergeKey);
  return list.findIndex((other) => equalJson(keyOf(other, mergeKey), key));
}

/**
 * One order out of two: the patch's items in the patch's order, the server's own in the server's. Between
 * them, an item of the server comes first only where it stood before the patch's item.
 */
export function mergeOrders(parts: Parts, order: { patch: readonly unknown[]; server: readonly unknown[] }, mergeKey: string): unknown[] {
  const patch = sorted(parts.patch, order.patch, mergeKey);
  const server = sorted(parts.server, order.server, mergeKey);
  const out: unknown[] = [];
  let s = 0;
  for (const item of patch) {
    const at = position(order.server, item, mergeKey);
    while (s < server.length && at >= 0) {
      const mine = position(order.server, server[s], mergeKey);
      if (mine < 0 || mine >= at) break;
      out.push(server[s++]);
    }
    out.push(item);
  }
  return [...out, ...server.slice(s)];
}

function sorted(items: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  return items
    .map((item) => ({ item, at: position(order, item, mergeKey) }))
    .sort((a, b) => (a.at < 0 || b.at < 0 ? 0 : a.at - b.at))
    .map(({ item }) => item);
}
