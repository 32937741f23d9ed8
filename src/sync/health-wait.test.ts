import { describe, expect, it } from 'vitest';
import type { ApiResource, Cluster, WatchEvent } from '../kube/index.js';
import { type Health, type KubeObject, keyOf, manualClock } from '../model/index.js';
import { waitForHealth } from './health-wait.js';
import type { Waiting } from './types.js';

const resource = { group: 'example.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true } as ApiResource;
const boat = (state: string, generation = 1, observed = generation): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Boat',
  metadata: { name: 'b', namespace: 'n', generation },
  status: { state, observed },
});
const assess = (object: KubeObject): Health => ({ status: (object['status'] as { state: Health['status'] }).state, message: '' });

/** A cluster that tells what the test says, when it says it. */
function scripted(options: { watchFails?: boolean } = {}) {
  const queue: WatchEvent[] = [];
  let wake = () => {};
  let live: KubeObject | undefined = boat('Progressing');
  const cluster = {
    discovery: async () => ({ find: () => undefined }),
    get: async () => live,
    async *watch(_: ApiResource, { signal }: { signal: AbortSignal }): AsyncIterable<WatchEvent> {
      if (options.watchFails) throw new Error('forbidden');
      signal.addEventListener('abort', () => wake());
      while (!signal.aborted) {
        const next = queue.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  } as unknown as Cluster;
  return {
    cluster,
    tell(object: KubeObject | undefined) {
      live = object;
      queue.push(object === undefined ? { type: 'deleted', object: boat('Progressing') } : { type: 'modified', object });
      wake();
    },
  };
}

function begin(script: ReturnType<typeof scripted>, extra: { failureMode?: 'fail' | 'ignore'; object?: KubeObject } = {}) {
  const clock = manualClock();
  const waits: Waiting[][] = [];
  const object = extra.object ?? boat('Progressing');
  const done = waitForHealth({
    cluster: script.cluster,
    clock,
    assess,
    targets: [{ key: keyOf(object), resource, object }],
    labelSelector: 'x=y',
    timeoutMs: 60_000,
    failureMode: extra.failureMode ?? 'fail',
    onWaiting: (waiting) => waits.push(waiting),
  });
  done.catch(() => {});
  return { clock, waits, done };
}

describe('waitForHealth', () => {
  it('ends as soon as everything is healthy', async () => {
    const script = scripted();
    const { clock, waits, done } = begin(script);
    await clock.advance(1000);
    script.tell(boat('Healthy'));
    expect([...(await done).values()].map((a) => a.health.status)).toEqual(['Healthy']);
    expect(waits).not.toHaveLength(0);
  });

  it('counts no state that is older than what was applied', async () => {
    const script = scripted();
    const { clock, done } = begin(script, { object: boat('Progressing', 2) });
    script.tell(boat('Healthy', 1));
    await clock.advance(5000);
    let ended = false;
    void done.then(() => (ended = true));
    await clock.advance(1000);
    expect(ended).toBe(false);
    script.tell(boat('Healthy', 2));
    await done;
  });

  it('gives a degraded object a while to recover', async () => {
    const script = scripted();
    const { clock, done } = begin(script);
    script.tell(boat('Degraded'));
    await clock.advance(5000);
    script.tell(boat('Progressing'));
    await clock.advance(20_000);
    script.tell(boat('Healthy'));
    await done;
  });

  it('fails when an object stays degraded, disappears, or the time is over', async () => {
    for (const [tell, code] of [
      [boat('Degraded'), 'SYNC_DEGRADED'],
      [undefined, 'SYNC_DEGRADED'],
      [boat('Progressing'), 'SYNC_HEALTH_TIMEOUT'],
    ] as const) {
      const script = scripted();
      const { clock, done } = begin(script);
      script.tell(tell);
      await clock.advance(61_000);
      await expect(done).rejects.toMatchObject({ code, details: { waiting: [{ resource: 'Boat/b in n' }] } });
    }
  });

  it('takes what there is at the limit where failures are to be ignored', async () => {
    const script = scripted();
    const { clock, done } = begin(script, { failureMode: 'ignore' });
    script.tell(boat('Degraded'));
    await clock.advance(61_000);
    expect([...(await done).values()].map((a) => a.health.status)).toEqual(['Degraded']);
  });

  it('looks from time to time where it may not watch', async () => {
    const script = scripted({ watchFails: true });
    const { clock, done } = begin(script);
    await clock.advance(3000);
    script.tell(boat('Healthy'));
    await clock.advance(3000);
    await done;
  });
});
