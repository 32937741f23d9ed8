import type { Strategy } from './types.js';

export const customStrategy: Strategy = { generation: true, status: true };
