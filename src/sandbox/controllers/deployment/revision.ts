import { canonicalJson, cloneJson, equalJson, type KubeObject } from '../../../model/index.js';
import { messageOf, statusOf, type World } from '../framework.js';
import { fnv32, safeText } from '../numbers.js';
import { byAge, claimed, isControlledBy, ownerReference } from '../owners.js';
import { r } from '../resources.js';
import type { PodTemplate } from '../shapes.js';
import {
  type Deployment,
  desiredAnnotation,
  hashLabel,
  historyAnnotation,
  limits,
  maxAnnotation,
  type ReplicaSet,
  type Rollout,
  replicasOf,
  revisionAnnotation,
  sum,
} from './model.js';

/** Annotations that belong to one of the two and are not handed down from Deployment to ReplicaSet. */
const notHandedDown = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** A template without the label that tells ReplicaSets apart. */
function bare(template: PodTemplate): PodTemplate {
  if (!template.metadata?.labels || !Object.hasOwn(template.metadata.labels, hashLabel)) return template;
  const { [hashLabel]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

function templateHash(template: PodTemplate, collisions: number): string {
  const text = canonicalJson(bare(template)) + (collisions > 0 ? String(collisions) : '');
  return safeText(String(fnv32(text)));
}

function revisionOf(object: KubeObject): number {
  const text = object.metadata.annotations?.[revisionAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/** The Deployment's sets, adopted where need be, parted into the current one and the rest. */
export function lookAt(world: World, deployment: Deployment): Rollout {
  const sets = claimed<ReplicaSet>(world, { resource: r.replicaSets, owner: deployment, selector: deployment.spec.selector }).sort(byAge);
  const wanted = bare(deployment.spec.template);
  const current = sets.find((set) => equalJson(bare(set.spec.template), wanted));
  return { world, deployment, current, old: sets.filter((set) => set !== current) };
}

export type Ensured = { made: boolean; failure?: string };

/**
 * Sees to the current set: that it exists where `create` says so, carries the newest revision, and that the
 * Deployment says which that is.
 */
export function ensureCurrent(rollout: Rollout, create: boolean): Ensured {
  const { world } = rollout;
  const revision = String(Math.max(0, ...rollout.old.map(revisionOf)) + 1);
  let made = false;
  if (rollout.current) {
    const annotations = annotationsFor(rollout.deployment, rollout.current, revision);
    const { minReadySeconds } = rollout.deployment.spec;
    if (
      !equalJson(annotations, rollout.current.metadata.annotations ?? {}) ||
      (rollout.current.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)
    ) {
      const updated = cloneJson(rollout.current);
      updated.metadata.annotations = annotations;
      if (minReadySeconds !== undefined) updated.spec.minReadySeconds = minReadySeconds;
      rollout.current = world.host.update(r.replicaSets, updated) as ReplicaSet;
    }
  } else if (create) {
    const failure = makeCurrent(rollout, revision);
    if (failure !== undefined) return { made: false, failure };
    made = true;
  } else return { made: false };
  const at = rollout.current as ReplicaSet;
  const now = String(revisionOf(at));
  if (rollout.deployment.metadata.annotations?.[revisionAnnotation] !== now) {
    const updated = cloneJson(rollout.deployment);
    updated.metadata.annotations = { ...updated.metadata.annotations, [revisionAnnotation]: now };
    rollout.deployment = world.host.update(r.deployments, updated) as Deployment;
  }
  return { made };
}

function annotationsFor(deployment: Deployment, set: ReplicaSet | undefined, revision: string): { [key: string]: string } {
  const old = set?.metadata.annotations ?? {};
  const annotations: { [key: string]: string } = { ...old };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!notHandedDown.has(key)) annotations[key] = value;
  const before = old[revisionAnnotation];
  if (before === undefined || Number(before) < Number(revision)) {
    annotations[revisionAnnotation] = revision;
    if (before !== undefined && before !== '') annotations[historyAnnotation] = [old[historyAnnotation], before].filter(Boolean).join(',');
  }
  if (!set) Object.assign(annotations, sizeAnnotations(deployment));
  return annotations;
}

export function sizeAnnotations(deployment: Deployment): { [key: string]: string } {
  const replicas = replicasOf(deployment);
  return { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + limits(deployment).maxSurge) };
}

function makeCurrent(rollout: Rollout, revision: string): string | undefined {
  const { world, deployment } = rollout;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
  const template = cloneJson(deployment.spec.template);
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [hashLabel]: hash } };
  const selector = cloneJson(deployment.spec.selector ?? {});
  selector.matchLabels = { ...selector.matchLabels, [hashLabel]: hash };
  const name = `${deployment.metadata.name}-${hash}`;
  const namespace = deployment.metadata.namespace ?? '';
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace,
      labels: template.metadata.labels ?? {},
      annotations: annotationsFor(deployment, undefined, revision),
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: newSize(rollout, 0),
      ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
      selector,
      template,
    },
  };
  try {
    rollout.current = world.host.create(r.replicaSets, set) as ReplicaSet;
    if (set.spec.replicas > 0) tellScaled(rollout, name, 0, set.spec.replicas);
    return undefined;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    const taken = world.cache.get<ReplicaSet>(r.replicaSets, namespace, name);
    if (status === 409 && taken && !isControlledBy(taken, deployment)) {
      // Another set has the name: the next attempt hashes with a higher count.
      world.host.updateStatus(r.deployments, {
        ...deployment,
        status: { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 },
      });
    }
    const message = `Failed to create new replica set ${JSON.stringify(name)}: ${messageOf(error)}`;
    world.events.tell(deployment, { from: 'deployment-controller', reason: 'ReplicaSetCreateError', message, warning: true });
    return messageOf(error);
  }
}

export function tellScaled({ world, deployment }: Rollout, set: string, before: number, after: number): void {
  const message = `Scaled ${after > before ? 'up' : 'down'} replica set ${set} from ${before} to ${after}`;
  world.events.tell(deployment, { from: 'deployment-controller', reason: 'ScalingReplicaSet', message });
}

/** How many replicas the current set may have now, given how many it has. */
export function newSize({ deployment, current, old }: Rollout, has: number): number {
  const wanted = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  // Pods that a set still has beyond its size are there until it has deleted them: no surge on top of those.
  const total = sum(current ? [...old, current] : old, (set) => Math.max(replicasOf(set), set.status?.replicas ?? 0));
  const room = wanted + limits(deployment).maxSurge - total;
  return room <= 0 ? has : has + Math.max(0, Math.min(room, wanted - has));
}

/** Old sets beyond the history limit that have no pods any more go. */
export function cleanUp({ world, deployment, old }: Rollout): void {
  const { revisionHistoryLimit: limit } = deployment.spec;
  if (limit === undefined || limit === 2 ** 31 - 1) return;
  const alive = old.filter((set) => !set.metadata.deletionTimestamp).sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b));
  for (const set of alive.slice(0, Math.max(0, alive.length - limit))) {
    if (
      (set.status?.replicas ?? 0) !== 0 ||
      replicasOf(set) !== 0 ||
      (set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0)
    )
      continue;
    world.host.delete(r.replicaSets, set.metadata.namespace ?? '', set.metadata.name ?? '', {
      uid: set.metadata.uid ?? '',
      propagationPolicy: 'Background',
    });
  }
}
