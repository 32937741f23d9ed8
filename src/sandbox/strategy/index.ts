import type { ResourceType } from '../registry/types.js';
import { customStrategy } from './custom.js';
import type { Strategy } from './types.js';

const table: { [resource: string]: Strategy } = {};

const plain: Strategy = {};

/** What the API server does with a kind beyond storing it. */
export function strategyOf(type: ResourceType): Strategy {
  if (type.custom) return customStrategy;
  return table[type.storage] ?? plain;
}

export function register(strategies: { [resource: string]: Strategy }): void {
  Object.assign(table, strategies);
}
