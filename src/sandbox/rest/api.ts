import { type Clock, type KubeObject, type Random, stringifyJson } from '../../model/index.js';
import type { IssuedTokens } from '../auth/issued.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/types.js';
import type { Store } from '../storage/store.js';
import type { StrategyHost } from '../strategy/types.js';

/** What every request handler works on. */
export interface Api {
  store: Store;
  registry: Registry;
  clock: Clock;
  random: Random;
  host: StrategyHost;
  tokens: IssuedTokens;
  /** Answers a delete of something that others depend on, and what must be done at once after a write. */
  hooks: WriteHook[];
}

/** Called after each stored change, within the same turn; it may write in its turn. */
type WriteHook = (change: Change) => void;

export interface Change {
  type: ResourceType;
  event: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
  before: KubeObject | undefined;
}

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. */
export function kubeTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function newUid(random: Random): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function keyFor(type: ResourceType, namespace: string, name: string): string {
  return `${type.namespaced ? namespace : ''}/${name}`;
}

/** An object as it is stored and sent: apiVersion and kind first, so that list items can do without them. */
export function serialize(object: KubeObject): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  const ordered = { apiVersion, kind, metadata, ...rest };
  try {
    return JSON.stringify(ordered);
  } catch (error) {
    if (error instanceof TypeError) return stringifyJson(ordered);
    throw error;
  }
}
