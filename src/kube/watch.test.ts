import { afterEach, describe, expect, it } from 'vitest';
import { configMaps, fakeWire, json, status } from '../../test/kube/support/fake-wire.js';
import { serve } from '../../test/kube/support/server.js';
import type { WireRequest } from '../model/index.js';
import { manualClock } from '../model/index.js';
import { openCluster } from './cluster.js';
import { connectCluster } from './connect.js';
import { fixedCredentials } from './connection.js';
import type { WatchEvent } from './types.js';

const list = (version: string, ...names: string[]) => ({
  kind: 'ConfigMapList',
  metadata: { resourceVersion: version },
  items: names.map((name) => ({ metadata: { name, resourceVersion: version } })),
});
const event = (type: string, version: string, name = 'a') =>
  `${JSON.stringify({ type, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, resourceVersion: version } } })}\n`;
const error = (code: number, reason: string) =>
  `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason, message: reason } })}\n`;

/** Pieces, then what follows them: an end, an endless silence or a broken connection. */
async function* stream(pieces: string[], then: 'end' | 'silence' | 'break' = 'end'): AsyncGenerator<string> {
  yield* pieces;
  if (then === 'silence') await new Promise(() => undefined);
  if (then === 'break') throw Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
}
const watching = (body: AsyncIterable<string>) => ({ status: 200, headers: {}, body });

/** Answers requests one after the other from a script; after its end every watch is silent. */
function scripted(...answers: unknown[]) {
  return fakeWire((request: WireRequest, n) => {
    const answer = answers[n - 1];
    if (answer instanceof Error) throw answer;
    return answer ?? (request.path.includes('watch=1') ? watching(stream([], 'silence')) : list('99'));
  });
}

function summary(e: WatchEvent): string {
  if (e.type === 'synced') return `synced ${e.resourceVersion}`;
  if (e.type === 'trouble') return `trouble ${(e.error as { code?: string }).code}`;
  return e.type === 'restarted' ? e.type : `${e.type} ${e.object.metadata.name}@${e.object.metadata.resourceVersion}`;
}

/** The first `n` events, on a clock that moves by itself. */
async function take(n: number, wire: ReturnType<typeof fakeWire>, options: { idleMs?: number } = {}) {
  const slept: number[] = [];
  const start = manualClock();
  const clock = {
    now: () => start.now(),
    sleep: async (ms: number, signal?: AbortSignal) => {
      const done = start.sleep(ms, signal);
      if (ms < 60_000) {
        slept.push(ms);
        void start.advance(ms);
      }
      return done;
    },
  };
  const cluster = openCluster({ wire: wire.wire, name: 'test', clock });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const e of cluster.watch(configMaps, { signal: stop.signal, ...options })) {
    seen.push(summary(e));
    if (seen.length === n) stop.abort();
  }
  const versions = wire.asked.map((r) => (r.path.includes('watch=1') ? `watch ${/resourceVersion=([^&]*)/.exec(r.path)?.[1]}` : 'list'));
  return { seen, versions, slept };
}

describe('watch', () => {
  it('lists, then tells changes, and remembers bookmarks', async () => {
    const wire = scripted(
      list('5', 'a'),
      watching(
        stream([
          event('ADDED', '6', 'b') + event('MODIFIED', '7', 'b').slice(0, 20),
          event('MODIFIED', '7', 'b').slice(20),
          '\n',
          event('BOOKMARK', '9'),
        ]),
      ),
      watching(stream([event('DELETED', '10')])),
    );
    const { seen, versions } = await take(5, wire);
    expect(seen).toEqual(['added a@5', 'synced 5', 'added b@6', 'modified b@7', 'deleted a@10']);
    expect(versions).toEqual(['list', 'watch 5', 'watch 9']);
    expect(wire.asked[1]?.path).toContain('allowWatchBookmarks=true');
    expect(Number(/timeoutSeconds=([0-9]+)/.exec(wire.asked[1]?.path ?? '')?.[1])).toBeGreaterThanOrEqual(300);
  });

  it('gives objects the type of the resource', async () => {
    const { wire } = scripted(list('5', 'a'));
    const stop = new AbortController();
    for await (const e of openCluster({ wire, name: 't' }).watch(configMaps, { signal: stop.signal })) {
      if (e.type === 'added') expect(e.object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
      stop.abort();
    }
  });

  for (const [what, gone] of [
    ['an ERROR event', watching(stream([error(410, 'Expired')]))],
    ['HTTP 410', status(410, 'Expired')],
  ] as const)
    it(`lists again after 410 as ${what}, and says so`, async () => {
      const { seen, versions, slept } = await take(5, scripted(list('5', 'a'), gone, list('8', 'b')));
      expect(seen.slice(0, 5)).toEqual(['added a@5', 'synced 5', 'restarted', 'added b@8', 'synced 8']);
      expect(versions.slice(0, 4)).toEqual(['list', 'watch 5', 'list', ...versions.slice(3, 4)]);
      expect(slept).toEqual([]);
    });

  it('does not list in a tight loop where 410 comes again and again', async () => {
    const gone = status(410, 'Expired');
    const { slept } = await take(8, scripted(list('1'), gone, list('2'), gone, list('3'), gone, list('4'), gone, list('5')));
    expect(slept.length).toBeGreaterThanOrEqual(2);
  });

  it('goes on from the last event after a broken connection, with a pause that is told', async () => {
    const wire = scripted(
      list('5'),
      watching(stream([event('ADDED', '6')], 'break')),
      watching(stream([event('MODIFIED', '7')], 'silence')),
    );
    const { seen, versions, slept } = await take(4, wire);
    expect(seen).toEqual(['synced 5', 'added a@6', 'trouble KUBE_UNREACHABLE', 'modified a@7']);
    expect(versions).toEqual(['list', 'watch 5', 'watch 6']);
    expect(slept).toHaveLength(1);
  });

  it('backs off longer and longer, and never asks the list for more than it must', async () => {
    const down = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { seen, slept } = await take(6, scripted(down(), down(), down(), down(), down(), list('5')));
    expect(seen).toEqual([...Array.from({ length: 5 }, () => 'trouble KUBE_UNREACHABLE'), 'synced 5']);
    expect(slept).toHaveLength(5);
    expect(slept.at(-1) ?? 0).toBeGreaterThan(slept[0] ?? 0);
    expect(Math.max(...slept)).toBeLessThanOrEqual(30_000);
  });

  it('leaves a damaged stream, and lists again where it is damaged at the same place again', async () => {
    const damaged = () => watching(stream(['{"type":"ADDED","obj\n']));
    const { seen, versions } = await take(6, scripted(list('5'), damaged(), damaged(), damaged(), list('6', 'a')));
    expect(seen).toEqual(['synced 5', ...Array.from({ length: 3 }, () => 'trouble KUBE_BAD_ANSWER'), 'restarted', 'added a@6']);
    expect(versions).toEqual(['list', 'watch 5', 'watch 5', 'watch 5', 'list']);
  });

  it('takes nothing from a line that the connection cut off', async () => {
    const cut = event('ADDED', '6', 'b').trimEnd();
    const { seen, versions } = await take(2, scripted(list('5'), watching(stream([cut])), watching(stream([event('ADDED', '6', 'b')]))));
    expect(seen).toEqual(['synced 5', 'added b@6']);
    expect(versions).toEqual(['list', 'watch 5', 'watch 5']);
  });

  it('tells that it may not look, and keeps trying', async () => {
    const { seen } = await take(2, scripted(status(403, 'Forbidden'), list('1')));
    expect(seen).toEqual(['trouble KUBE_FORBIDDEN', 'synced 1']);
  });

  it('resumes where nothing came for too long, and leaves a slow reader alone', async () => {
    const wire = scripted(
      list('5'),
      watching(stream([event('ADDED', '6')], 'silence')),
      watching(stream([event('ADDED', '7')], 'silence')),
    );
    const clock = manualClock();
    const stop = new AbortController();
    const events = openCluster({ wire: wire.wire, name: 't', clock })
      .watch(configMaps, { signal: stop.signal, idleMs: 1000 })
      [Symbol.asyncIterator]();
    const next = async () => summary((await events.next()).value as WatchEvent);
    expect([await next(), await next()]).toEqual(['synced 5', 'added a@6']);
    await clock.advance(10_000);
    expect(wire.asked).toHaveLength(2);
    const third = next();
    await clock.advance(999);
    expect(wire.asked).toHaveLength(2);
    await clock.advance(1);
    expect(await third).toBe('added a@7');
    expect(wire.asked[2]?.path).toContain('resourceVersion=6');
    stop.abort();
    expect((await events.next()).done).toBe(true);
  });

  it('pauses before it resumes a watch that the server ends at once', async () => {
    const empty = () => watching(stream([]));
    const { slept } = await take(2, scripted(list('5'), empty(), empty(), empty(), watching(stream([event('ADDED', '6')]))));
    expect(slept.length).toBeGreaterThanOrEqual(3);
    for (const ms of slept) expect(ms).toBeGreaterThanOrEqual(500);
  });

  it('ends at once when it is cancelled, whatever it waits for', async () => {
    const never = () => new Promise(() => undefined);
    const waits: [string, (n: number) => unknown][] = [
      ['its list', never],
      ['the answer to its watch', (n) => (n === 1 ? list('1') : never())],
      ['an event', (n) => (n === 1 ? list('1') : watching(stream([], 'silence')))],
      ['the end of a pause', () => status(500, 'InternalError')],
    ];
    for (const [, answer] of waits) {
      const { wire, asked } = fakeWire((_, n) => answer(n));
      const stop = new AbortController();
      const reading = (async () => {
        for await (const e of openCluster({ wire, name: 't' }).watch(configMaps, { signal: stop.signal })) void e;
        return 'ended';
      })();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      expect(asked.length).toBeGreaterThan(0);
      stop.abort();
      expect(await reading).toBe('ended');
    }
  });
});

describe('a watch over a socket', () => {
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  it('survives a server that ends, drops and refuses it, and closes its socket when it is cancelled', async () => {
    let watches = 0;
    let closed = 0;
    const server = await serve((request, response) => {
      if (!request.path.includes('watch=1')) return list('5', 'a');
      watches++;
      response.on('close', () => closed++);
      if (watches === 1) return void response.end(event('ADDED', '6', 'b'));
      if (watches === 2) {
        response.write(event('MODIFIED', '7', 'b'));
        return void setTimeout(() => request.socket.destroy(), 20);
      }
      if (watches === 3) {
        response.statusCode = 503;
        return { kind: 'Status', code: 503, message: 'down' };
      }
      return void response.write(event('DELETED', '8', 'b'));
    });
    endings.push(() => server.close());
    const cluster = connectCluster(
      {
        name: 'test',
        server: server.url,
        tls: { insecure: false },
        compression: false,
        headers: {},
        credentials: fixedCredentials({}),
      },
      { random: (n) => new Uint8Array(n) },
    );
    endings.push(() => cluster.close());
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const e of cluster.watch(configMaps, { signal: stop.signal })) {
      seen.push(summary(e));
      if (e.type === 'deleted') stop.abort();
    }
    expect(seen.filter((s) => !s.startsWith('trouble'))).toEqual(['added a@5', 'synced 5', 'added b@6', 'modified b@7', 'deleted b@8']);
    expect(seen).toContain('trouble KUBE_UNREACHABLE');
    expect(seen).toContain('trouble KUBE_SERVER_ERROR');
    while (closed < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('ends when the cluster is closed', async () => {
    const { wire } = fakeWire((_, n) => (n === 1 ? json(200, list('1')) : watching(stream([], 'silence'))));
    const cluster = openCluster({ wire, name: 't' });
    const reading = (async () => {
      for await (const e of cluster.watch(configMaps, { signal: new AbortController().signal }))
        if (e.type === 'synced') void cluster.close();
      return 'ended';
    })();
    expect(await reading).toBe('ended');
  });
});
