import type { ResourceType } from '../registry/types.js';
import { autoscaling } from './autoscaling.js';
import { batch } from './batch.js';
import { cluster } from './cluster.js';
import { core } from './core.js';
import { customStrategy } from './custom.js';
import { definitions } from './definitions.js';
import { networking } from './networking.js';
import { rbac } from './rbac.js';
import { services } from './service.js';
import type { Strategy } from './types.js';
import { webhooks } from './webhooks.js';
import { workloads } from './workloads.js';

const table = new Map<string, Strategy>(
  Object.entries({
    ...core,
    ...services,
    ...workloads,
    ...batch,
    ...networking,
    ...autoscaling,
    ...rbac,
    ...webhooks,
    ...cluster,
    ...definitions,
  }),
);

const plain: Strategy = {};

/** What the API server does with a kind beyond storing it. */
export function strategyOf(type: ResourceType): Strategy {
  if (type.custom) return customStrategy(type);
  return table.get(type.storage) ?? plain;
}
