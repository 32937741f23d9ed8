import { difference, type FieldSet, intersection, isSubset, recursiveDifference, union } from '../../manifest/index.js';
import { combine } from './combine.js';
import { type Comparison, compareValues, excluding, isSame } from './compare.js';
import { ApplyConflict, conflictsOf } from './errors.js';
import { fieldsOf, withNamedParents } from './fields.js';
import type { Managed, Owner } from './managed.js';
import { reconcile } from './reconcile.js';
import { withoutFields } from './remove.js';
import type { Converter, Versioned } from './versions.js';

/** What the algebra of ownership needs besides the objects. */
export interface UpdateContext {
  readonly convert: Converter;
  /** Fields that this request can not set. */
  readonly resetFields: FieldSet | undefined;
}

type Owners = Map<string, Owner>;

/** The owners, their fields brought up to today's schema; those of versions that are gone are left out. */
function reconciled(context: UpdateContext, live: Versioned, owners: Owners): Owners {
  const out: Owners = new Map();
  for (const [id, owner] of owners) {
    const version = context.convert(live, owner.apiVersion);
    if (version === undefined) continue;
    const set = reconcile(owner.set, version.atom);
    out.set(id, set === owner.set ? owner : { ...owner, set });
  }
  return out;
}

/** Takes what changed away from all owners but `workflow`; without force, appliers must not take from others. */
function takeFromOthers(
  context: UpdateContext,
  live: Versioned,
  next: Versioned,
  request: { owners: Owners; times: ReadonlyMap<string, string>; workflow: string; force: boolean },
): Comparison {
  const { owners, workflow } = request;
  const comparison = excluding(compareValues(live.value, next.value, next.atom), context.resetFields);
  const versions = new Map<string, Comparison>([[next.apiVersion, comparison]]);
  const conflicts = new Map<string, { set: FieldSet; apiVersion: string }>();
  const removed = new Map<string, FieldSet>();
  for (const [id, owner] of [...owners]) {
    if (id === workflow) continue;
    const compare = versions.get(owner.apiVersion) ?? compareIn(context, live, next, owner.apiVersion);
    if (compare === undefined) {
      owners.delete(id);
      continue;
    }
    versions.set(owner.apiVersion, compare);
    const taken = union(intersection(owner.set, compare.modified), intersection(owner.set, compare.added));
    if (taken.size > 0) conflicts.set(id, { set: taken, apiVersion: owner.apiVersion });
    if (compare.removed.size > 0) removed.set(id, compare.removed);
  }
  if (!request.force && conflicts.size > 0) throw new ApplyConflict(conflictsOf(conflicts, request.times));
  for (const [id, { set }] of conflicts) subtractFrom(owners, id, set);
  for (const [id, set] of removed) subtractFrom(owners, id, set);
  for (const [id, owner] of owners) if (owner.set.size === 0) owners.delete(id);
  return comparison;
}

function compareIn(context: UpdateContext, live: Versioned, next: Versioned, apiVersion: string): Comparison | undefined {
  const before = context.convert(live, apiVersion);
  const after = context.convert(next, apiVersion);
  if (before === undefined || after === undefined) return undefined;
  return excluding(compareValues(before.value, after.value, after.atom), context.resetFields);
}

function subtractFrom(owners: Owners, id: string, set: FieldSet): void {
  const owner = owners.get(id) as Owner;
  const rest = difference(owner.set, set);
  if (rest !== owner.set) owners.set(id, { ...owner, set: rest });
}

/** Ownership after an update: whoever changed a field has it. @returns the owners; `manager` has only what changed now */
export function updateOwners(context: UpdateContext, live: Versioned, next: Versioned, managed: Managed, manager: string): Owners {
  const owners = reconciled(context, live, managed.owners);
  const comparison = takeFromOthers(context, live, next, { owners, times: managed.times, workflow: manager, force: true });
  const before = owners.get(manager)?.set;
  let set = union(comparison.modified, comparison.added);
  if (before !== undefined) set = union(before, set);
  set = difference(set, comparison.removed);
  if (context.resetFields !== undefined) set = recursiveDifference(set, context.resetFields);
  if (set.size === 0) owners.delete(manager);
  else owners.set(manager, { set, apiVersion: next.apiVersion, applied: false });
  return owners;
}

export interface ApplyOwnersResult {
  owners: Owners;
  /** Undefined where the applied fields have the values already. */
  value: unknown;
}

/** Lays an applied configuration over the live object and moves ownership. @throws ApplyConflict */
export function applyOwners(
  context: UpdateContext,
  live: Versioned,
  config: Versioned,
  request: { managed: Managed; manager: string; force: boolean },
): ApplyOwnersResult {
  const { manager, managed, force } = request;
  const owners = reconciled(context, live, managed.owners);
  const merged: Versioned = { ...config, value: combine(live.value, config.value, config.atom) };
  const last = owners.get(manager);
  let set = fieldsOf(config.value, config.atom);
  if (context.resetFields !== undefined) set = recursiveDifference(set, context.resetFields);
  owners.set(manager, { set, apiVersion: config.apiVersion, applied: true });
  const next = prune(context, merged, { owners, manager, last });
  const comparison = takeFromOthers(context, live, next, { owners, times: managed.times, workflow: manager, force });
  return { owners, value: isSame(comparison) ? undefined : next.value };
}

interface PruneRequest {
  owners: Owners;
  manager: string;
  last: Owner | undefined;
}

/** Leaves out what the manager applied last time, applies no more, and nobody else owns. */
function prune(context: UpdateContext, merged: Versioned, { owners, manager, last }: PruneRequest): Versioned {
  if (last === undefined || last.set.size === 0) return merged;
  const current = owners.get(manager) as Owner;
  // What is applied again is owned still, so nothing goes away.
  if (last.apiVersion === current.apiVersion && isSubset(last.set, current.set)) return merged;
  const inLast = context.convert(merged, last.apiVersion);
  if (inLast === undefined) return merged;
  const lastSet = withNamedParents(last.set, inLast.atom);
  let pruned: Versioned = { ...inLast, value: withoutFields(inLast.value, lastSet, inLast.atom) };
  pruned = addBackOwned(context, inLast, pruned, owners);
  const back = context.convert(pruned, last.apiVersion) ?? inLast;
  const prunedSet = withNamedParents(fieldsOf(back.value, back.atom), back.atom);
  const mergedSet = withNamedParents(fieldsOf(inLast.value, inLast.atom), inLast.atom);
  const gone = intersection(difference(mergedSet, prunedSet), lastSet);
  const value = withoutFields(inLast.value, gone, inLast.atom);
  return context.convert({ ...inLast, value }, merged.apiVersion) ?? merged;
}

/** Brings back what was cut out of the merged object though somebody owns it. */
function addBackOwned(context: UpdateContext, merged: Versioned, pruned: Versioned, owners: Owners): Versioned {
  const byVersion = new Map<string, FieldSet>();
  for (const owner of owners.values()) byVersion.set(owner.apiVersion, union(byVersion.get(owner.apiVersion) ?? new Map(), owner.set));
  let result = pruned;
  for (const [apiVersion, owned] of byVersion) {
    const whole = context.convert(merged, apiVersion);
    const rest = context.convert(result, apiVersion);
    if (whole === undefined || rest === undefined) continue;
    const wholeSet = withNamedParents(fieldsOf(whole.value, whole.atom), whole.atom);
    const restSet = withNamedParents(fieldsOf(rest.value, rest.atom), rest.atom);
    const keep = union(restSet, withNamedParents(owned, whole.atom));
    result = { ...whole, value: withoutFields(whole.value, difference(wholeSet, keep), whole.atom) };
  }
  return result;
}
