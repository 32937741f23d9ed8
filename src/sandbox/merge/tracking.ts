import { difference, type FieldSet, fieldElement, fieldSetFrom, union } from '../../manifest/index.js';
import type { KubeObject } from '../../model/index.js';
import { formatSeconds, identifier, type Managed, type Owner, seconds } from './managed.js';
import { type UpdateContext, updateOwners } from './updater.js';
import type { Versioned } from './versions.js';

/** Metadata that nobody owns. */
const neverOwned: FieldSet = fieldSetFrom([
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map(
    (name) => [fieldElement('metadata'), fieldElement(name)],
  ),
]);

export function stripMetadata(owners: Map<string, Owner>, manager: string): void {
  const owner = owners.get(manager);
  if (owner === undefined) return;
  const set = difference(owner.set, neverOwned);
  if (set.size === 0) owners.delete(manager);
  else if (set !== owner.set) owners.set(manager, { ...owner, set });
}

const maxUpdateManagers = 10;
const self = 'current-operation';

/** Who writes, where and when. */
export interface Writer {
  manager: string;
  subresource: string | undefined;
  /** Milliseconds since the epoch. */
  time: number;
}

/** Managed fields after an operation Update that made `next` of `live`. */
export function updateManaged(context: UpdateContext, live: Versioned, next: Versioned, managed: Managed, writer: Writer): Managed {
  const id = identifier({
    manager: writer.manager === '' ? 'unknown' : writer.manager,
    operation: 'Update',
    apiVersion: next.apiVersion,
    ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
  });
  const owners = updateOwners(context, live, next, managed, self);
  stripMetadata(owners, self);
  const times = new Map(managed.times);
  const changed = owners.get(self);
  if (changed !== undefined) {
    owners.delete(self);
    const previous = owners.get(id);
    owners.set(id, previous === undefined ? changed : { ...changed, set: union(changed.set, previous.set) });
    times.set(id, formatSeconds(writer.time));
  }
  const result: Managed = { owners, times, entries: managed.entries };
  capUpdaters(result);
  return result;
}

/** Folds the oldest updaters of a version into one entry where there are more than ten. */
function capUpdaters(managed: Managed): void {
  const { owners, times } = managed;
  const updaters = [...owners.keys()].filter((id) => !owners.get(id)?.applied);
  if (updaters.length <= maxUpdateManagers) return;
  updaters.sort((a, b) => seconds(times.get(a)) - seconds(times.get(b)) || (a < b ? -1 : 1));
  const first = new Map<string, string>();
  let count = updaters.length;
  for (const id of updaters) {
    if (count <= maxUpdateManagers) return;
    const owner = owners.get(id) as Owner;
    const oldest = first.get(owner.apiVersion);
    if (oldest === undefined) {
      first.set(owner.apiVersion, id);
      continue;
    }
    const bucket = identifier({ manager: 'ancient-changes', operation: 'Update', apiVersion: owner.apiVersion });
    if (!owners.has(bucket)) {
      owners.set(bucket, owners.get(oldest) as Owner);
      if (oldest !== bucket) owners.delete(oldest);
    }
    const into = owners.get(bucket) as Owner;
    if (id !== bucket) owners.delete(id);
    owners.set(bucket, { ...into, set: union(owner.set, into.set) });
    count--;
    const time = times.get(id);
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
  }
}

/** For messages: `shop/web; apps/v1, Kind=Deployment`. */
export function describeObject(object: KubeObject): string {
  const slash = object.apiVersion?.includes('/') ? '' : '/';
  return `${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}; ${slash}${object.apiVersion ?? ''}, Kind=${object.kind ?? ''}`;
}
