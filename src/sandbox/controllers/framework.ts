import type { KubeObject } from '../../model/index.js';
import { type Cache, createCache, fillCache } from './cache.js';
import { createRecorder, type Recorder } from './events.js';
import type { ControllerHost, HostEvent, ResourceName, RunningControllers } from './host.js';
import { createQueue } from './queue.js';
import { resourceId } from './resources.js';
import { createMoments, type Moments } from './times.js';

/** A change as a controller is told of it. */
export interface Change extends HostEvent {
  /** What stood there before; undefined where nothing did. */
  before: KubeObject | undefined;
}

/** What all controllers share. */
export interface World {
  readonly host: ControllerHost;
  readonly cache: Cache;
  readonly moments: Moments;
  readonly events: Recorder;
  now(): number;
  /** A simulated delay, scaled by the host's pace. */
  delay(ms: number): number;
  /** A delay that recurs for ever, which must not shrink to nothing. */
  cycle(ms: number): number;
}

/** Looks at the object of a key and takes it a step on. */
export interface Controller {
  name: string;
  /** Controllers of a lower rank go first: pods (0), what makes pods (1), what sums these up (2). */
  rank: 0 | 1 | 2;
  /** By resource: which keys a change concerns. `*` hears of every resource. */
  watches: { resource: ResourceName | '*'; keys: (change: Change) => Iterable<string> }[];
  /** @returns milliseconds after which to look again, if nothing happens before */
  reconcile(key: string): number | undefined;
}

export type MakeController = (world: World) => Controller;

/** The HTTP status of what a write threw; undefined where it is something else. */
export function statusOf(thrown: unknown): number | undefined {
  const code = (thrown as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Runs controllers over one cache and one line of work until stopped.
 * @param begin called once, when the cache is filled and before any controller works
 */
export function runControllers(
  host: ControllerHost,
  makers: readonly MakeController[],
  begin?: (world: World) => void,
): RunningControllers {
  const cache = createCache();
  const events = createRecorder(host, cache);
  const world: World = {
    host,
    cache,
    events,
    moments: createMoments(),
    now: () => host.clock.now(),
    delay: (ms) => ms * host.pace,
    cycle: (ms) => ms * Math.max(host.pace, 0.1),
  };
  const controllers = [...makers, events.keeper].map((make) => make(world));
  const byName = new Map(controllers.map((c) => [c.name, c]));
  const watchers = new Map<string, { name: string; keys: (change: Change) => Iterable<string> }[]>();
  for (const { name, watches } of controllers)
    for (const { resource, keys } of watches) {
      const id = resource === '*' ? '*' : resourceId(resource);
      watchers.set(id, [...(watchers.get(id) ?? []), { name, keys }]);
    }

  const work = (id: string) => {
    const bar = id.indexOf('|');
    const controller = byName.get(id.slice(0, bar));
    if (!controller) return;
    try {
      const again = controller.reconcile(id.slice(bar + 1));
      queue.settled(id);
      if (again !== undefined) queue.addAfter(id, again);
    } catch (error) {
      reportUnforeseen(controller.name, error);
      queue.retry(id);
    }
  };
  const queue = createQueue(host.clock, work, (id) => byName.get(id.slice(0, id.indexOf('|')))?.rank ?? 0);

  const dispatch = (event: HostEvent, before: KubeObject | undefined) => {
    const change = { ...event, before };
    for (const id of [resourceId(event.resource), '*'])
      for (const { name, keys } of watchers.get(id) ?? []) for (const key of keys(change)) queue.add(`${name}|${key}`);
  };
  const unsubscribe = host.subscribe((event) => dispatch(event, cache.apply(event)));
  fillCache(cache, host, (event) => dispatch(event, undefined));
  begin?.(world);
  return {
    settle: () => queue.idle(),
    stop() {
      unsubscribe();
      queue.stop();
    },
  };
}

/** A refused write is part of the simulation and is tried again; anything else is a bug that must not pass in silence. */
function reportUnforeseen(controller: string, error: unknown): void {
  if (statusOf(error) === undefined)
    process.emitWarning(error instanceof Error ? error : new Error(String(error)), `SandboxController:${controller}`);
}
