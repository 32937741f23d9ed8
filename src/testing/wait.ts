import { EvenkeelError, formatDuration, type KubeObject, type ManualClock, stringifyJson } from '../model/index.js';
import { check, durationOf, waitSchema } from './check.js';
import type { Hand } from './objects.js';
import type { WaitCondition } from './types.js';

export interface Waiting {
  hand: Hand;
  now(): number;
  settle(): Promise<void>;
  /** Turns time until something can have changed. */
  pass(ms: number): Promise<void>;
  /** How long to wait between two looks. */
  step: number;
}

export async function waitFor<T>(waiting: Waiting, wanted: (() => T | Promise<T>) | WaitCondition, timeout: string | number) {
  const limit = durationOf(timeout, 'timeout');
  const end = waiting.now() + limit;
  const look = typeof wanted === 'function' ? wanted : conditionLook(waiting.hand, wanted);
  for (;;) {
    await waiting.settle();
    const seen = await look();
    if (typeof wanted === 'function') {
      if (seen) return seen;
    } else if ((seen as Seen).holds) return (seen as Seen).object;
    const left = end - waiting.now();
    if (left <= 0) throw tooLate(wanted, seen, limit);
    await waiting.pass(Math.min(left, waiting.step));
  }
}

interface Seen {
  holds: boolean;
  object: KubeObject | undefined;
}

function conditionLook(hand: Hand, wanted: WaitCondition): () => Promise<Seen> {
  check(waitSchema, wanted, 'waitFor');
  const { apiVersion, kind, name, namespace, condition, where, gone } = wanted;
  const [type = '', status = 'True'] = (condition ?? '').split('=');
  return async () => {
    const object = await hand.get(apiVersion, kind, namespace === undefined ? name : `${namespace}/${name}`);
    if (gone) return { holds: object === undefined, object };
    if (!object) return { holds: false, object };
    const found = conditionsOf(object).find((c) => c.type === type);
    const { observedGeneration } = (object['status'] ?? {}) as { observedGeneration?: number };
    // A condition of a former generation says nothing about this one.
    const current = observedGeneration === undefined || observedGeneration >= (object.metadata.generation ?? 0);
    const holds = (condition === undefined || (found?.status === status && current)) && (where === undefined || where(object));
    return { holds, object };
  };
}

function conditionsOf(object: KubeObject): { type?: string; status?: string }[] {
  const { conditions } = (object['status'] ?? {}) as { conditions?: unknown };
  return Array.isArray(conditions) ? conditions : [];
}

function tooLate(wanted: unknown, seen: unknown, limit: number): EvenkeelError {
  const after = `after ${formatDuration(limit)} on the sandbox's clock`;
  if (typeof wanted === 'function') return new EvenkeelError('TESTING_TIMEOUT', `what was waited for did not come ${after}`);
  const { kind, name, namespace, condition, gone } = wanted as WaitCondition;
  const { object } = seen as Seen;
  const what = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
  const state = object === undefined ? 'it is not there' : `its status is ${stringifyJson(object['status'] ?? {}).slice(0, 1500)}`;
  const goal = gone ? 'go' : condition === undefined ? 'become as wanted' : `become ${condition}`;
  return new EvenkeelError('TESTING_TIMEOUT', `${what} did not ${goal} ${after}: ${state}`, { where: { resource: what } });
}

/** Steps of a stepped clock while something is waited for. */
export const clockStep = 250;

/** Turns a clock in steps, so that what is done at one moment is done before the next. */
export async function turn(clock: ManualClock, ms: number, settle: () => Promise<void>): Promise<void> {
  await clock.advance(ms);
  await settle();
}
