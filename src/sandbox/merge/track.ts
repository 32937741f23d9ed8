import type { FieldSet, TypeSchema } from '../../manifest/index.js';
import { equalJson, type KubeObject, type ManagedFieldsEntry } from '../../model/index.js';
import type { MergeResult } from './apply.js';
import { atomOf } from './atom.js';
import { decodeManaged, encodeManaged, type Managed, noManaged, withManaged } from './managed.js';
import { updateManaged } from './tracking.js';
import type { UpdateContext } from './updater.js';
import { typeProblems } from './validate.js';
import { type ConvertVersion, converter, type Versioned } from './versions.js';

export interface TrackOptions {
  schema: TypeSchema | undefined;
  /** The object as it is, in the version of the request; undefined when it is created. */
  live?: KubeObject;
  /** What a new object of the kind looks like before anything is set. Default: apiVersion and kind only. */
  empty?: KubeObject;
  /** The object as the request makes it; its managedFields are what the client sent, if it sent any. */
  next: KubeObject;
  manager: string;
  /** Milliseconds since the epoch. */
  time: number;
  subresource?: string;
  /** Fields that this endpoint does not set. */
  resetFields?: FieldSet;
  convert?: ConvertVersion;
}

/**
 * Ownership after a create, update or patch: the manager gets the fields that it changed. An object that could
 * not be tracked (a list with two items of one key, an entry that is none) loses its managedFields, as upstream's does.
 */
export function trackUpdate(options: TrackOptions): MergeResult {
  const { live, next } = options;
  const object = track(options);
  const changed = live === undefined || !(object === live || equalJson(object, live));
  return { object: changed || next === live ? object : (live as KubeObject), changed };
}

function track(options: TrackOptions): KubeObject {
  const { next, live } = options;
  const atom = atomOf(options.schema);
  const start = live ?? options.empty ?? ({ apiVersion: next.apiVersion, kind: next.kind } as KubeObject);
  const managed = decodeLiveOrNew(live, next, options.subresource !== undefined && options.subresource !== '');
  const bare = withManaged(next, undefined);
  // What nobody has applied and nobody tracked from its beginning stays untracked until somebody applies.
  if (managed.owners.size === 0 && live?.metadata?.uid) return bare;
  const before = withManaged(start, undefined);
  if (typeProblems(bare, atom).length > 0 || typeProblems(before, atom).length > 0) return bare;
  const context: UpdateContext = { convert: converter(options.convert), resetFields: options.resetFields };
  const version = (value: unknown): Versioned => ({ value, atom, apiVersion: next.apiVersion });
  const writer = { manager: options.manager, subresource: options.subresource, time: options.time };
  const entries = encodeManaged(updateManaged(context, version(before), version(bare), managed, writer));
  return withManaged(bare, entries);
}

/** Clients may send managedFields back, reset them with `[]` or `[{}]`, or leave them out. */
function decodeLiveOrNew(live: KubeObject | undefined, next: KubeObject, isSubresource: boolean): Managed {
  if (!isSubresource) {
    const sent = next.metadata?.managedFields;
    if (isReset(sent)) return noManaged();
    const managed = decodeOrEmpty(sent);
    if (managed.owners.size > 0) return managed;
  }
  return decodeOrEmpty(live?.metadata?.managedFields);
}

function decodeOrEmpty(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  try {
    return decodeManaged(entries);
  } catch {
    return noManaged();
  }
}

function isReset(entries: readonly ManagedFieldsEntry[] | null | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] as object).length === 0);
}

/**
 * Puts the old times back where a write changed nothing but times in managedFields: nothing need be stored then.
 * To be asked with objects as they would be stored, after defaults.
 */
export function ignoreTimesOnly(live: KubeObject, next: KubeObject): KubeObject {
  const before = live.metadata?.managedFields;
  const after = next.metadata?.managedFields;
  if (before === undefined || after === undefined || before.length !== after.length || after.length === 0) return next;
  if (after.every((entry, i) => entry.time === before[i]?.time)) return next;
  const restored = after.map((entry, i) => ({ ...entry, time: before[i]?.time }));
  const object = { ...next, metadata: { ...next.metadata, managedFields: restored } };
  return equalJson(live, object) ? live : next;
}
