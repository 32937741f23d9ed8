import { createHmac } from 'node:crypto';
import {
  canonicalJson,
  describeKey,
  EvenkeelError,
  equalJson,
  formatKey,
  formatTime,
  hashJson,
  type KubeObject,
  type ResourceKey,
} from '../model/index.js';
import { fieldChanges, formatSteps, strip } from './field-changes.js';
import { isSecret } from './mask.js';
import type { Change, Comparison, Diff, Hook } from './types.js';

const planFormat = 'evenkeel/plan/1';

/** What a person may choose for one sync; a plan carries the choices that it was made with. */
export interface PlanChoices {
  prune: boolean;
  takeBack: boolean;
  adopt: boolean;
}

/** One object that a plan writes or deletes. */
export interface PlannedChange {
  type: Change['type'];
  key: ResourceKey;
  /** Hash of what is sent, `anew` before it where the object is deleted first; '' for a deletion. */
  sends: string;
  /** Hash of the live object that it was decided on; '' where there was none. */
  live: string;
}

/**
 * A diff frozen with what it stands on, so that exactly it can be looked at, approved and applied. Secrets
 * are in it as masks, and as hashes that only the store that made them can make again.
 */
export interface Plan {
  format: typeof planFormat;
  workflowId: string;
  revision: string;
  /** RFC 3339 */
  createdAt: string;
  /** Which cluster it was made for, whatever its name is. */
  cluster: string;
  choices: PlanChoices;
  /** Hash of each desired object by formatKey, hooks included. */
  desired: { [key: string]: string };
  changes: PlannedChange[];
  /** Hash of all that a sync of this plan would do: what an approval is bound to. */
  digest: string;
  diff: Diff;
}

export interface PlanInput {
  workflowId: string;
  clusterId: string;
  comparison: Comparison;
  hooks: readonly Hook[];
  diff: Diff;
  choices: PlanChoices;
  /** Of the store. */
  secretKey: Uint8Array;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Freezes a comparison. */
export function makePlan({ workflowId, clusterId, comparison, hooks, diff, choices, secretKey, now }: PlanInput): Plan {
  const hash = (object: KubeObject) => (isSecret(object) ? keyedHash(object, secretKey) : hashJson(object));
  const desired: { [key: string]: string } = {};
  for (const { desired: one } of comparison.items) desired[formatKey(one.key)] = isSecret(one.object) ? hash(one.object) : one.hash;
  for (const { object, phases } of hooks) {
    const { name = '', generateName = '', namespace = '' } = object.metadata;
    desired[`hook ${phases.join('+')} ${object.kind}:${namespace}/${name}${generateName}`] = hash(object);
  }
  const fingerprint = (live: KubeObject) => hash(settled(live));
  const changes: PlannedChange[] = [];
  for (const { action, desired: one, live, send, recreate } of comparison.items) {
    if (action !== 'create' && action !== 'update') continue;
    const { resourceVersion: _bound, ...metadata } = send.metadata;
    changes.push({
      type: action,
      key: one.key,
      sends: `${recreate === true ? anew : ''}${hash({ ...send, metadata })}`,
      live: live === undefined ? '' : fingerprint(live),
    });
  }
  for (const { key, live } of comparison.prune) changes.push({ type: 'delete', key, sends: '', live: fingerprint(live) });
  const ground = { workflowId, cluster: clusterId, desired, changes };
  return {
    format: planFormat,
    workflowId,
    revision: diff.revision,
    createdAt: formatTime(now),
    cluster: clusterId,
    choices,
    desired,
    changes,
    digest: hashJson(ground),
    diff,
  };
}

/** A live object less what the server and its controllers write all the time. */
function settled(live: KubeObject): KubeObject {
  const rest = strip(live) as unknown as KubeObject;
  const annotations = { ...rest.metadata.annotations };
  // Written by the deployment controller at every rollout.
  delete annotations['deployment.kubernetes.io/revision'];
  return { ...rest, metadata: { ...rest.metadata, annotations, uid: live.metadata.uid ?? '' } } as KubeObject;
}

/** Whether only what the server and controllers write all the time is different between two states of an object. */
export function isSameGround(a: KubeObject, b: KubeObject): boolean {
  return equalJson(settled(a), settled(b));
}

function keyedHash(value: unknown, key: Uint8Array): string {
  return createHmac('sha256', key).update(canonicalJson(value)).digest('hex');
}

/** One change by itself, for approvals that outlive a part of their plan. */
export function changeDigest({ type, key, sends, live }: PlannedChange): string {
  return hashJson([type, formatKey(key), sends, live]);
}

/**
 * What may be left to do of a change after a part of it: of an object that is made anew, the creation once it
 * is deleted.
 */
export function coveredDigests(change: PlannedChange): string[] {
  const own = changeDigest(change);
  if (!change.sends.startsWith(anew)) return [own];
  return [own, changeDigest({ ...change, type: 'create', sends: change.sends.slice(anew.length), live: '' })];
}

/** Before the hash of what is sent, where the object is deleted first. */
const anew = 'anew ';

/**
 * What has moved between a plan and the same plan made again now: sentences that name the objects and the
 * fields. Empty where applying the one is applying the other.
 */
export function whatMoved(then: Plan, now: Plan): string[] {
  if (then.digest === now.digest) return [];
  const moved: string[] = [];
  if (then.cluster !== now.cluster) moved.push('the workflow names another cluster than it did');
  const rendered = changedKeys(then.desired, now.desired);
  if (rendered.length > 0) {
    const from = then.revision === now.revision ? '' : ` (revision ${then.revision.slice(0, 12)} then, ${now.revision.slice(0, 12)} now)`;
    moved.push(`what Git wants has changed${from}: ${list(rendered)}`);
  }
  const before = new Map(then.changes.map((change) => [formatKey(change.key), change]));
  const after = new Map(now.changes.map((change) => [formatKey(change.key), change]));
  for (const [key, change] of before) {
    if (rendered.includes(key)) continue;
    const other = after.get(key);
    const name = describeKey(change.key);
    if (other === undefined) moved.push(`${name} ${blockedIn(now, change.key) ? 'is in conflict now' : 'has nothing to change any more'}`);
    else if (other.type !== change.type) moved.push(`${name} would be ${past[other.type]} and not ${past[change.type]}`);
    else if (other.live !== change.live) moved.push(`${name} was changed in the cluster: ${list(movedFields(then, now, change.key))}`);
    else if (other.sends !== change.sends) moved.push(`${name} would be sent with other fields`);
  }
  for (const [key, change] of after)
    if (!before.has(key) && !rendered.includes(key)) moved.push(`${describeKey(change.key)} would be ${past[change.type]} too`);
  return moved.length > 0 ? moved : ['the order or the kind of the changes is another'];
}

const past = { create: 'created', update: 'updated', delete: 'deleted' } as const;

function changedKeys(then: { [key: string]: string }, now: { [key: string]: string }): string[] {
  const keys = new Set([...Object.keys(then), ...Object.keys(now)]);
  return [...keys].filter((key) => then[key] !== now[key]).sort();
}

function list(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

function changeOf({ diff }: Plan, key: ResourceKey): Change | undefined {
  return diff.changes.find((c) => c.resource === `${key.kind}/${key.name}` && c.namespace === key.namespace && c.group === key.group);
}

function blockedIn({ diff }: Plan, key: ResourceKey): boolean {
  return diff.conflicts.some((c) => c.resource === `${key.kind}/${key.name}` && c.namespace === key.namespace && c.group === key.group);
}

function movedFields(then: Plan, now: Plan, key: ResourceKey): string[] {
  const fields = fieldChanges(changeOf(then, key)?.currentState, changeOf(now, key)?.currentState).map((change) =>
    formatSteps(change.steps),
  );
  return fields.length > 0 ? fields : ['it was made anew'];
}

/**
 * Reads a plan that was written to a file.
 * @throws EvenkeelError PLAN_INVALID
 */
export function readPlan(value: unknown, file: string): Plan {
  const plan = value as Plan;
  const invalid = (why: string) =>
    new EvenkeelError('PLAN_INVALID', `${file} is not a plan: ${why}`, { where: { file }, hint: 'Make one with: evenkeel plan -o FILE' });
  if (plan === null || typeof plan !== 'object' || Array.isArray(plan)) throw invalid('it holds no object');
  if (plan.format !== planFormat) throw invalid(`its format is "${String(plan.format)}", and this version reads "${planFormat}"`);
  const texts = [plan.workflowId, plan.revision, plan.cluster, plan.digest, plan.createdAt];
  const isRecord = (one: unknown) => one !== null && typeof one === 'object' && !Array.isArray(one);
  if (texts.some((text) => typeof text !== 'string') || !Array.isArray(plan.changes) || !isRecord(plan.desired) || !isRecord(plan.diff))
    throw invalid('members are missing');
  if (plan.changes.some((change) => !isRecord(change) || !isRecord(change.key) || typeof change.sends !== 'string'))
    throw invalid('its changes cannot be read');
  const { workflowId, cluster, desired, changes } = plan;
  if (hashJson({ workflowId, cluster, desired, changes }) !== plan.digest) throw invalid('it was changed after it was made');
  const choices = plan.choices;
  if (
    choices === null ||
    typeof choices !== 'object' ||
    [choices.prune, choices.takeBack, choices.adopt].some((c) => typeof c !== 'boolean')
  )
    throw invalid('its choices are missing');
  const { changes: shown, conflicts } = plan.diff;
  if (![shown, conflicts].every((rows) => Array.isArray(rows) && rows.every(isRecord))) throw invalid('its diff cannot be read');
  return plan;
}
