import { claims } from './claims.js';
import { config } from './core/config.js';
import { quotas } from './core/quotas.js';
import { rest } from './core/rest.js';
import { pods } from './pod/strategy.js';
import type { Strategy } from './types.js';

export const core: { [resource: string]: Strategy } = { ...config, ...rest, ...quotas, ...claims, ...pods };
