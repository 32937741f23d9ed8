import { builtinSchema } from '../manifest/index.js';
import { compareText, count, describeKey, formatKey, formatTime, type Json, type KubeObject, keyOf } from '../model/index.js';
import { adviceOn } from './advice.js';
import { ownersOfSteps } from './conflicts.js';
import { fieldChanges, formatSteps, type RawChange } from './field-changes.js';
import { buildGraph, type Graph } from './graph.js';
import { pathsOf } from './impact/finding.js';
import { impactOf, replacesPods } from './impact/index.js';
import { pruneRefusal } from './limits.js';
import { maskSecret } from './mask.js';
import type { Surroundings } from './surroundings.js';
import { createText, deleteText, updateText } from './text.js';
import type { Change, Compared, Comparison, Diff, FieldChange, Hook, Phase, PruneCandidate } from './types.js';

export interface DiffInput {
  comparison: Comparison;
  hooks: readonly Hook[];
  workflowId: string;
  revision: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** For the masks of Secret values. */
  secretKey: Uint8Array;
  /** How many objects the workflow had before, for the limit of what a sync deletes; undefined where none is set. */
  inventorySize?: number;
}

/** A comparison as the data of the contract: masked, with impact, in an order that two runs share. */
export function buildDiff({ comparison, hooks, workflowId, revision, now, secretKey, inventorySize }: DiffInput): Diff {
  const changed = comparison.items.flatMap((item) =>
    item.action === 'create' || item.action === 'update' ? [statesOf(item, secretKey)] : [],
  );
  const graph = buildGraph(comparison.items.map((item) => item.desired.object));
  const moving = new Set(changed.filter(movesPods).map(({ item }) => formatKey(item.desired.key)));
  const restarts = (workload: KubeObject) => moving.has(formatKey(keyOf(workload)));
  const context: Context = {
    secretKey,
    graph,
    restarts,
    ...(comparison.surroundings === undefined ? {} : { surroundings: comparison.surroundings }),
  };
  const changes: Change[] = [
    ...changed.map((states) => changeOf(states, context)),
    ...comparison.prune.map((candidate) => deletionOf(candidate, context)),
  ];
  const refusal = inventorySize === undefined ? undefined : pruneRefusal(comparison, inventorySize);
  const decided = comparison.items.flatMap((item) => item.conflicts);
  const conflicts = decided.filter((conflict) => conflict.resolution === 'blocked');
  const resolutions = decided.filter((conflict) => conflict.resolution !== 'blocked');
  const advised = changed.map(({ item, raw }) => ({ item, paths: pathsOf(raw) }));
  const warnings = [
    ...(refusal === undefined ? [] : [`A sync of this is refused: ${refusal.message}. ${refusal.hint}`]),
    ...comparison.warnings,
    ...adviceOn({ comparison, graph, changed: advised, restarts, hooks: hooks.map((hook) => hook.object) }),
    ...changes
      .filter((change) => change.impact === 'high' || change.impact === 'critical')
      .map(
        (change) =>
          `${change.impact === 'high' ? 'High' : 'Critical'}-impact change detected: ${change.resource} (${inShort(change.reasons)})`,
      ),
  ];
  const of = (type: Change['type']) => changes.filter((change) => change.type === type).length;
  return {
    workflowId,
    generatedAt: formatTime(now),
    revision,
    summary: {
      totalChanges: changes.length,
      createdResources: of('create'),
      updatedResources: of('update'),
      deletedResources: of('delete'),
      unchangedResources: comparison.items.filter((item) => item.action === 'unchanged').length,
      conflictCount: conflicts.length,
      warningCount: warnings.length,
    },
    changes,
    conflicts,
    resolutions,
    hooks: changes.length === 0 ? [] : hookRows(hooks),
    warnings,
  };
}

/** The first reasons of a change; all of them stand with it. */
function inShort(reasons: readonly string[]): string {
  return `${reasons.slice(0, 3).join('; ')}${reasons.length > 3 ? `; and ${reasons.length - 3} more` : ''}`;
}

const phaseOrder: readonly Phase[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];

function hookRows(hooks: readonly Hook[]): Diff['hooks'] {
  return hooks
    .flatMap((hook) =>
      hook.phases.map((phase) => ({
        phase,
        wave: hook.wave,
        resource: `${hook.object.kind}/${hook.object.metadata.name ?? `${hook.object.metadata.generateName ?? ''}*`}`,
        namespace: hook.object.metadata.namespace ?? '',
      })),
    )
    .sort((a, b) => phaseOrder.indexOf(a.phase) - phaseOrder.indexOf(b.phase) || a.wave - b.wave || compareText(a.resource, b.resource));
}

interface Context {
  secretKey: Uint8Array;
  graph: Graph;
  restarts: (workload: KubeObject) => boolean;
  surroundings?: Surroundings;
}

/** An item that is made or changed, as it is and as it will be, with the fields that differ. */
interface States {
  item: Compared;
  before: KubeObject | undefined;
  after: KubeObject;
  raw: RawChange[];
}

function statesOf(item: Compared, secretKey: Uint8Array): States {
  const { desired, live, predicted, action, send } = item;
  const created = live === undefined || action === 'create';
  const after = withoutInvented(maskSecret(predicted ?? send, secretKey), created);
  const before = created ? undefined : maskSecret(live, secretKey);
  return { item, before, after, raw: before === undefined ? [] : fieldChanges(before, after, builtinSchema(desired.gvk)) };
}

/** Whether the pods of a workload start anew by this. */
function movesPods({ item, before, after, raw }: States): boolean {
  return before === undefined || item.recreate === true || replacesPods(after, pathsOf(raw));
}

function changeOf({ item, before, after, raw }: States, context: Context): Change {
  const { desired, recreateBecause } = item;
  const type = before === undefined ? 'create' : 'update';
  const { graph, restarts, surroundings } = context;
  return {
    type,
    resource: `${desired.key.kind}/${desired.key.name}`,
    namespace: desired.key.namespace,
    group: desired.key.group,
    ...(before === undefined ? {} : { currentState: before }),
    desiredState: after,
    diff: before === undefined ? createText(after) : updateText(after, raw, item.recreate === true ? 'Replacing' : 'Updating'),
    ...impactOf({
      type,
      object: after,
      changes: raw,
      graph,
      restarts,
      ...(before === undefined ? {} : { live: before }),
      ...(recreateBecause === undefined ? {} : { recreateBecause }),
      ...(surroundings === undefined ? {} : { surroundings }),
    }),
    ...(item.recreate === true ? { recreate: true } : {}),
    fields: raw.map((change) => fieldOf(change, before)),
    source: desired.source,
  };
}

/** What a dry run makes up for an object that does not exist: it differs every time and will not be. */
function withoutInvented(object: KubeObject, created: boolean): KubeObject {
  if (!created) return object;
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function fieldOf({ steps, before, after }: RawChange, live: KubeObject | undefined): FieldChange {
  const owners = live === undefined || before === undefined ? [] : ownersOfSteps(live.metadata.managedFields, live, steps);
  return {
    path: formatSteps(steps),
    ...(before === undefined ? {} : { before: before as Json }),
    ...(after === undefined ? {} : { after: after as Json }),
    owners,
  };
}

function deletionOf({ key, live }: PruneCandidate, { secretKey, graph, restarts, surroundings }: Context): Change {
  const before = maskSecret(live, secretKey);
  return {
    type: 'delete',
    resource: `${key.kind}/${key.name}`,
    namespace: key.namespace,
    group: key.group,
    currentState: before,
    diff: deleteText(live),
    ...impactOf({
      type: 'delete',
      object: before,
      live: before,
      changes: [],
      graph,
      restarts,
      ...(surroundings === undefined ? {} : { surroundings }),
    }),
    fields: [],
  };
}

/** `2 to create, 1 to update, 1 to delete, 3 unchanged`, and what stands in the way. */
export function summaryLine({ summary }: Diff): string {
  const parts = [
    summary.createdResources > 0 ? `${summary.createdResources} to create` : '',
    summary.updatedResources > 0 ? `${summary.updatedResources} to update` : '',
    summary.deletedResources > 0 ? `${summary.deletedResources} to delete` : '',
    summary.unchangedResources > 0 ? `${summary.unchangedResources} unchanged` : '',
    summary.conflictCount > 0 ? count(summary.conflictCount, 'conflict') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

/** For messages: what the comparison found in the way, first ones first. */
export function blockers(comparison: Comparison): string[] {
  return comparison.items.flatMap((item) =>
    item.conflicts
      .filter((conflict) => conflict.resolution === 'blocked')
      .map((conflict) => `${describeKey(item.desired.key)}: ${conflict.description}`),
  );
}
