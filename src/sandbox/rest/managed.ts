import type { KubeObject } from '../../model/index.js';
import type { ResourceType } from '../registry/types.js';

export interface Noted {
  live: KubeObject;
  next: KubeObject;
  manager: string;
  time: string;
  subresource?: string;
}

/** Notes in `next.metadata.managedFields` which fields the manager of an ordinary write has set. */
export function noteUpdate(_type: ResourceType, _noted: Noted): void {}

export function mergeJson(live: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const out: { [k: string]: unknown } = live !== null && typeof live === 'object' && !Array.isArray(live) ? { ...(live as object) } : {};
  for (const [k, v] of Object.entries(patch)) {
    if (v === null) delete out[k];
    else out[k] = mergeJson(out[k], v);
  }
  return out;
}
export function mergeStrategic(_type: ResourceType, live: unknown, patch: unknown): unknown {
  return mergeJson(live, patch);
}
export function patchJson(live: unknown, _patch: unknown): unknown {
  return live;
}
export interface Applying {
  live: KubeObject;
  exists: boolean;
  applied: KubeObject;
  manager: string;
  force: boolean;
  time: string;
  subresource: string;
}
export function applyConfiguration(_type: ResourceType, applying: Applying): KubeObject | undefined {
  return mergeJson(applying.live, applying.applied) as KubeObject;
}
