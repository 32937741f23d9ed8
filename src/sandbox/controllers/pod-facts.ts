import { findCondition, isTrue } from './conditions.js';
import type { World } from './framework.js';
import type { Pod } from './shapes.js';

export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither ended nor being deleted: what counts towards a number of replicas. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !pod.metadata.deletionTimestamp;
}

export function isReady(pod: Pod): boolean {
  return isTrue(pod.status?.conditions, 'Ready');
}

/** When a ready pod counts as available, in milliseconds since the epoch; undefined while it is not ready. */
function availableAt(world: World, pod: Pod, minReadySeconds: number | undefined): number | undefined {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (!minReadySeconds) return 0;
  return world.moments.at(`${pod.metadata.uid}/ready`, ready.lastTransitionTime) + world.delay(minReadySeconds * 1000);
}

export function isAvailable(world: World, pod: Pod, minReadySeconds: number | undefined): boolean {
  const at = availableAt(world, pod, minReadySeconds);
  return at !== undefined && at <= world.now();
}

/** Milliseconds until the next ready pod becomes available; undefined where none is under way. */
export function nextAvailable(world: World, pods: readonly Pod[], minReadySeconds: number | undefined): number | undefined {
  let least: number | undefined;
  const now = world.now();
  for (const pod of pods) {
    const at = availableAt(world, pod, minReadySeconds);
    if (at !== undefined && at > now && (least === undefined || at - now < least)) least = at - now;
  }
  return least;
}

const phaseOrder: { [phase: string]: number } = { Pending: 0, Unknown: 1, Running: 2 };

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : 0;
}

/** Which pod goes first when some must: not scheduled, pending, not ready, cheap, restarted often, young. */
export function byDisposability(a: Pod, b: Pod): number {
  const scheduled = Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName));
  if (scheduled !== 0) return scheduled;
  const phase = (phaseOrder[a.status?.phase ?? 'Pending'] ?? 0) - (phaseOrder[b.status?.phase ?? 'Pending'] ?? 0);
  if (phase !== 0) return phase;
  const ready = Number(isReady(a)) - Number(isReady(b));
  if (ready !== 0) return ready;
  const cost = deletionCost(a) - deletionCost(b);
  if (cost !== 0) return cost;
  const restarts = (pod: Pod) => Math.max(0, ...(pod.status?.containerStatuses ?? []).map((c) => c.restartCount));
  if (restarts(a) !== restarts(b)) return restarts(b) - restarts(a);
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left > right ? -1 : 1;
  return (a.metadata.name ?? '') > (b.metadata.name ?? '') ? -1 : 1;
}
