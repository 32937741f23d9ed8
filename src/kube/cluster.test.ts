import { describe, expect, it } from 'vitest';
import { configMap, configMaps, fakeWire, json, status } from '../../test/kube/support/fake-wire.js';
import type { WireRequest } from '../model/index.js';
import { EvenkeelError, manualClock } from '../model/index.js';
import { openCluster } from './cluster.js';

/** Random bytes that are always the middle, and a clock whose sleepers wake at once but are counted. */
function quick() {
  const slept: number[] = [];
  const clock = { now: () => slept.reduce((a, b) => a + b, 0), sleep: async (ms: number) => void slept.push(ms) };
  return { clock, slept, random: (n: number) => new Uint8Array(n).fill(128) };
}

function open(answer: (request: WireRequest, n: number) => unknown, options: { attempts?: number } = {}) {
  const { wire, asked } = fakeWire(answer);
  const time = quick();
  return { cluster: openCluster({ wire, name: 'test', clock: time.clock, random: time.random, ...options }), asked, slept: time.slept };
}

async function failure(promise: Promise<unknown>): Promise<EvenkeelError> {
  const thrown = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(thrown instanceof EvenkeelError)) throw new Error(`no EvenkeelError but ${String(thrown)}`);
  return thrown;
}

describe('list', () => {
  it('follows pages and gives items the type that lists leave out', async () => {
    const { cluster, asked } = open((request) =>
      request.path.includes('continue=')
        ? { kind: 'ConfigMapList', metadata: { resourceVersion: '11' }, items: [{ metadata: { name: 'b' }, data: { n: 1 } }] }
        : { kind: 'ConfigMapList', metadata: { resourceVersion: '11', continue: 'a/b=' }, items: [{ metadata: { name: 'a' } }] },
    );
    const { items, resourceVersion } = await cluster.list(configMaps, { namespace: 'shop', pageSize: 1, labelSelector: 'a=b,c' });
    expect(items).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' }, data: { n: 1 } },
    ]);
    expect(resourceVersion).toBe('11');
    expect(asked.map((r) => r.path)).toEqual([
      '/api/v1/namespaces/shop/configmaps?limit=1&labelSelector=a%3Db%2Cc',
      '/api/v1/namespaces/shop/configmaps?limit=1&continue=a%2Fb%3D&labelSelector=a%3Db%2Cc',
    ]);
  });

  it('begins anew in one answer where a page has expired, and mixes nothing', async () => {
    const { cluster, asked } = open((request) => {
      if (request.path.includes('continue=')) return status(410, 'Expired', { metadata: { continue: 'inconsistent' } });
      const limited = request.path.includes('limit=');
      return {
        kind: 'ConfigMapList',
        metadata: { resourceVersion: limited ? '1' : '2', continue: limited ? 'x' : '' },
        items: limited ? [{ metadata: { name: 'old' } }] : null,
      };
    });
    expect(await cluster.list(configMaps)).toEqual({ items: [], resourceVersion: '2' });
    expect(asked.at(-1)?.path).toBe('/api/v1/configmaps');
  });

  it('asks for metadata and cuts down what a server sends in full all the same', async () => {
    const { cluster, asked } = open(() => ({ kind: 'List', metadata: {}, items: [{ metadata: { name: 'a' }, data: { secret: 'x' } }] }));
    const { items } = await cluster.list(configMaps, { metadataOnly: true });
    expect(items).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
    expect(asked[0]?.headers['accept']).toContain('as=PartialObjectMetadataList');
  });

  it('keeps integers beyond 2^53', async () => {
    const { cluster } = open(() => json(200, { kind: 'List', metadata: {}, items: [{ metadata: { name: 'a' }, n: 9007199254740993n }] }));
    expect((await cluster.list(configMaps)).items[0]?.['n']).toBe(9007199254740993n);
  });

  it('keeps a field named __proto__ a field', async () => {
    const { cluster } = open(() => ({
      status: 200,
      headers: {},
      body: '{"metadata":{},"items":[{"metadata":{"name":"a"},"__proto__":{"x":1}}]}',
    }));
    const item = (await cluster.list(configMaps)).items[0];
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(Object.keys(item ?? {})).toEqual(['apiVersion', 'kind', 'metadata', '__proto__']);
  });

  it('does not take a web page, cut-off JSON, or another document for a list', async () => {
    const page = open(() => ({ status: 200, headers: {}, body: '<!doctype html><title>Sign in</title>' }));
    expect((await failure(page.cluster.list(configMaps))).code).toBe('KUBE_BAD_ANSWER');
    const cut = open(() => ({ status: 200, headers: {}, body: '{"kind":"SecretList","items":[{"data":{"password":"aHVudGVyMg=="' }));
    const error = await failure(cut.cluster.list(configMaps));
    expect(error.code).toBe('KUBE_BAD_ANSWER');
    expect(String((error.cause as Error)?.message) + error.message + JSON.stringify(error)).not.toContain('aHVudGVyMg');
    expect((await failure(open(() => ({ kind: 'Pod', metadata: {} })).cluster.list(configMaps))).code).toBe('KUBE_BAD_ANSWER');
    expect((await failure(open(() => ({ kind: 'L', metadata: { continue: 'same' }, items: [] })).cluster.list(configMaps))).code).toBe(
      'KUBE_BAD_ANSWER',
    );
  });
});

describe('get', () => {
  it('gives undefined for an object that is not there, and an error for a path that is not served', async () => {
    const absent = open(() => status(404, 'NotFound', { details: { name: 'web', kind: 'configmaps' } }));
    expect(await absent.cluster.get(configMaps, { namespace: 'shop', name: 'web' })).toBeUndefined();
    const unserved = open(() => ({ status: 404, headers: {}, body: '404 page not found\n' }));
    const error = await failure(unserved.cluster.get(configMaps, { namespace: 'shop', name: 'web' }));
    expect(error.code).toBe('KUBE_NOT_FOUND');
    expect(error.message).toContain('404 page not found');
    expect(error.where.resource).toBe('ConfigMap/web in shop');
  });

  it('sends nothing for a name that would lead to another path', async () => {
    const { cluster, asked } = open(() => ({}));
    for (const name of ['..', 'a/b', '%2e', ''])
      expect((await failure(cluster.get(configMaps, { namespace: 'shop', name }))).code).toBe('KUBE_REQUEST_REFUSED');
    expect((await failure(cluster.get(configMaps, { name: 'x' }))).where.field).toBe('metadata.namespace');
    expect(asked).toEqual([]);
  });
});

describe('apply', () => {
  it('sends a server-side apply and tells what came of it', async () => {
    const { cluster, asked } = open(() =>
      json(201, configMap('web'), { warning: ['299 - "deprecated: use \\"x\\""', '299 - "b", 299 - "b"'] }),
    );
    const result = await cluster.apply(configMaps, configMap('web', { n: 2n ** 60n }) as never, {
      fieldManager: 'evenkeel',
      force: true,
      dryRun: true,
      fieldValidation: 'Strict',
    });
    expect(result).toEqual({ object: configMap('web'), created: true, warnings: ['deprecated: use "x"', 'b'] });
    expect(asked[0]).toMatchObject({
      method: 'PATCH',
      path: '/api/v1/namespaces/shop/configmaps/web?dryRun=All&fieldManager=evenkeel&fieldValidation=Strict&force=true',
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(asked[0]?.body).toContain('1152921504606846976');
  });

  it('tells each conflict', async () => {
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }];
    const { cluster, asked } = open(() => status(409, 'Conflict', { details: { name: 'web', causes } }));
    const error = await failure(cluster.apply(configMaps, configMap('web'), { fieldManager: 'evenkeel' }));
    expect(error.code).toBe('KUBE_CONFLICT');
    expect(error.details['causes']).toEqual(causes);
    expect(error.message).toBe('Conflict said the server');
    expect(asked[0]?.path).toContain('force=false');
    expect(asked).toHaveLength(1);
  });
});

describe('delete', () => {
  const ref = { namespace: 'shop', name: 'web' };
  const answers: [string, unknown, string][] = [
    ['a Status of success', json(200, { kind: 'Status', status: 'Success' }), 'deleted'],
    [
      'an object that finalizers hold',
      configMap('web', { metadata: { name: 'web', deletionTimestamp: 't', deletionGracePeriodSeconds: 0, finalizers: ['x/y'] } }),
      'deleting',
    ],
    ['a pod in its grace period', configMap('web', { metadata: { deletionTimestamp: 't', deletionGracePeriodSeconds: 30 } }), 'deleting'],
    [
      'a namespace that is being emptied',
      { kind: 'Namespace', metadata: { deletionTimestamp: 't' }, spec: { finalizers: ['kubernetes'] } },
      'deleting',
    ],
    ['an object that is gone with the answer', configMap('web'), 'deleted'],
    ['202', json(202, { kind: 'Status', status: 'Success' }), 'deleting'],
    ['404', status(404, 'NotFound', { details: { name: 'web' } }), 'gone'],
  ];
  for (const [what, answer, outcome] of answers)
    it(`reads ${what} as ${outcome}`, async () => {
      expect(await open(() => answer).cluster.delete(configMaps, ref)).toBe(outcome);
    });

  it('sends its options, and a broken connection is repeated only with a uid', async () => {
    const broken = () => {
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    const blind = open(broken);
    expect((await failure(blind.cluster.delete(configMaps, ref))).code).toBe('KUBE_UNREACHABLE');
    expect(blind.asked).toHaveLength(1);
    const sure = open((_, n) => (n === 1 ? broken() : status(404, 'NotFound', { details: { name: 'web' } })));
    expect(
      await sure.cluster.delete(configMaps, ref, { preconditions: { uid: 'u1' }, propagationPolicy: 'Foreground', gracePeriodSeconds: 0 }),
    ).toBe('gone');
    expect(JSON.parse(String(sure.asked[1]?.body))).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u1' },
    });
  });
});

describe('retries', () => {
  it('waits as long as the server asks, whatever the request', async () => {
    const { cluster, slept, asked } = open((_, n) =>
      n < 3 ? status(429, 'TooManyRequests', {}) && json(429, {}, { 'retry-after': '3' }) : json(201, configMap('a')),
    );
    await cluster.create(configMaps, configMap('a'));
    expect(asked).toHaveLength(3);
    for (const ms of slept) expect(ms).toBeGreaterThanOrEqual(3000);
  });

  it('does not come early where a server asks for more patience than there is', async () => {
    const { cluster, asked } = open(() => json(503, {}, { 'retry-after': '3600' }));
    expect((await failure(cluster.list(configMaps))).code).toBe('KUBE_SERVER_ERROR');
    expect(asked).toHaveLength(1);
  });

  it('gives up after so many tries, and repeats no create that may have arrived', async () => {
    const failing = open(() => status(500, 'InternalError'), { attempts: 4 });
    expect((await failure(failing.cluster.list(configMaps))).code).toBe('KUBE_SERVER_ERROR');
    expect(failing.asked).toHaveLength(4);
    await failure(failing.cluster.create(configMaps, configMap('a')));
    expect(failing.asked).toHaveLength(5);
    const refused = open((_, n) => {
      if (n === 1) throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
      return json(201, configMap('a'));
    });
    await refused.cluster.create(configMaps, configMap('a'));
    expect(refused.asked).toHaveLength(2);
  });

  it('ends at once when it is cancelled while it waits', async () => {
    const clock = manualClock();
    const { wire } = fakeWire(() => status(500, 'InternalError'));
    const cluster = openCluster({ wire, name: 'test', clock });
    const stop = new AbortController();
    const listed = failure(cluster.list(configMaps, { signal: stop.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await listed).code).toBe('CANCELLED');
  });
});

it('sends and repeats nothing after it was closed', async () => {
  const clock = manualClock();
  const { wire, asked } = fakeWire(() => status(500, 'InternalError'));
  const cluster = openCluster({ wire, name: 'test', clock });
  const waiting = failure(cluster.list(configMaps));
  await new Promise((resolve) => setImmediate(resolve));
  await cluster.close();
  expect((await waiting).code).toBe('CANCELLED');
  expect((await failure(cluster.list(configMaps))).message).toContain('closed');
  expect(asked).toHaveLength(1);
});

it('never has more requests under way than it may, and serves them in order', async () => {
  let under = 0;
  let most = 0;
  const order: string[] = [];
  const { wire } = fakeWire(async (request) => {
    most = Math.max(most, ++under);
    order.push(request.path);
    await new Promise((resolve) => setImmediate(resolve));
    under--;
    return configMap('x');
  });
  const cluster = openCluster({ wire, name: 'test', concurrency: 3 });
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
  await Promise.all(names.map((name) => cluster.get(configMaps, { namespace: 'shop', name })));
  expect(most).toBe(3);
  expect(order).toEqual(names.map((name) => `/api/v1/namespaces/shop/configmaps/${name}`));
});
