import { equalJson } from '../../../model/index.js';
import { type ConditionFacts, findCondition, withoutCondition } from '../conditions.js';
import { r } from '../resources.js';
import type { Condition } from '../shapes.js';
import { readTime, stamp } from '../times.js';
import { allSets, type Deployment, type DeploymentStatus, isComplete, limits, type Rollout, replicasOf, sum } from './model.js';

const NO_DEADLINE = 2 ** 31 - 1;

function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

/**
 * A Deployment's condition: lastUpdateTime is when it was last said, lastTransitionTime when its status
 * changed. The same status and reason are not said again unless `renew`.
 */
function say(conditions: Condition[], facts: ConditionFacts, now: number, renew = false): Condition[] {
  const old = findCondition(conditions, facts.type);
  if (old && old.status === facts.status && old.reason === facts.reason && !renew) return conditions;
  const lastTransitionTime = old?.status === facts.status ? (old.lastTransitionTime ?? stamp(now)) : stamp(now);
  return [...withoutCondition(conditions, facts.type), { ...facts, lastUpdateTime: stamp(now), lastTransitionTime }];
}

/** Writes what an update has come to. @returns milliseconds until its deadline, where one is running */
export function writeStatus(rollout: Rollout, extra: { made: boolean; failure?: string }): number | undefined {
  const { world, deployment, current } = rollout;
  const old = deployment.status ?? {};
  const now = world.now();
  const status = countStatus(rollout);
  let conditions = status.conditions ?? [];
  const set = current?.metadata.name;
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing');
  else if (extra.failure !== undefined) {
    conditions = say(
      conditions,
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ReplicaSetCreateError',
        message: `Failed to create new replica set: ${extra.failure}`,
      },
      now,
    );
  } else {
    if (extra.made)
      conditions = say(
        conditions,
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${set}"` },
        now,
      );
    else if (current && !findCondition(conditions, 'Progressing'))
      conditions = say(
        conditions,
        { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set "${set}"` },
        now,
      );
    conditions = progress({ rollout, status, old, conditions, now });
  }
  const refused = allSets(rollout)
    .map((s) => findCondition(s.status?.conditions, 'ReplicaFailure'))
    .find((c) => c !== undefined);
  conditions = withoutCondition(conditions, 'ReplicaFailure');
  if (refused) {
    const before = findCondition(old.conditions, 'ReplicaFailure');
    const same = before && before.message === refused.message ? before : undefined;
    conditions.push(
      same ?? {
        type: 'ReplicaFailure',
        status: 'True',
        reason: refused.reason ?? '',
        message: refused.message ?? '',
        lastUpdateTime: stamp(now),
        lastTransitionTime: refused.lastTransitionTime ?? stamp(now),
      },
    );
  }
  if (conditions.length > 0) status.conditions = conditions;
  else delete status.conditions;
  if (!equalJson(status, deployment.status ?? {}))
    rollout.deployment = world.host.updateStatus(r.deployments, { ...deployment, status }) as Deployment;
  return untilDeadline(rollout.deployment, now);
}

interface Progress {
  rollout: Rollout;
  status: DeploymentStatus;
  old: DeploymentStatus;
  conditions: Condition[];
  now: number;
}

function progress({ rollout, status, old, conditions, now }: Progress): Condition[] {
  const { deployment, current } = rollout;
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const at = findCondition(conditions, 'Progressing');
  const settled = status.replicas === status.updatedReplicas && at?.reason === 'NewReplicaSetAvailable';
  if (settled) return conditions;
  if (isComplete(deployment, status))
    return say(
      conditions,
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `${subject} has successfully progressed.` },
      now,
    );
  const behind = (s: DeploymentStatus) => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  const moved =
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    behind(status) < behind(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0);
  if (moved)
    return say(
      conditions,
      { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` },
      now,
      true,
    );
  if (at && timedOut(deployment, at, now))
    return say(
      conditions,
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `${subject} has timed out progressing.` },
      now,
    );
  return conditions;
}

function timedOut({ spec }: Deployment, at: Condition, now: number): boolean {
  if (at.reason === 'NewReplicaSetAvailable') return false;
  if (at.reason === 'ProgressDeadlineExceeded') return true;
  return readTime(at.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 0) * 1000 <= now;
}

function untilDeadline(deployment: Deployment, now: number): number | undefined {
  const at = findCondition(deployment.status?.conditions, 'Progressing');
  if (!at || !hasDeadline(deployment) || deployment.spec.paused || at.reason === 'ProgressDeadlineExceeded') return undefined;
  if (isComplete(deployment, deployment.status ?? {}) || at.reason === 'NewReplicaSetAvailable') return undefined;
  return Math.max(1, readTime(at.lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - now);
}

/** The counts, and whether enough replicas are available. */
function countStatus(rollout: Rollout): DeploymentStatus {
  const { deployment, current, world } = rollout;
  const sets = allSets(rollout);
  const count = (of: 'replicas' | 'readyReplicas' | 'availableReplicas') => sum(sets, (set) => set.status?.[of] ?? 0);
  const available = count('availableReplicas');
  const optional = {
    replicas: count('replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: count('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(sets, replicasOf) - available),
  };
  const status: DeploymentStatus = { observedGeneration: deployment.metadata.generation ?? 0 };
  // The API leaves out counts that are zero.
  for (const [key, value] of Object.entries(optional)) if (value > 0) status[key] = value;
  if (deployment.status?.collisionCount !== undefined) status.collisionCount = deployment.status.collisionCount;
  const enough = available >= replicasOf(deployment) - limits(deployment).maxUnavailable;
  status.conditions = say(
    [...(deployment.status?.conditions ?? [])],
    enough
      ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    world.now(),
  );
  return status;
}

/** The status while the sets are only scaled (paused, resized, or being deleted): nothing is said of progress. */
export function writeCounts(rollout: Rollout): void {
  const { world, deployment } = rollout;
  const status = countStatus(rollout);
  if (!equalJson(status, deployment.status ?? {}))
    rollout.deployment = world.host.updateStatus(r.deployments, { ...deployment, status }) as Deployment;
}

/** A pause stops the clock of the deadline; going on starts it anew. */
export function notePause(rollout: Rollout): void {
  const { world, deployment } = rollout;
  if (!hasDeadline(deployment)) return;
  const conditions = [...(deployment.status?.conditions ?? [])];
  const at = findCondition(conditions, 'Progressing');
  if (at?.reason === 'ProgressDeadlineExceeded') return;
  const paused = at?.reason === 'DeploymentPaused';
  if (Boolean(deployment.spec.paused) === paused) return;
  const facts: ConditionFacts = paused
    ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }
    : { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  const status = { ...deployment.status, conditions: say(conditions, facts, world.now()) };
  rollout.deployment = world.host.updateStatus(r.deployments, { ...deployment, status }) as Deployment;
}
