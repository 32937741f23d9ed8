import type { ApiResource, ApplyResult } from '../kube/index.js';
import { describeKey, type ErrorCode, EvenkeelError, type Json, type KubeObject, setOwn } from '../model/index.js';
import { isPeoplesTool, ownersOfSteps, resolveField, without } from './conflicts.js';
import type { DecideOptions } from './decide.js';
import { fieldChanges } from './field-changes.js';
import { fieldManager } from './marks.js';
import { neverRecreated } from './treatment.js';
import type { Compared } from './types.js';

export type Answer = { item: Compared; answer: ApplyResult } | { item: Compared; error: EvenkeelError };

/** What a server refuses for good is a finding; what went wrong on the way is not. */
const refusals = new Set<ErrorCode>([
  'KUBE_CONFLICT',
  'KUBE_INVALID',
  'KUBE_BAD_REQUEST',
  'KUBE_NOT_FOUND',
  'KUBE_FORBIDDEN',
  'KUBE_ALREADY_EXISTS',
  'KUBE_REQUEST_REFUSED',
  'KUBE_TOO_LARGE',
]);

/** How many fields that the server does not know are left out of one object. */
const maxUnknown = 50;

/** Whether an object is put as a whole in place of being applied. */
export function isReplaced({ desired, live, recreate, afterDeletion }: Compared): boolean {
  const { treatment } = desired;
  if (live === undefined || afterDeletion || recreate === true || treatment?.replace !== true) return false;
  return treatment.recreate !== 'changed' || neverRecreated(desired.key);
}

/**
 * What is put where an object is replaced: what Git says and nothing else, bound to what was looked at. What
 * keeps an object alive or lets it go (finalizers, owners) stays, and so do fields of Git that are left to others.
 */
export function replacement({ desired, send, live }: Compared): KubeObject {
  const { resourceVersion, finalizers, ownerReferences } = live?.metadata ?? {};
  const put = withLeft(send as unknown as Json, desired.object as unknown as Json, live as unknown as Json) as unknown as KubeObject;
  return {
    ...put,
    metadata: {
      ...put.metadata,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(finalizers === undefined || send.metadata.finalizers !== undefined ? {} : { finalizers }),
      ...(ownerReferences === undefined || send.metadata.ownerReferences !== undefined ? {} : { ownerReferences }),
    },
  };
}

/** Fields that Git has and an apply would not send, because they are left to somebody, with the value that they have. */
function withLeft(send: Json | undefined, wanted: Json | undefined, live: Json | undefined): Json | undefined {
  if (send === undefined) return live;
  if (!isMap(send) || !isMap(wanted) || !isMap(live)) return send;
  const out: { [key: string]: Json } = { ...send };
  for (const [key, value] of Object.entries(wanted)) {
    const theirs = Object.hasOwn(live, key) ? live[key] : undefined;
    const kept = withLeft(Object.hasOwn(send, key) ? send[key] : undefined, value, theirs);
    if (kept !== undefined) setOwn(out, key, kept);
  }
  return out;
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Whether something other than a person's tool has set the replicas of a live object. */
function isAutoscaled(live: KubeObject): boolean {
  const scales = (live.metadata.managedFields ?? []).filter((e) => e.subresource === 'scale' && !isPeoplesTool(e.manager ?? ''));
  return ownersOfSteps(scales, live, ['spec', 'replicas']).length > 0;
}

/** Asks the server what would become of an object. Errors that are no finding are thrown. */
export async function dryRun(asked: Compared, resource: ApiResource, options: DecideOptions): Promise<Answer> {
  let item = asked;
  if (isReplaced(item) && item.live !== undefined && isAutoscaled(item.live) && resolveField(item.send, '.spec.replicas') !== undefined)
    item = { ...item, send: without(item.send, ['spec', 'replicas']) };
  for (let dropped = 0; ; dropped++) {
    try {
      return { item, answer: await ask(item, resource, options) };
    } catch (error) {
      if (!(error instanceof EvenkeelError) || !refusals.has(error.code)) throw error;
      const rest = item.desired.treatment?.validate === false && dropped < maxUnknown ? withoutUnknown(item, error) : undefined;
      if (rest === undefined) return { item, error };
      item = rest;
    }
  }
}

async function ask(item: Compared, resource: ApiResource, { cluster, signal }: DecideOptions): Promise<ApplyResult> {
  const options = { fieldManager, dryRun: true, fieldValidation: fieldValidation(item), signal } as const;
  if (!isReplaced(item)) return cluster.apply(resource, item.send, { ...options, force: item.force });
  const put = await cluster.replace(resource, replacement(item), options);
  // Nothing to put does not mean that the fields are ours: a sync may have ended between the put and the apply.
  return fieldChanges(item.live, put.object).length > 0 ? put : cluster.apply(resource, item.send, { ...options, force: true });
}

/** How strictly the server reads an object. */
export function fieldValidation({ desired }: Compared): 'Strict' | 'Ignore' {
  return desired.treatment?.validate === false ? 'Ignore' : 'Strict';
}

/** An apply is refused for a field that the server does not know, however it is to validate: the field is left out. */
function withoutUnknown(item: Compared, error: EvenkeelError): Compared | undefined {
  const field = /(\.[^\n]{1,500}?): field not declared in schema/.exec(error.message)?.[1];
  const found = field === undefined ? undefined : resolveField(item.send, field);
  if (found === undefined || found.steps.length === 0) return undefined;
  return {
    ...item,
    send: without(item.send, found.steps),
    warnings: [
      ...item.warnings,
      `${describeKey(item.desired.key)}: the server does not know ${field?.slice(1)}, and Validate=false says not to mind: it is left out`,
    ],
  };
}
