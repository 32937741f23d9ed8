import type { ApiResource, ApplyResult } from '../kube/index.js';
import { describeKey, type ErrorCode, EvenkeelError, type Json, type KubeObject } from '../model/index.js';
import { isPeoplesTool, ownersOfSteps, resolveField, without } from './conflicts.js';
import type { DecideOptions } from './decide.js';
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
export function isReplaced({ desired, live, recreate }: Compared): boolean {
  const { treatment } = desired;
  if (live === undefined || recreate === true || treatment?.replace !== true) return false;
  return treatment.recreate !== 'changed' || neverRecreated(desired.key);
}

/**
 * What is put where an object is replaced: what Git says and nothing else, bound to what was looked at. What
 * keeps an object alive or lets it go (finalizers, owners) stays, and so does a number of replicas that an
 * autoscaler set.
 */
export function replacement({ send, live }: Compared): KubeObject {
  const { resourceVersion, finalizers, ownerReferences } = live?.metadata ?? {};
  const put: KubeObject = {
    ...send,
    metadata: {
      ...send.metadata,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(finalizers === undefined || send.metadata.finalizers !== undefined ? {} : { finalizers }),
      ...(ownerReferences === undefined || send.metadata.ownerReferences !== undefined ? {} : { ownerReferences }),
    },
  };
  const replicas = live === undefined ? undefined : autoscaled(live);
  return replicas === undefined ? put : { ...put, spec: { ...(put['spec'] as object), replicas } };
}

/** The replicas of a live object where something other than a person's tool scales it. */
function autoscaled(live: KubeObject): Json | undefined {
  const scales = (live.metadata.managedFields ?? []).filter((e) => e.subresource === 'scale' && !isPeoplesTool(e.manager ?? ''));
  return ownersOfSteps(scales, live, ['spec', 'replicas']).length > 0 ? resolveField(live, '.spec.replicas')?.value : undefined;
}

/** Asks the server what would become of an object. Errors that are no finding are thrown. */
export async function dryRun(asked: Compared, resource: ApiResource, options: DecideOptions): Promise<Answer> {
  let item = asked;
  if (isReplaced(item) && item.live !== undefined && autoscaled(item.live) !== undefined)
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
  return isReplaced(item)
    ? cluster.replace(resource, replacement(item), options)
    : cluster.apply(resource, item.send, { ...options, force: item.force });
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
