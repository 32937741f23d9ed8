import { EvenkeelError, equalJson, type Json, stringifyJson } from '../../model/index.js';
import type { StateEntry } from '../../store/index.js';
import {
  boolean,
  callback,
  data,
  duration,
  integer,
  list,
  type ModuleDescription,
  nothing,
  number,
  object,
  optional,
  optionalParameter,
  options,
  parameter,
  required,
  text,
  time,
} from '../describe/types.js';
import { type Duration, milliseconds } from '../durations.js';
import type { ModuleHost } from '../host.js';
import { type LockInfo, type LockOptions, openLocks } from './locks.js';

interface Lasting {
  ttl?: Duration;
}

/** Values and locks that outlast a run, shared by all runs of a workspace. */
export interface StateModule {
  /** @returns the fallback, or undefined, where there is nothing */
  get(key: string, fallback?: Json): Promise<Json | undefined>;
  set(key: string, value: unknown, options?: Lasting): Promise<void>;
  exists(key: string): Promise<boolean>;
  /** @returns whether it was there */
  delete(key: string): Promise<boolean>;
  /** In order. */
  keys(prefix?: string): Promise<string[]>;
  /** What is not there counts as 0. @returns the new number */
  increment(key: string, by?: number, options?: Lasting): Promise<number>;
  /** Writes only where the value is what is expected; nothing is expected where that is undefined or null. */
  compareAndSet(key: string, expected: Json | undefined, value: unknown, options?: Lasting): Promise<boolean>;
  /** @throws EvenkeelError STATE_LOCKED where another owner has it for as long as we wait */
  lock(name: string, options?: LockOptions): Promise<LockInfo>;
  /** @returns false where the lock is not this owner's any more */
  renew(name: string, owner: string, options?: { lease?: Duration }): Promise<boolean>;
  /** @returns whether it was this owner's */
  unlock(name: string, owner: string): Promise<boolean>;
  holder(name: string): Promise<LockInfo | undefined>;
  /** Runs a function under a lock whose lease is renewed meanwhile. @throws EvenkeelError STATE_LOCKED, STATE_LOCK_LOST */
  withLock<T>(name: string, action: () => T | Promise<T>, options?: LockOptions): Promise<T>;
}

const LARGEST_VALUE = 1024 * 1024;

export function openStateModule(host: Pick<ModuleHost, 'store' | 'clock' | 'random' | 'signal'>): StateModule {
  const { state } = host.store;
  const { clock } = host;
  let swept = false;

  /** What has expired is forgotten with the first write. */
  const update: typeof state.update = async (key, decide) => {
    if (!swept) {
      swept = true;
      await state.sweep();
    }
    return state.update(`value/${checkName(key, 'key')}`, decide);
  };
  const entry = (value: unknown, { ttl }: Lasting): StateEntry => {
    const json = (value ?? null) as Json;
    const size = Buffer.byteLength(stringifyJson(json));
    if (size > LARGEST_VALUE)
      throw new EvenkeelError('STATE_INVALID', `the value has ${size} bytes, more than ${LARGEST_VALUE}`, {
        where: { field: 'value' },
        hint: 'Keep large things in files or in Git, and their names here.',
      });
    return { value: json, ...(ttl === undefined ? {} : { expiresAt: clock.now() + milliseconds(ttl, 0) }) };
  };
  const get = async (key: string) => (await state.get(`value/${checkName(key, 'key')}`))?.value;

  return {
    get: async (key, fallback) => (await get(key)) ?? fallback,
    set: (key, value, lasting = {}) => update(key, () => ({ next: entry(value, lasting), result: undefined })),
    exists: async (key) => (await get(key)) !== undefined,
    delete: (key) => update(key, (current) => ({ next: undefined, result: current !== undefined })),
    keys: async (prefix = '') => (await state.keys(`value/${prefix}`)).map((key) => key.slice('value/'.length)),
    increment: (key, by = 1, lasting = {}) =>
      update(key, (current) => {
        const before = current?.value ?? 0;
        if (typeof before !== 'number')
          throw new EvenkeelError('STATE_INVALID', `the state "${key}" is no number`, {
            where: { field: 'key' },
            hint: 'Choose another key for the counter.',
          });
        const after = before + by;
        // Who says nothing of its life leaves it as it is.
        const kept = current?.expiresAt === undefined ? {} : { expiresAt: current.expiresAt };
        return { next: { ...kept, ...entry(after, lasting) }, result: after };
      }),
    compareAndSet: (key, expected, value, lasting = {}) =>
      update(key, (current) => {
        const same = equalJson(current?.value ?? null, expected ?? null);
        return { next: same ? entry(value, lasting) : current, result: same };
      }),
    ...openLocks(host, (name) => checkName(name, 'name')),
  };
}

function checkName(name: string, field: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (name.length > 0 && name.length <= 500 && !/[\u0000-\u001f\u007f]/.test(name) && !/\p{Surrogate}/u.test(name)) return name;
  throw new EvenkeelError('STATE_INVALID', `a ${field} has 1 to 500 characters and no control characters`, { where: { field } });
}

const key = parameter('key', text, 'Name of the value');
const name = parameter('name', text, 'Name of the lock');
const lasting = options({ ttl: optional(duration, 'How long it is there. Default: for good') });
const lockInfo = object('LockInfo', {
  name: required(text, 'Name of the lock'),
  owner: required(text, 'Who has it'),
  fence: required(integer, 'Grows with every time that the lock is taken: what an older owner writes can be told by it'),
  expiresAt: required(time, 'When others may take it, unless it is renewed'),
});
const lease = optional(duration, 'How long others wait for an owner that is gone. Default 60s');
const lockOptions = options({
  owner: optional(text, 'Who takes it: the same owner takes it again. Default: a new name'),
  lease,
  wait: optional(duration, 'How long to wait for another owner. Default: not at all'),
});
const throws = ['STATE_INVALID'];

export const stateDescription: ModuleDescription<StateModule> = {
  summary: 'Values and locks that outlast a run, shared by all runs of a workspace. Values are stored encrypted.',
  functions: {
    get: {
      summary: 'Reads a value.',
      parameters: [key, optionalParameter('fallback', data, 'What is returned where there is nothing')],
      returns: { type: data, optional: true },
      async: true,
      throws,
    },
    set: {
      summary: 'Writes a value.',
      parameters: [key, parameter('value', data, 'JSON data of up to 1 MiB'), lasting],
      returns: { type: nothing },
      async: true,
      throws,
    },
    exists: { summary: 'Whether there is a value.', parameters: [key], returns: { type: boolean }, async: true, throws },
    delete: {
      summary: 'Forgets a value.',
      parameters: [key],
      returns: { type: boolean, summary: 'Whether it was there' },
      async: true,
      throws,
    },
    keys: {
      summary: 'The keys of all values, in order.',
      parameters: [optionalParameter('prefix', text, 'What they begin with')],
      returns: { type: list(text) },
      async: true,
    },
    increment: {
      summary: 'Adds to a number as one step. What is not there counts as 0.',
      parameters: [key, optionalParameter('by', number, 'How much. Default 1'), lasting],
      returns: { type: number, summary: 'The new number' },
      async: true,
      throws,
    },
    compareAndSet: {
      summary: 'Writes a value only where the present one is as expected, as one step.',
      parameters: [
        key,
        optionalParameter('expected', data, 'The present value; null where nothing is expected'),
        parameter('value', data, 'The new one'),
        lasting,
      ],
      returns: { type: boolean, summary: 'Whether it was written' },
      async: true,
      throws,
    },
    lock: {
      summary: 'Takes a lock.',
      parameters: [name, lockOptions],
      returns: { type: lockInfo },
      async: true,
      throws: [...throws, 'STATE_LOCKED', 'CANCELLED'],
    },
    renew: {
      summary: 'Renews the lease of a lock.',
      parameters: [name, parameter('owner', text, 'Who has it'), options({ lease })],
      returns: { type: boolean, summary: "false where the lock is not this owner's any more" },
      async: true,
      throws,
    },
    unlock: {
      summary: 'Gives a lock back.',
      parameters: [name, parameter('owner', text, 'Who has it')],
      returns: { type: boolean, summary: "Whether it was this owner's" },
      async: true,
      throws,
    },
    holder: {
      summary: 'Who has a lock.',
      parameters: [name],
      returns: { type: lockInfo, optional: true },
      async: true,
      throws,
    },
    withLock: {
      summary: 'Runs a function under a lock whose lease is renewed meanwhile, and gives it back, whether the function fails or not.',
      parameters: [name, parameter('action', callback, 'What is run'), lockOptions],
      returns: { type: data, optional: true, summary: 'What the function returned' },
      async: true,
      throws: [...throws, 'STATE_LOCKED', 'STATE_LOCK_LOST', 'CANCELLED'],
    },
  },
};
