import { cloneJson, type KubeObject, type OwnerReference } from '../../model/index.js';
import type { Change, World } from './framework.js';
import type { ResourceName } from './host.js';
import { objectKey } from './resources.js';
import { matchesSelector } from './selector.js';
import type { LabelSelectorSpec } from './shapes.js';

export function controllerOf(object: KubeObject | undefined): OwnerReference | undefined {
  return object?.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference by which a controller owns what it makes. */
export function ownerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

export const ownKey = ({ object }: Change): string[] => [objectKey(object)];

/** Keys of the controllers of a kind that own a changed object, before or after the change. */
export function ownerKeys(kind: string): (change: Change) => Iterable<string> {
  return ({ object, before }) => {
    const keys = new Set<string>();
    for (const version of [object, before]) {
      const owner = controllerOf(version);
      if (owner?.kind === kind) keys.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }
    return keys;
  };
}

export interface Claim {
  resource: ResourceName;
  owner: KubeObject;
  selector: LabelSelectorSpec | undefined;
}

/**
 * The objects that an owner controls. Orphans that its selector matches are adopted, and what it matches no
 * more is released, as every workload controller does.
 */
export function claimed<T extends KubeObject>(world: World, { resource, owner, selector }: Claim): T[] {
  const { cache, host } = world;
  const uid = owner.metadata.uid ?? '';
  const namespace = owner.metadata.namespace ?? '';
  const mine: T[] = [];
  for (const object of cache.dependentsOf<T>(uid, resource)) {
    if (!isControlledBy(object, owner)) continue;
    if (matchesSelector(selector, object.metadata.labels)) mine.push(object);
    else if (!owner.metadata.deletionTimestamp) {
      const released = cloneJson(object) as KubeObject;
      released.metadata.ownerReferences = released.metadata.ownerReferences?.filter((o) => o.uid !== uid);
      host.update(resource, released);
    }
  }
  if (owner.metadata.deletionTimestamp) return mine;
  for (const object of cache.candidates<T>(resource, namespace, selector?.matchLabels)) {
    if (controllerOf(object) || object.metadata.deletionTimestamp || !matchesSelector(selector, object.metadata.labels)) continue;
    const adopted = cloneJson(object) as KubeObject;
    adopted.metadata.ownerReferences = [...(adopted.metadata.ownerReferences ?? []), ownerReference(owner)];
    mine.push(host.update(resource, adopted) as T);
  }
  return mine;
}

/** By age, older first; by name where they are as old. */
export function byAge(a: KubeObject, b: KubeObject): number {
  const left = a.metadata.creationTimestamp ?? '';
  const right = b.metadata.creationTimestamp ?? '';
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
