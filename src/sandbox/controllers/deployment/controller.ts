import type { Controller, World } from '../framework.js';
import { controllerOf, ownerKeys, ownKey } from '../owners.js';
import { objectKey, r, splitKey } from '../resources.js';
import { isEmptySelector } from '../selector.js';
import type { Pod } from '../shapes.js';
import { type Deployment, isComplete, isRecreate, type Rollout } from './model.js';
import { cleanUp, ensureCurrent, lookAt } from './revision.js';
import { clearOld, fillCurrent, isScaling, rollOn, scaleSets } from './rolling.js';
import { notePause, writeCounts, writeStatus } from './status.js';

/** Rolls Deployments out over ReplicaSets. */
export function deployments(world: World): Controller {
  const { cache } = world;
  return {
    name: 'deployment',
    rank: 2,
    watches: [
      { resource: r.deployments, keys: ownKey },
      { resource: r.replicaSets, keys: ownerKeys('Deployment') },
      {
        // A recreate waits for the last old pod to go.
        resource: r.pods,
        keys: ({ type, object }) => (type === 'deleted' ? recreating(object as Pod) : []),
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const deployment = cache.get<Deployment>(r.deployments, namespace, name);
      if (!deployment || isEmptySelector(deployment.spec.selector)) return undefined;
      const rollout = lookAt(world, deployment);
      if (deployment.metadata.deletionTimestamp) {
        writeCounts(rollout);
        return undefined;
      }
      notePause(rollout);
      return deployment.spec.paused ? pause(rollout) : roll(rollout);
    },
  };

  function recreating(pod: Pod): string[] {
    const set = cache.byUid(controllerOf(pod)?.uid ?? '')?.object;
    const owner = cache.byUid(controllerOf(set)?.uid ?? '')?.object;
    return owner?.kind === 'Deployment' && isRecreate(owner as Deployment) ? [objectKey(owner)] : [];
  }
}

function pause(rollout: Rollout): undefined {
  ensureCurrent(rollout, false);
  scaleSets(rollout);
  cleanUp(rollout);
  writeCounts(rollout);
}

function roll(rollout: Rollout): number | undefined {
  if (isScaling(rollout)) {
    ensureCurrent(rollout, false);
    scaleSets(rollout);
    writeCounts(rollout);
    return undefined;
  }
  if (isRecreate(rollout.deployment)) {
    if (!clearOld(rollout)) {
      ensureCurrent(rollout, false);
      return writeStatus(rollout, { made: false });
    }
    const ensured = ensureCurrent(rollout, true);
    if (ensured.failure !== undefined) return fail(rollout, ensured.failure);
    fillCurrent(rollout);
    return finish(rollout, ensured.made);
  }
  const ensured = ensureCurrent(rollout, true);
  if (ensured.failure !== undefined) return fail(rollout, ensured.failure);
  rollOn(rollout);
  return finish(rollout, ensured.made);
}

function finish(rollout: Rollout, made: boolean): number | undefined {
  const again = writeStatus(rollout, { made });
  if (isComplete(rollout.deployment, rollout.deployment.status ?? {})) cleanUp(rollout);
  return again;
}

/** Tells of a ReplicaSet that could not be made, and has it tried again. */
function fail(rollout: Rollout, failure: string): never {
  writeStatus(rollout, { made: false, failure });
  throw Object.assign(new Error(failure), { code: 422 });
}
