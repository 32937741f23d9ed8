import type { Resource } from '../resource/index.js';
import type { Schemas } from '../schema/index.js';

/** What transformers work on. The list is changed where it stands. */
export interface Work {
  resources: Resource[];
  schemas: Schemas;
}

export function replaceAll(list: Resource[], by: readonly Resource[]): void {
  list.length = 0;
  for (const resource of by) list.push(resource);
}
