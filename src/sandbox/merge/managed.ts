import { type FieldSet, goQuote, parseFields, writeFields } from '../../manifest/index.js';
import type { KubeObject, ManagedFieldsEntry } from '../../model/index.js';
import { compareText } from '../../model/index.js';

/** What one manager owns. Values are not changed once made. */
export interface Owner {
  readonly set: FieldSet;
  readonly apiVersion: string;
  readonly applied: boolean;
}

/** managedFields decoded: owners by identifier, and the times of their last changes. */
export interface Managed {
  owners: Map<string, Owner>;
  /** RFC 3339; an owner without a time has changed nothing yet. */
  times: Map<string, string>;
  /** The entries as they were read, so that what did not change is written as it was. */
  entries: Map<string, ManagedFieldsEntry>;
}

export interface ManagerIdentity {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion?: string;
  subresource?: string;
}

const identities = new Map<string, ManagerIdentity>();
const identifiers = new Map<string, string>();

/**
 * The identifier of a manager: who, how and, for updates, in which version. Its text is what upstream sorts
 * managers by.
 */
export function identifier(identity: ManagerIdentity): string {
  const apiVersion = identity.operation === 'Apply' ? undefined : identity.apiVersion;
  const key = `${identity.operation}\0${apiVersion ?? ''}\0${identity.subresource ?? ''}\0${identity.manager}`;
  let id = identifiers.get(key);
  if (id === undefined) {
    const known: ManagerIdentity = {
      ...(identity.manager === '' ? ({} as { manager: string }) : { manager: identity.manager }),
      operation: identity.operation,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(identity.subresource ? { subresource: identity.subresource } : {}),
    };
    id = JSON.stringify(known);
    if (identifiers.size >= 10_000) {
      identifiers.clear();
      identities.clear();
    }
    identifiers.set(key, id);
    identities.set(id, known);
  }
  return id;
}

export function identityOf(id: string): ManagerIdentity {
  return identities.get(id) ?? (JSON.parse(id) as ManagerIdentity);
}

export function noManaged(): Managed {
  return { owners: new Map(), times: new Map(), entries: new Map() };
}

const decodedIds = new WeakMap<ManagedFieldsEntry, string>();

/** @throws Error with upstream's words where an entry is not one */
export function decodeManaged(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  const managed = noManaged();
  (entries ?? []).forEach((entry, i) => {
    let id = decodedIds.get(entry);
    if (id === undefined) {
      checkEntry(entry, i);
      id = identifier({
        manager: entry.manager ?? '',
        operation: entry.operation as 'Apply' | 'Update',
        ...(entry.apiVersion === undefined ? {} : { apiVersion: entry.apiVersion }),
        ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
      });
      decodedIds.set(entry, id);
    }
    managed.owners.set(id, {
      set: parseFields(entry.fieldsV1),
      apiVersion: entry.apiVersion as string,
      applied: entry.operation === 'Apply',
    });
    if (typeof entry.time === 'string') managed.times.set(id, entry.time);
    managed.entries.set(id, entry);
  });
  return managed;
}

function checkEntry(entry: ManagedFieldsEntry, i: number): void {
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') throw new Error('operation must be `Apply` or `Update`');
  if (!entry.apiVersion) throw new Error('apiVersion must not be empty');
  if (!entry.fieldsType) throw new Error(`missing fieldsType in managed fields entry ${i}`);
  if (entry.fieldsType !== 'FieldsV1') throw new Error(`invalid fieldsType ${goQuote(entry.fieldsType)} in managed fields entry ${i}`);
}

/** The entries in upstream's order; undefined where nobody owns anything. */
export function encodeManaged(managed: Managed): ManagedFieldsEntry[] | undefined {
  if (managed.owners.size === 0) return undefined;
  const entries: ManagedFieldsEntry[] = [];
  for (const [id, owner] of managed.owners) entries.push(encodeOwner(managed, id, owner));
  return entries.length === 1 ? entries : entries.sort(compareEntries);
}

function encodeOwner(managed: Managed, id: string, owner: Owner): ManagedFieldsEntry {
  const time = managed.times.get(id);
  const fieldsV1 = writeFields(owner.set);
  const before = managed.entries.get(id);
  if (before !== undefined && before.fieldsV1 === fieldsV1 && before.time === time && before.apiVersion === owner.apiVersion) return before;
  const identity = identityOf(id);
  const entry: ManagedFieldsEntry = {
    ...(identity.manager === undefined ? {} : { manager: identity.manager }),
    operation: owner.applied ? 'Apply' : identity.operation,
    apiVersion: owner.apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(identity.subresource === undefined ? {} : { subresource: identity.subresource }),
  };
  // An owner that came from another resource's version is known by its new version when it is read again.
  if (owner.applied || identity.apiVersion === owner.apiVersion) decodedIds.set(entry, id);
  return entry;
}

/** Seconds since the epoch; no time is the beginning. */
export function seconds(time: string | undefined): number {
  const ms = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation ?? '', b.operation ?? '') ||
    (a.time === b.time ? 0 : seconds(a.time) - seconds(b.time)) ||
    compareText(a.manager ?? '', b.manager ?? '') ||
    compareText(a.apiVersion ?? '', b.apiVersion ?? '') ||
    compareText(a.subresource ?? '', b.subresource ?? '')
  );
}

/** An object's time as managedFields write it. */
export function formatSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The object with other managedFields, or with none. The rest is shared. */
export function withManaged(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): KubeObject {
  const before = object.metadata?.managedFields;
  if (before === undefined && entries === undefined) return object;
  if (before !== undefined && entries !== undefined && before.length === entries.length && before.every((entry, i) => entry === entries[i]))
    return object;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } };
}
