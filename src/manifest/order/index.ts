import { compareText, type KubeObject, keyOf, type ResourceKey } from '../../model/index.js';
import { installRank } from './rank.js';

export { installRank, installStage } from './rank.js';

/** A total order for applying: by kind as `installRank` has it, then namespace, group, kind and name. */
export function compareForApply(a: KubeObject, b: KubeObject): number {
  return compareKeysForApply(keyOf(a), keyOf(b));
}

/** The reverse of `compareForApply`. */
export function compareForDelete(a: KubeObject, b: KubeObject): number {
  return compareForApply(b, a);
}

/** The same order over keys, for where the objects are not at hand. */
function compareKeysForApply(a: ResourceKey, b: ResourceKey): number {
  return (
    installRank(a) - installRank(b) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.name, b.name)
  );
}
