import { difference, fieldElement, fieldSetFrom, hasPath, type Path } from '../../manifest/index.js';
import type { ManagedFieldsEntry } from '../../model/index.js';
import { decodeManaged, encodeManaged, type Managed, noManaged } from './managed.js';

const scaleVersion = 'autoscaling/v1';
const scalePath: Path = [fieldElement('spec'), fieldElement('replicas')];

export interface ScaleOptions {
  /** managedFields of the object that is scaled. */
  parent: readonly ManagedFieldsEntry[] | undefined;
  /** Its apiVersion. */
  apiVersion: string;
  /**
   * Where each version of the parent has its number of replicas; undefined for a version without one. Entries
   * of versions that the map does not have are dropped. Default: `spec.replicas` in the version given.
   */
  replicasPaths?: ReadonlyMap<string, Path | undefined>;
}

function pathsOf(options: ScaleOptions): ReadonlyMap<string, Path | undefined> {
  return options.replicasPaths ?? new Map([[options.apiVersion, scalePath]]);
}

/** managedFields of the Scale that stands for an object: who owns the number of replicas. */
export function scaleManagedFields(options: ScaleOptions): ManagedFieldsEntry[] | undefined {
  const parent = decodeManaged(options.parent);
  const scale = noManaged();
  for (const [id, owner] of parent.owners) {
    const path = pathsOf(options).get(owner.apiVersion);
    if (path === undefined || !hasPath(owner.set, path)) continue;
    scale.owners.set(id, { set: fieldSetFrom([scalePath]), apiVersion: scaleVersion, applied: owner.applied });
    copyTime(scale, parent, id);
  }
  return encodeManaged(scale);
}

/** managedFields of the object after its Scale was written, from those of the Scale. */
export function parentManagedFields(
  options: ScaleOptions,
  scaleEntries: readonly ManagedFieldsEntry[] | undefined,
): ManagedFieldsEntry[] | undefined {
  const paths = pathsOf(options);
  const parent = decodeManaged(options.parent);
  const scale = new Map(decodeManaged(scaleEntries).owners);
  const result: Managed = { owners: new Map(), times: new Map(), entries: parent.entries };
  for (const [id, owner] of parent.owners) {
    if (!paths.has(owner.apiVersion)) continue;
    const path = paths.get(owner.apiVersion);
    let set = owner.set;
    if (path !== undefined && hasPath(set, path)) {
      if (scale.has(id)) scale.delete(id);
      else set = difference(set, fieldSetFrom([path]));
    }
    if (set.size === 0) continue;
    result.owners.set(id, set === owner.set ? owner : { ...owner, set });
    copyTime(result, parent, id);
  }
  const path = paths.get(options.apiVersion);
  for (const [id, owner] of scale) {
    if (path === undefined || !hasPath(owner.set, scalePath)) continue;
    result.owners.set(id, { set: fieldSetFrom([path]), apiVersion: options.apiVersion, applied: owner.applied });
    copyTime(result, parent, id);
  }
  return encodeManaged(result);
}

/** A manager that comes new has no time in the parent, as upstream has it. */
function copyTime(to: Managed, from: Managed, id: string): void {
  const time = from.times.get(id);
  if (time !== undefined) to.times.set(id, time);
}
