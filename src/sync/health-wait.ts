import { explainWait } from '../health/index.js';
import type { ApiResource, Cluster } from '../kube/index.js';
import {
  type Clock,
  describeKey,
  EvenkeelError,
  formatDuration,
  formatKey,
  type Health,
  type KubeObject,
  keyOf,
  type ResourceKey,
  sharedByMany,
} from '../model/index.js';
import { explainPods } from './explain.js';
import type { HealthFailureMode, Waiting } from './types.js';

/** How long an object may be degraded before waiting for it is given up: some recover by themselves. */
const degradedGraceMs = 10_000;
/** How often a line says what is being waited for while nothing changes. */
const reminderMs = 5_000;
/** How often it is looked at why things are as they are; that something became healthy is seen at once. */
const lookMs = 500;

/** When what is waited for is asked about although it is watched: milliseconds. */
const firstResyncMs = 3_000;
const longestResyncMs = 30_000;
/** Objects that are asked about in one go. */
const mostResynced = 50;

export interface WaitTarget {
  key: ResourceKey;
  resource: ApiResource;
  /** The object as the apply answered, or as it was listed. Its generation is the least that counts. */
  object: KubeObject;
}

export interface WaitOptions {
  cluster: Cluster;
  clock: Clock;
  assess: (object: KubeObject) => Health | null;
  targets: readonly WaitTarget[];
  /** Restricts the watches to the workflow's objects. */
  labelSelector: string;
  timeoutMs: number;
  failureMode: HealthFailureMode;
  signal?: AbortSignal;
  onHealthy?: (key: ResourceKey, health: Health) => void;
  onWaiting?: (waiting: Waiting[], elapsedMs: number) => void;
}

/** What became of a target. */
export interface Awaited {
  object: KubeObject;
  health: Health;
}

interface Tracked extends WaitTarget {
  health: Health | null;
  degradedSince?: number;
}

/**
 * Waits until every target is healthy (or suspended on purpose) in the generation that was applied.
 * @returns the last state and health of each target by formatKey; where failureMode is `ignore`, whatever it was at the time limit
 * @throws EvenkeelError SYNC_DEGRADED, SYNC_HEALTH_TIMEOUT naming what it waited for and why
 */
export async function waitForHealth(options: WaitOptions): Promise<Map<string, Awaited>> {
  const { clock, assess, targets, signal } = options;
  const tracked = new Map<string, Tracked>(
    targets.map((target) => [formatKey(target.key), { ...target, health: healthOf(target, target.object, assess) }]),
  );
  const started = clock.now();
  const abort = new AbortController();
  const linked = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]);
  sharedByMany(linked);
  for (const target of tracked.values()) noteDegraded(target, started);
  let wake = () => {};
  const watching: Watching = { ...options, signal: linked, changed: () => wake() };
  const watchers = [...watchTypes(tracked, watching), resync(tracked, watching)];
  try {
    let told = { at: Number.NEGATIVE_INFINITY, text: '' };
    let looked = Number.NEGATIVE_INFINITY;
    for (;;) {
      signal?.throwIfAborted();
      const pending = [...tracked.values()].filter((t) => !isDone(t.health));
      if (pending.length === 0) break;
      const now = clock.now();
      const late = now - started >= options.timeoutMs;
      if (late && options.failureMode === 'ignore') break;
      if (late || now - looked >= lookMs) {
        looked = now;
        // What became healthy while its pods were asked about is not waited for any more.
        const described = (await describe(pending, options)).filter(({ target }) => !isDone(target.health));
        if (described.length === 0) continue;
        const waiting = described.map((d) => d.waiting);
        const text = waiting.map((w) => `${formatKey(w.key)} ${w.why}`).join();
        if (text !== told.text || now - told.at >= reminderMs) {
          options.onWaiting?.(waiting, now - started);
          told = { at: now, text };
        }
        const failure = failed(described, { now, elapsed: now - started, late }, options);
        if (failure !== undefined) throw failure;
      }
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), sleepQuietly(clock, lookMs, linked)]);
    }
  } finally {
    abort.abort(new EvenkeelError('CANCELLED', 'the wait has ended'));
    await Promise.allSettled(watchers);
  }
  return new Map([...tracked].flatMap(([key, t]) => (t.health === null ? [] : [[key, { object: t.object, health: t.health }] as const])));
}

function noteDegraded(target: Tracked, now: number): void {
  if (target.health?.status === 'Degraded' || target.health?.status === 'Missing') target.degradedSince ??= now;
  else delete target.degradedSince;
}

function sleepQuietly(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch(() => {});
}

function isDone(health: Health | null): boolean {
  return health === null || health.status === 'Healthy' || health.status === 'Suspended';
}

/** Health of a live object, Progressing as long as it is older than what was applied. */
function healthOf(target: WaitTarget, live: KubeObject, assess: WaitOptions['assess']): Health | null {
  const health = assess(live);
  if (health === null) return null;
  const applied = target.object.metadata.generation;
  const seen = live.metadata.generation;
  if (applied !== undefined && seen !== undefined && seen < applied)
    return { status: 'Progressing', message: 'the change has not reached the cluster yet' };
  return health;
}

interface Watching extends WaitOptions {
  signal: AbortSignal;
  changed: () => void;
}

function watchTypes(tracked: Map<string, Tracked>, options: Watching): Promise<void>[] {
  const types = new Map<string, { resource: ApiResource; namespaces: Set<string> }>();
  for (const { resource, key, health } of tracked.values()) {
    if (isDone(health)) continue;
    const id = `${resource.group}/${resource.version}/${resource.plural}`;
    const type = types.get(id) ?? { resource, namespaces: new Set() };
    type.namespaces.add(key.namespace);
    types.set(id, type);
  }
  return [...types.values()].flatMap(({ resource, namespaces }) => {
    // One watch per namespace asks for no more rights than the objects need.
    const places = resource.namespaced && namespaces.size <= 4 ? [...namespaces] : [undefined];
    return places.map((namespace) => watchOne({ resource, namespace }, tracked, options));
  });
}

interface WatchPlace {
  resource: ApiResource;
  namespace: string | undefined;
}

async function watchOne(place: WatchPlace, tracked: Map<string, Tracked>, options: Watching): Promise<void> {
  const { cluster, labelSelector, signal } = options;
  const { resource, namespace } = place;
  try {
    for await (const event of cluster.watch(resource, { namespace, labelSelector, signal })) {
      if (event.type === 'added' || event.type === 'modified') seen(tracked.get(formatKey(keyOf(event.object))), event.object, options);
      else if (event.type === 'deleted') seen(tracked.get(formatKey(keyOf(event.object))), undefined, options);
    }
  } catch {
    if (signal.aborted) return;
    // Who may not watch may still look from time to time.
    await poll(place, tracked, options);
  }
}

async function poll({ resource, namespace }: WatchPlace, tracked: Map<string, Tracked>, options: Watching): Promise<void> {
  const mine = (target: Tracked) => target.resource === resource && (namespace === undefined || target.key.namespace === namespace);
  while (!options.signal.aborted) {
    await lookAt([...tracked.values()].filter(mine), options);
    await sleepQuietly(options.clock, 1000, options.signal);
  }
}

/** A watch can stand open and say nothing (a proxy that has lost its other end): what is waited for is also asked about, ever more rarely. */
async function resync(tracked: Map<string, Tracked>, options: Watching): Promise<void> {
  for (let pause = firstResyncMs; ; pause = Math.min(pause * 2, longestResyncMs)) {
    await sleepQuietly(options.clock, pause, options.signal);
    if (options.signal.aborted) return;
    await lookAt([...tracked.values()].filter((target) => !isDone(target.health)).slice(0, mostResynced), options);
  }
}

async function lookAt(targets: readonly Tracked[], options: Watching): Promise<void> {
  const { cluster, signal } = options;
  for (const target of targets) {
    if (isDone(target.health) || signal.aborted) continue;
    const { resource, key } = target;
    const ref = { namespace: resource.namespaced ? key.namespace : undefined, name: key.name };
    seen(target, await cluster.get(resource, ref, { signal }).catch(() => target.object), options);
  }
}

function seen(target: Tracked | undefined, live: KubeObject | undefined, { assess, clock, onHealthy, changed }: Watching): void {
  if (target === undefined) return;
  const wasDone = isDone(target.health);
  target.health =
    live === undefined
      ? { status: 'Missing', message: 'it was deleted by somebody while the sync waited for it' }
      : healthOf(target, live, assess);
  if (live !== undefined) target.object = keepGeneration(target.object, live);
  noteDegraded(target, clock.now());
  if (!wasDone && isDone(target.health) && target.health !== null) onHealthy?.(target.key, target.health);
  changed();
}

/** The newer state of an object, unless it is older than what was applied. */
function keepGeneration(applied: KubeObject, live: KubeObject): KubeObject {
  return (live.metadata.generation ?? 0) >= (applied.metadata.generation ?? 0) ? live : applied;
}

interface Described {
  target: Tracked;
  waiting: Waiting;
}

async function describe(pending: readonly Tracked[], { cluster, signal }: WaitOptions): Promise<Described[]> {
  const described: Described[] = [];
  for (const target of pending) {
    const { key, object, health } = target;
    // Pods are asked about for the first few only: this is a line for people.
    const pods = described.length < 3 ? await explainPods(cluster, object, signal) : '';
    const message = health === null ? '' : explainWait(object, health);
    const why = [message, pods].filter((part) => part !== '').join('; ') || 'no status yet';
    described.push({ target, waiting: { key, health: health?.status ?? 'Unknown', why } });
  }
  return described;
}

function failed(
  described: readonly Described[],
  { now, elapsed, late }: { now: number; elapsed: number; late: boolean },
  { failureMode }: WaitOptions,
): EvenkeelError | undefined {
  const tell = (list: readonly Described[]) =>
    list
      .slice(0, 3)
      .map(({ waiting: w }) => `${describeKey(w.key)}: ${w.health}, ${w.why}`)
      .join('; ') + (list.length > 3 ? ` and ${list.length - 3} more` : '');
  const details = { waiting: described.map(({ waiting: w }) => ({ resource: describeKey(w.key), health: w.health, why: w.why })) };
  if (late) {
    return new EvenkeelError('SYNC_HEALTH_TIMEOUT', `not healthy after ${formatDuration(elapsed)}: ${tell(described)}`, {
      hint: 'See "evenkeel status" for how it is now. A longer limit: --health-timeout 10m, or sync_policy.health_check.timeout.',
      details,
    });
  }
  const lost = described.filter(({ target: t }) => t.degradedSince !== undefined && now - t.degradedSince >= degradedGraceMs);
  if (lost.length === 0 || failureMode === 'ignore') return undefined;
  return new EvenkeelError('SYNC_DEGRADED', tell(lost), {
    hint: 'Correct the cause in Git and commit it; the next sync takes it from there.',
    details,
  });
}
