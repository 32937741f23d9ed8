import { EvenkeelError, nearest } from '../model/index.js';
import type { ApprovalOptions, DiffOptions, RollbackOptions, SyncOptions } from './types.js';

type Kind = 'boolean' | 'string' | 'object' | 'function';
type Types<T> = { [name in keyof Required<T>]: Kind };

export const diffOptionTypes: Types<DiffOptions> = {
  prune: 'boolean',
  takeBack: 'boolean',
  adopt: 'boolean',
  ref: 'string',
  signal: 'object',
};

export const syncOptionTypes: Types<SyncOptions> = {
  plan: 'object',
  prune: 'boolean',
  takeBack: 'boolean',
  adopt: 'boolean',
  allowMassPrune: 'boolean',
  createNamespace: 'boolean',
  healthTimeout: 'string',
  noWait: 'boolean',
  reason: 'string',
  signal: 'object',
  onEvent: 'function',
};

export const rollbackOptionTypes: Types<RollbackOptions> = {
  revision: 'string',
  time: 'string',
  run: 'string',
  signal: 'object',
  onEvent: 'function',
};

export const approvalOptionTypes: Types<ApprovalOptions> = { reason: 'string', plan: 'object', signal: 'object' };

/**
 * Holds the options of a call against the ones there are. A value of undefined is as good as none.
 * @throws EvenkeelError OPTION_UNKNOWN with the nearest known name, OPTION_INVALID
 */
export function checkCall<T>(what: string, options: T, types: Types<T>): void {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw new EvenkeelError('OPTION_INVALID', `${what}: the options are no object`, {
      hint: `Known options: ${Object.keys(types).join(', ')}.`,
    });
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const kind = Object.hasOwn(types, name) ? types[name as keyof T] : undefined;
    if (kind === undefined) {
      const near = nearest(name, Object.keys(types));
      throw new EvenkeelError('OPTION_UNKNOWN', `${what}: unknown option "${name}"`, {
        where: { field: name },
        hint: near === undefined ? `Known options: ${Object.keys(types).sort().join(', ')}.` : `Did you mean "${near}"?`,
      });
    }
    if (typeof value !== kind || value === null)
      throw new EvenkeelError('OPTION_INVALID', `${what}: option "${name}" must be a ${kind}`, { where: { field: name } });
  }
}
