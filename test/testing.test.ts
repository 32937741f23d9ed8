import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { connectCluster, connectionFor, parseKubeconfig } from '../src/kube/index.js';
import { EvenkeelError, type KubeObject, type WireResponse } from '../src/model/index.js';
import { type FaultRule, startSandbox, type TestSandbox, type TestSandboxOptions } from '../src/testing/index.js';

const open: TestSandbox[] = [];
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close();
});

async function start(options?: TestSandboxOptions): Promise<TestSandbox> {
  const sandbox = await startSandbox(options);
  open.push(sandbox);
  return sandbox;
}

const map = (name: string, data: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });
const web = (image = 'nginx:1.25', name = 'web') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
  },
});
const maps = '/api/v1/namespaces/default/configmaps';
const get = (sandbox: TestSandbox, path: string, signal?: AbortSignal): Promise<WireResponse> =>
  sandbox.wire({ method: 'GET', path, headers: {}, ...(signal ? { signal } : {}) });
const create = (sandbox: TestSandbox, object: KubeObject, query = '') =>
  sandbox.wire({ method: 'POST', path: `${maps}${query}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) });
const bodyOf = (response: WireResponse) => JSON.parse(response.body as string);
async function readAll(response: WireResponse): Promise<{ text: string; error?: { code?: string } }> {
  let text = '';
  try {
    for await (const piece of response.body as AsyncIterable<string>) text += piece;
    return { text };
  } catch (error) {
    return { text, error: error as { code?: string } };
  }
}
const typeOf = async (sandbox: TestSandbox, name: string) => {
  const type = (await sandbox.cluster.discovery()).byName(name);
  if (!type) throw new Error(`no ${name}`);
  return type;
};

describe('options', () => {
  it.each([
    [{ clok: 'fast' }, 'OPTION_UNKNOWN', 'clok', 'clock'],
    [{ clock: 'quick' }, 'OPTION_INVALID', 'clock', ''],
    [{ now: 5 }, 'OPTION_INVALID', 'now', 'stepped'],
    [{ faults: [{ match: { verbs: 'get' }, then: { status: 500 } }] }, 'OPTION_UNKNOWN', 'faults[0].match.verbs', 'verb'],
    [{ faults: [{ then: { status: 500, drop: 'before' } }] }, 'OPTION_INVALID', 'faults[0].then', ''],
    [{ seed: 'no/such/folder' }, 'OPTION_INVALID', undefined, 'path'],
  ])('%j are refused as %s', async (options, code, field, hint) => {
    const error = (await startSandbox(options as TestSandboxOptions).catch((thrown: unknown) => thrown)) as EvenkeelError;
    expect(error).toBeInstanceOf(EvenkeelError);
    expect([error.code, error.where.field]).toEqual([code, field]);
    expect(error.hint ?? '').toContain(hint);
  });

  it.each([
    [{ then: {} }, 'exactly one of'],
    [{ then: { stats: 500 } }, 'unknown option "stats"'],
    [{ match: { verb: 'updte' }, then: { status: 500 } }, 'did you mean "update"'],
    [{ then: { delay: '2 parsecs' } }, 'number and a unit'],
    [{ then: { drop: 'before', retryAfter: 3 } }, 'goes only with "status"'],
    [{ then: { discovery: 'incomplete' } }, 'API group'],
    [{ times: 0, then: { status: 500 } }, 'times'],
  ])('the fault %j is refused', async (rule, message) => {
    const sandbox = await start();
    expect(() => sandbox.faults.add(rule as FaultRule)).toThrow(message);
  });
});

describe('objects', () => {
  it('are seeded from a folder in the order in which they can be made, and read, applied and deleted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-seed-'));
    mkdirSync(join(folder, 'b'));
    writeFileSync(
      join(folder, 'a.yaml'),
      `${JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'shop' } })}\n`,
    );
    writeFileSync(join(folder, 'b/crd.json'), JSON.stringify(widgetDefinition));
    writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [a.yaml]\n');
    const sandbox = await start({ seed: folder });
    rmSync(folder, { recursive: true });
    expect((await sandbox.get('example.com/v1', 'Widget', 'shop/w'))?.metadata.namespace).toBe('shop');
    expect(sandbox.requests).toEqual([]);
    await sandbox.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { k: v }\n');
    expect((await sandbox.list('v1', 'ConfigMap', { namespace: 'default' })).map((o) => o.metadata.name)).toContain('a');
    expect(await sandbox.delete('v1', 'ConfigMap', 'a')).toBe(true);
    expect(await sandbox.delete('v1', 'ConfigMap', 'a')).toBe(false);
    expect(await sandbox.get('v1', 'ConfigMap', 'a')).toBeUndefined();
    await expect(sandbox.get('v1', 'Gadget', 'a')).rejects.toMatchObject({ code: 'TESTING_UNKNOWN_KIND' });
  });

  it('have the status that they are seeded with', async () => {
    const sandbox = await start({ controllers: false, seed: { ...web(), status: { replicas: 7, readyReplicas: 7 } } });
    expect((await sandbox.get('apps/v1', 'Deployment', 'web'))?.['status']).toMatchObject({ readyReplicas: 7 });
  });
});

describe('requests', () => {
  it('are recorded with who, what and how it ended', async () => {
    const sandbox = await start();
    sandbox.clearRequests();
    await create(sandbox, map('a'));
    await create(sandbox, map('b'), '?dryRun=All');
    await create(sandbox, map('a'));
    await get(sandbox, `${maps}/a`);
    await sandbox.cluster.apply(await typeOf(sandbox, 'deployments'), web(), { fieldManager: 'me' });
    expect(sandbox.requestsTo({ resource: 'configmaps' })).toMatchObject([
      { method: 'POST', verb: 'create', name: 'a', namespace: 'default', dryRun: false, status: 201, user: 'kubernetes-admin' },
      { verb: 'create', name: 'b', dryRun: true, status: 201 },
      { verb: 'create', name: 'a', status: 409 },
      { verb: 'get', name: 'a', status: 200, body: undefined },
    ]);
    expect(sandbox.writes().map((w) => `${w.verb} ${w.resource}.${w.group}/${w.name}`)).toEqual([
      'create configmaps./a',
      'create configmaps./a',
      'patch deployments.apps/web',
    ]);
    expect(sandbox.writes({ resource: 'deployments.apps' })[0]?.body).toMatchObject({ kind: 'Deployment' });
    expect(() => sandbox.expectNoWrites()).toThrow(
      /no writes were expected, but there were 3:\n {2}POST .*configmaps \(201, by kubernetes-admin\)/,
    );
    sandbox.expectNoWrites({ resource: 'secrets' });
    sandbox.clearRequests();
    sandbox.expectNoWrites();
  });

  it('that only ask are no writes', async () => {
    const sandbox = await start();
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    };
    const { status } = await sandbox.wire({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(review),
    });
    expect(status).toBe(201);
    sandbox.expectNoWrites();
  });
});

describe('faults', () => {
  it('answer as many times as they are told to, and the client gets over it', async () => {
    const sandbox = await start({ faults: [{ match: { verb: 'write' }, times: 1, then: { status: 429, retryAfter: 0 } }] });
    const { created } = await sandbox.cluster.apply(await typeOf(sandbox, 'configmaps'), map('a'), { fieldManager: 'me' });
    expect(created).toBe(true);
    expect(sandbox.writes().map((w) => [w.status, w.faulted])).toEqual([
      [429, true],
      [201, false],
    ]);
  });

  it('say what the API server would', async () => {
    const sandbox = await start();
    sandbox.faults.add({ match: { verb: 'create', name: 'bad-*' }, times: 1, then: { status: 422, message: 'no' } });
    sandbox.faults.add({ match: { name: /^bad/ }, then: { admission: 'policy forbids it' } });
    expect(bodyOf(await create(sandbox, map('bad-a')))).toMatchObject({ kind: 'Status', code: 422, reason: 'Invalid', message: 'no' });
    const denied = await create(sandbox, map('bad-a'), '?dryRun=All');
    expect([denied.status, bodyOf(denied).message]).toEqual([
      400,
      'admission webhook "fault.testing.evenkeel.dev" denied the request: policy forbids it',
    ]);
    expect((await create(sandbox, map('good'))).status).toBe(201);
    expect((await get(sandbox, `${maps}/bad-a`)).status).toBe(404);
    sandbox.faults.clear();
    expect((await create(sandbox, map('bad-a'))).status).toBe(201);
    sandbox.faults.add({ match: { name: 'good', verb: ['update', 'get'] }, then: { status: 409 } });
    expect(bodyOf(await get(sandbox, `${maps}/good`))).toMatchObject({
      reason: 'Conflict',
      message: expect.stringMatching(/^Operation cannot be fulfilled on configmaps "good": the object has been modified/),
      details: { name: 'good', kind: 'configmaps' },
    });
  });

  it('break connections before, after, and in the middle of an answer', async () => {
    const sandbox = await start();
    const reset = { code: 'ECONNRESET' };
    sandbox.faults.add({ match: { name: 'a' }, times: 1, then: { drop: 'before' } });
    await expect(create(sandbox, map('a'))).rejects.toMatchObject(reset);
    expect((await get(sandbox, `${maps}/a`)).status).toBe(404);
    sandbox.faults.add({ match: { name: 'a' }, times: 1, then: { drop: 'after' } });
    await expect(create(sandbox, map('a'))).rejects.toMatchObject(reset);
    sandbox.faults.add({ match: { name: 'a' }, times: 1, then: { drop: 'middle' } });
    const { text, error } = await readAll(await get(sandbox, `${maps}/a`));
    expect([error?.code, () => JSON.parse(text)]).toEqual(['ECONNRESET', expect.any(Function)]);
    expect(() => JSON.parse(text)).toThrow();
    expect((await get(sandbox, `${maps}/a`)).status).toBe(200);
    expect(sandbox.requests.map((r) => [r.status, r.faulted])).toEqual([
      [undefined, true],
      [404, false],
      [undefined, true],
      [200, true],
      [200, false],
    ]);
  });

  it('wait on the clock and then go on to the next', async () => {
    const sandbox = await start({ clock: 'stepped' });
    sandbox.faults.add({ then: { delay: '2s' } });
    sandbox.faults.add({ match: { name: 'a' }, then: { status: 503 } });
    let status: number | undefined;
    const asked = get(sandbox, `${maps}/a`).then((answer) => {
      ({ status } = answer);
    });
    await sandbox.advance('1999ms');
    expect(status).toBeUndefined();
    await sandbox.advance(1);
    await asked;
    expect(status).toBe(503);
  });

  it('strike by chance, the same way for the same seed', async () => {
    const strikes = async (randomSeed: number) => {
      const sandbox = await start({ randomSeed, faults: [{ probability: 0.5, then: { status: 500 } }] });
      const seen: number[] = [];
      for (let i = 0; i < 40; i++) seen.push((await get(sandbox, '/version')).status);
      return seen.join();
    };
    const first = await strikes(3);
    expect(first).toContain('200');
    expect(first).toContain('500');
    expect(await strikes(3)).toBe(first);
    expect(await strikes(4)).not.toBe(first);
  });

  it('let requests pass before they begin', async () => {
    const sandbox = await start();
    const fault = sandbox.faults.add({ after: 2, times: 1, then: { status: 500 } });
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push((await get(sandbox, '/version')).status);
    expect([seen, fault.fired]).toEqual([[200, 200, 500, 200, 200], 1]);
  });

  it('break, age and stall watches', async () => {
    const sandbox = await start();
    const watch = async () => {
      const answer = await get(sandbox, `${maps}?watch=true`);
      return (answer.body as AsyncIterable<string>)[Symbol.asyncIterator]();
    };
    const first = await watch();
    const broken = first.next();
    await create(sandbox, map('a'));
    while (!(await first.next().then((r) => r.value ?? '')).includes('"a"') && !((await broken).value ?? '').includes('"a"'));
    const waiting = first.next();
    sandbox.faults.add({ match: { resource: 'configmaps' }, times: 1, then: { watch: 'break' } });
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
    sandbox.faults.add({ match: { resource: 'configmaps' }, times: 1, then: { watch: 'gone' } });
    const { text } = await readAll(await get(sandbox, `${maps}?watch=true`));
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });

    const stall = sandbox.faults.add({ match: { verb: 'watch' }, then: { watch: 'stall' } });
    const abort = new AbortController();
    const left = await get(sandbox, `${maps}?watch=true`, abort.signal);
    const ended = readAll(left);
    const stalled = await watch();
    let told = '';
    const reading = stalled.next().then((r) => {
      told = String(r.value);
    });
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe('');
    abort.abort();
    expect(await ended).toEqual({ text: '' });
    stall.remove();
    await reading;
    expect(told).toContain('ADDED');
    await stalled.return?.();
  });

  it('make discovery incomplete, and the client says so', async () => {
    const sandbox = await start({ faults: [{ then: { discovery: 'incomplete', group: 'metrics.k8s.io' } }] });
    const { incomplete, byName } = await sandbox.cluster.discovery();
    expect(incomplete.map((i) => i.groupVersion)).toEqual(['metrics.k8s.io/v1']);
    expect(byName('deployments')).toBeDefined();
    expect((await get(sandbox, '/apis/metrics.k8s.io/v1')).status).toBe(503);
    sandbox.faults.clear();
    sandbox.faults.add({ then: { discovery: 'incomplete', group: 'apps' } });
    const again = await sandbox.cluster.discovery({ refresh: true });
    expect([again.byName('deployments'), again.incomplete.map((i) => i.groupVersion)]).toEqual([undefined, ['apps/v1']]);
  });
});

describe('the clock', () => {
  it('stands still until it is turned', async () => {
    const sandbox = await start({ clock: 'stepped', now: '2030-05-01T00:00:00Z', seed: web() });
    const phases = async () => (await sandbox.list<KubeObject & { status: { phase: string } }>('v1', 'Pod')).map((p) => p.status.phase);
    await sandbox.settle();
    expect(await phases()).toEqual(['Pending', 'Pending']);
    await sandbox.advance('3s');
    expect(await phases()).toEqual(['Running', 'Running']);
    expect(sandbox.clock.now()).toBe(Date.UTC(2030, 4, 1, 0, 0, 3));
  });

  it('of another kind cannot be turned', async () => {
    await expect((await start()).advance('1s')).rejects.toMatchObject({ code: 'TESTING_CLOCK' });
  });

  it.each(['fast', 'stepped'] as const)('%s is waited on', async (clock) => {
    const sandbox = await start({ clock });
    await sandbox.apply(web());
    const condition = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', condition: 'Available' };
    expect((await sandbox.waitFor(condition))?.['status']).toMatchObject({ availableReplicas: 2 });
    await sandbox.delete('apps/v1', 'Deployment', 'web');
    await sandbox.waitFor(async () => (await sandbox.list('v1', 'Pod')).length === 0);
    await sandbox.waitFor({ ...condition, condition: undefined, gone: true });
    const late = sandbox.waitFor(condition, '40ms');
    await expect(late).rejects.toMatchObject({ code: 'TESTING_TIMEOUT', message: expect.stringContaining('it is not there') });
  });
});

describe('what containers do', () => {
  it('is set by image', async () => {
    const sandbox = await start({ clock: 'stepped', images: { 'ghcr.io/acme/*:bad': 'missing' } });
    const pod = (name: string, image: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'main', image }] },
    });
    const reason = async (name: string) => {
      const found = await sandbox.get<KubeObject & { status: { containerStatuses: { state: { waiting?: { reason: string } } }[] } }>(
        'v1',
        'Pod',
        name,
      );
      return found?.status.containerStatuses[0]?.state.waiting?.reason;
    };
    sandbox.setImage('nginx:*', 'crash');
    await sandbox.seed([pod('bad', 'ghcr.io/acme/web:bad'), pod('good', 'ghcr.io/acme/web:good'), pod('crash', 'nginx:1')]);
    await sandbox.advance('5s');
    expect([await reason('bad'), await reason('good'), await reason('crash')]).toEqual(['ImagePullBackOff', undefined, 'CrashLoopBackOff']);
    sandbox.setImage('nginx:*', undefined);
    await sandbox.advance('1m');
    expect(await reason('crash')).toBeUndefined();
    expect(() => sandbox.setImage('a', 'burn' as 'crash')).toThrow('setImage');
  });

  it('leads an autoscaler to another size', async () => {
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 6 },
    };
    const sandbox = await start({ seed: [web(), scaler] });
    await sandbox.setDesiredReplicas('web', 9);
    const done = await sandbox.waitFor({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'web',
      where: (d) => (d['status'] as { availableReplicas?: number }).availableReplicas === 6,
    });
    expect(done?.['spec']).toMatchObject({ replicas: 6 });
    await expect(sandbox.setDesiredReplicas('web', -1)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

describe('served', () => {
  it('is reached with its kubeconfig, and its faults are real ones', async () => {
    const sandbox = await start();
    expect(() => sandbox.url).toThrow('not served');
    await sandbox.serve();
    const cluster = connectCluster(await connectionFor(parseKubeconfig(sandbox.kubeconfig, 'served'), undefined, { env: {} }));
    try {
      const type = (await cluster.discovery()).byName('configmaps');
      if (!type) throw new Error('no configmaps');
      for (const drop of ['before', 'after', 'middle'] as const) {
        const fault = sandbox.faults.add({ match: { name: `m-${drop}` }, times: 1, then: { drop } });
        await cluster.apply(type, map(`m-${drop}`), { fieldManager: 'me' });
        expect(fault.fired).toBe(1);
        expect(sandbox.writes({ name: `m-${drop}` })).toHaveLength(2);
      }
      for (const drop of ['before', 'after', 'middle'] as const) {
        sandbox.faults.add({ times: 1, then: { drop } });
        await expect(
          fetch(`${sandbox.url.replace('https', 'http')}/version`, { headers: { authorization: tokenOf(sandbox) } }).then((r) => r.text()),
        ).rejects.toThrow();
      }
    } finally {
      await cluster.close();
    }
    const { kubeconfigPath } = sandbox;
    expect(existsSync(kubeconfigPath)).toBe(true);
    await sandbox.close();
    open.length = 0;
    expect(existsSync(kubeconfigPath)).toBe(false);
  });
});

const tokenOf = (sandbox: TestSandbox) => `Bearer ${/token: "(.*)"/.exec(sandbox.kubeconfig)?.[1]}`;

describe('the examples', () => {
  it('work with the package as it is published', async () => {
    const example = join(import.meta.dirname, '../examples/testing/deployment.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', example]);
    expect(stdout).toMatch(/# fail 0/);
    expect(stdout).toMatch(/# pass [3-9]/);
  });
});

const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};
