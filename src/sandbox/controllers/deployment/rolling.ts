import { cloneJson, equalJson } from '../../../model/index.js';
import { isFinished } from '../pod-facts.js';
import { r } from '../resources.js';
import type { Pod } from '../shapes.js';
import {
  allSets,
  availableOf,
  desiredAnnotation,
  isRecreate,
  limits,
  maxAnnotation,
  type ReplicaSet,
  type Rollout,
  replicasOf,
  sum,
} from './model.js';
import { newSize, sizeAnnotations, tellScaled } from './revision.js';

/** Sets a ReplicaSet's size and notes beside it what the Deployment wanted then. */
function resize(rollout: Rollout, set: ReplicaSet, replicas: number): boolean {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(rollout.deployment) };
  const changed = replicasOf(set) !== replicas;
  if (!changed && equalJson(annotations, set.metadata.annotations ?? {})) return false;
  const next = cloneJson(set);
  next.spec.replicas = replicas;
  next.metadata.annotations = annotations;
  const written = rollout.world.host.update(r.replicaSets, next) as ReplicaSet;
  if (changed) tellScaled(rollout, set.metadata.name ?? '', replicasOf(set), replicas);
  if (rollout.current === set) rollout.current = written;
  else rollout.old = rollout.old.map((other) => (other === set ? written : other));
  return changed;
}

/** Brings the current set to the size it may have. */
function growCurrent(rollout: Rollout): boolean {
  const { current, deployment } = rollout;
  if (!current) return false;
  const has = replicasOf(current);
  const wanted = replicasOf(deployment);
  if (has === wanted) return false;
  return resize(rollout, current, has > wanted ? wanted : newSize(rollout, has));
}

/** One step of a rolling update: grow the new set as far as the surge allows, or shrink old ones as far as availability does. */
export function rollOn(rollout: Rollout): void {
  if (growCurrent(rollout)) return;
  const { deployment, current } = rollout;
  if (sum(rollout.old, replicasOf) === 0) return;
  const minAvailable = replicasOf(deployment) - limits(deployment).maxUnavailable;
  const newUnavailable = current ? replicasOf(current) - availableOf(current) : 0;
  const most = sum(allSets(rollout), replicasOf) - minAvailable - newUnavailable;
  if (most <= 0) return;
  shrinkUnhealthy(rollout, most);
  const available = sum(allSets(rollout), availableOf);
  let left = available - minAvailable;
  for (const set of [...rollout.old]) {
    if (left <= 0) break;
    const by = Math.min(replicasOf(set), left);
    if (by > 0) resize(rollout, set, replicasOf(set) - by);
    left -= by;
  }
}

/** Old pods that are not available serve nobody: they go first, so that a broken rollout does not block its repair. */
function shrinkUnhealthy(rollout: Rollout, most: number): void {
  let left = most;
  for (const set of [...rollout.old]) {
    if (left <= 0) break;
    const by = Math.min(left, replicasOf(set) - availableOf(set));
    if (by <= 0) continue;
    resize(rollout, set, replicasOf(set) - by);
    left -= by;
  }
}

/** One step of a recreate: every old pod has to be gone before the first new one. @returns whether new ones may come */
export function clearOld(rollout: Rollout): boolean {
  for (const set of [...rollout.old]) if (replicasOf(set) > 0) resize(rollout, set, 0);
  return !rollout.old.some((set) => rollout.world.cache.dependentsOf<Pod>(set.metadata.uid ?? '', r.pods).some((pod) => !isFinished(pod)));
}

export function fillCurrent(rollout: Rollout): void {
  if (rollout.current) resize(rollout, rollout.current, replicasOf(rollout.deployment));
}

/** Whether the Deployment's size changed since its sets were last sized. */
export function isScaling(rollout: Rollout): boolean {
  // A recreate never has two sizes to balance: it clears the old sets first.
  if (isRecreate(rollout.deployment) && allSets(rollout).filter((set) => replicasOf(set) > 0).length > 1) return false;
  return allSets(rollout).some((set) => {
    const noted = set.metadata.annotations?.[desiredAnnotation];
    return replicasOf(set) > 0 && noted !== undefined && Number(noted) !== replicasOf(rollout.deployment);
  });
}

/** Sizes the sets without rolling: all of it to the only active one, or in proportion while an update is under way. */
export function scaleSets(rollout: Rollout): void {
  const { deployment, current } = rollout;
  const wanted = replicasOf(deployment);
  const active = allSets(rollout).filter((set) => replicasOf(set) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? rollout.old.at(-1);
    if (only) resize(rollout, only, wanted);
    return;
  }
  const saturated =
    current &&
    replicasOf(current) === wanted &&
    availableOf(current) === wanted &&
    Number(current.metadata.annotations?.[desiredAnnotation]) === wanted;
  if (saturated) {
    for (const set of [...rollout.old]) if (replicasOf(set) > 0) resize(rollout, set, 0);
    return;
  }
  if (isRecreate(deployment)) return;
  const allowed = wanted > 0 ? wanted + limits(deployment).maxSurge : 0;
  const toAdd = allowed - sum(active, replicasOf);
  // The larger set takes what rounding leaves; among equals the newer one grows and the older one shrinks.
  const ordered = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? active.indexOf(b) - active.indexOf(a) : active.indexOf(a) - active.indexOf(b)),
  );
  let added = 0;
  const sizes = ordered.map((set) => {
    const share = toAdd === 0 ? 0 : proportion(rollout, set, toAdd - added);
    added += share;
    return replicasOf(set) + share;
  });
  if (toAdd !== 0 && sizes.length > 0) sizes[0] = Math.max(0, (sizes[0] as number) + toAdd - added);
  for (const [i, set] of ordered.entries()) resize(rollout, set, sizes[i] as number);
}

function proportion({ deployment }: Rollout, set: ReplicaSet, left: number): number {
  if (replicasOf(set) === 0 || left === 0) return 0;
  const wanted = replicasOf(deployment);
  const noted = Number(set.metadata.annotations?.[maxAnnotation]);
  const before = noted > 0 ? noted : (deployment.status?.replicas ?? 0);
  const size = wanted === 0 || before === 0 ? 0 : (replicasOf(set) * (wanted + limits(deployment).maxSurge)) / before;
  const share = Math.round(size) - replicasOf(set);
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}
