import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionOf, definitionsPath, widget, widgetsPath } from '../crd/test/fixtures.js';
import { createSandbox } from '../index.js';
import type { Sandbox } from '../types.js';
import { applyType, type Client, clientOf, configMap, inDefault } from './client.js';

let sandbox: Sandbox;
let call: Client;
const maps = inDefault('configmaps');
const pods = inDefault('pods');

beforeEach(async () => {
  sandbox = await createSandbox({ controllers: false });
  call = clientOf(sandbox.wire);
});
afterEach(() => sandbox.close());

const pod = (name: string, containers = ['main']) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: containers.map((c) => ({ name: c, image: `${c}:1` })) },
});

describe('bodies', () => {
  const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","x":"2"}}';

  it('that name a field twice are told of, or refused where asked to be strict', async () => {
    const strict = await call('POST', `${maps}?fieldValidation=Strict`, twice);
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('strict decoding error: duplicate field "data.x"');
    const { headers } = await call('POST', maps, twice);
    expect(headers['warning']).toEqual(['299 - "duplicate field \\"data.x\\""']);
    expect((await call('POST', `${maps}?fieldValidation=Ignore`, twice.replace('"a"', '"b"'))).headers).not.toHaveProperty('warning');
    const applied = await call('PATCH', `${maps}/c?fieldManager=x&fieldValidation=Strict`, twice.replace('"a"', '"c"'), applyType);
    expect(applied.body.message).toBe(
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "x" already set in map',
    );
  });

  it('with a resource version create nothing', async () => {
    const { status, body } = await call('POST', maps, { ...configMap('a'), metadata: { name: 'a', resourceVersion: '5' } });
    expect([status, body.message]).toEqual([500, 'resourceVersion should not be set on objects to be created']);
  });

  it('keep each owner once', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
    const answer = await call('POST', maps, { ...configMap('a'), metadata: { name: 'a', ownerReferences: [owner, owner] } });
    expect(answer.body.metadata.ownerReferences).toHaveLength(1);
    expect(String(answer.headers['warning'])).toContain('duplicate UID(s) observed: u');
  });
});

describe('updates', () => {
  it('create objects of the kinds that allow it, and of no others', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [] };
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/r';
    expect((await call('PUT', path, role)).status).toBe(201);
    expect((await call('PUT', path, role)).status).toBe(200);
    expect((await call('PUT', `${maps}/none`, configMap('none'))).status).toBe(404);
  });

  it('meant for another object of the same name are refused', async () => {
    await call('POST', maps, configMap('a'));
    const { status, body } = await call('PUT', `${maps}/a`, { ...configMap('a'), metadata: { name: 'a', uid: 'other' } });
    expect(status).toBe(409);
    expect(body.message).toContain('Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID');
  });
});

describe('deletes', () => {
  beforeEach(() => call('POST', maps, configMap('a')));
  it.each([
    [{ gracePeriodSeconds: 'x' }, 500, 'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64'],
    [{ orphanDependents: 1 }, 500, 'json: cannot unmarshal number into Go struct field DeleteOptions.orphanDependents of type bool'],
    [{ kind: 'Pod', apiVersion: 'v1' }, 500, 'no kind "Pod" is registered for version "v1"'],
    [{ propagationPolicy: 'Some' }, 422, 'supported values: "Foreground", "Background", "Orphan", "nil"'],
    [{ propagationPolicy: 'Orphan', orphanDependents: true }, 422, 'orphanDependents and deletionPropagation cannot be both set'],
    [{ preconditions: { uid: 'x' } }, 409, 'the UID in the precondition (x) does not match the UID in record'],
  ])('with options %j are refused', async (options, status, message) => {
    const answer = await call('DELETE', `${maps}/a`, options);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
    expect((await call('GET', `${maps}/a`)).status).toBe(200);
  });

  it('that only began are accepted where dependents are not to be orphaned', async () => {
    await call('PATCH', `${maps}/a`, { metadata: { finalizers: ['example.com/x'] } }, { 'content-type': 'application/merge-patch+json' });
    expect((await call('DELETE', `${maps}/a?orphanDependents=false`)).status).toBe(202);
  });

  it('of many choose and try out', async () => {
    await call('POST', maps, { ...configMap('b'), metadata: { name: 'b', labels: { x: 'y' } } });
    expect((await call('DELETE', `${maps}?labelSelector=x=y&dryRun=All`)).body.items).toHaveLength(1);
    expect((await call('GET', `${maps}/b`)).status).toBe(200);
    await call('DELETE', `${maps}?labelSelector=x=y`);
    expect((await call('GET', `${maps}/b`)).status).toBe(404);
    expect((await call('GET', `${maps}/a`)).status).toBe(200);
  });
});

describe('paths', () => {
  it.each([
    ['GET', `${maps}/a%2Fb`, 404],
    ['GET', `${maps}/..`, 400],
    ['GET', `${maps}/a%25b`, 400],
    ['GET', '/api//v1/namespaces', 404],
    ['GET', '/api/v1/namespaces//configmaps', 404],
    ['GET', '/api/v1/namespaces/', 200],
    ['GET', `${maps}/%E0%A4%A`, 400],
    ['PATCH', maps, 405],
    ['OPTIONS', maps, 405],
  ] as const)('%s %s is answered %i', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
  });
});

describe('pods', () => {
  // Without controllers nobody makes the account that pods run as.
  beforeEach(() => call('POST', inDefault('serviceaccounts'), { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }));

  const status = (name: string, value: object) =>
    call('PATCH', `${pods}/${name}/status`, { status: value }, { 'content-type': 'application/merge-patch+json' });

  it('are put on nodes once', async () => {
    await call('POST', pods, pod('p'));
    const bind = (target: object, query = '') =>
      call('POST', `${pods}/p/binding${query}`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target });
    expect((await bind({ kind: 'Pod', name: 'n' })).body.message).toContain('target.kind: Unsupported value: "Pod"');
    expect((await bind({ kind: 'Node', name: 'n' }, '?dryRun=All')).status).toBe(201);
    expect((await bind({ kind: 'Node', name: 'n' })).status).toBe(201);
    expect((await bind({ kind: 'Node', name: 'm' })).body.message).toBe(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    );
  });

  it('say what their containers wrote', async () => {
    await call('POST', pods, pod('p', ['main', 'side']));
    expect((await call('GET', `${pods}/p/log`)).body.message).toBe(
      'a container name must be specified for pod p, choose one of: [main side]',
    );
    expect((await call('GET', `${pods}/p/log?container=x`)).body.message).toBe('container x is not valid for pod p');
    expect((await call('GET', `${pods}/p/log?container=main`)).body).toBe('');
    await call('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { name: 'n' } });
    expect((await call('GET', `${pods}/p/log?container=main`)).body.message).toContain('is waiting to start: ContainerCreating');
    const startedAt = '2026-01-01T00:00:00Z';
    const ready = { name: 'main', ready: true, restartCount: 0, image: 'main:1', imageID: '' };
    await status('p', { phase: 'Running', containerStatuses: [{ ...ready, state: { running: { startedAt } } }] });
    expect((await call('GET', `${pods}/p/log?container=main&timestamps=true`)).body).toBe(
      '2026-01-01T00:00:00.000Z container main started: image main:1\n',
    );
    expect((await call('GET', `${pods}/p/log?container=main&tailLines=0`)).body).toBe('');
    expect((await call('GET', `${pods}/p/log?container=main&tailLines=-1`)).status).toBe(422);
    const following = call('GET', `${pods}/p/log?container=main&follow=true`);
    await status('p', {
      containerStatuses: [{ ...ready, state: { terminated: { exitCode: 3, startedAt, finishedAt: '2026-01-01T00:01:00Z' } } }],
    });
    expect((await following).body).toBe('container main started: image main:1\ncontainer main ended: exit code 3\n');
    expect((await call('POST', `${pods}/p/exec?container=main`)).body).toMatchObject({ reason: 'NotImplemented', code: 501 });
  });

  it('are evicted as their budget allows', async () => {
    await call('POST', pods, pod('p'));
    await status('p', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await call('POST', budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'p' } } },
    });
    const evict = () => call('POST', `${pods}/p/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } });
    expect((await evict()).body.details.causes[0].message).toBe('The disruption budget b is still being processed by the server.');
    const patch = (value: object) =>
      call('PATCH', `${budgets}/b/status`, { status: value }, { 'content-type': 'application/merge-patch+json' });
    const counts = { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
    await patch({ ...counts, disruptionsAllowed: 0 });
    const refused = await evict();
    expect(refused.status).toBe(429);
    expect(refused.body.details.causes).toEqual([
      { reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' },
    ]);
    await patch({ ...counts, disruptionsAllowed: 1 });
    expect((await evict()).body).toMatchObject({ status: 'Success', code: 201 });
    expect((await call('GET', `${pods}/p`)).status).toBe(404);
    expect(Object.keys((await call('GET', `${budgets}/b`)).body.status.disruptedPods)).toEqual(['p']);
  });
});

describe('service account tokens', () => {
  it('last as long as asked, but not too short', async () => {
    const path = `${inDefault('serviceaccounts')}`;
    await call('POST', path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 's' } });
    const ask = (spec: object) => call('POST', `${path}/s/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
    expect((await ask({ expirationSeconds: 60 })).body.message).toContain('may not specify a duration less than 10 minutes');
    expect((await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } })).status).toBe(404);
    const { status, body } = await ask({ expirationSeconds: 600 });
    expect(status).toBe(201);
    expect(body.status.token).toMatch(/./);
  });
});

describe('updates without a resource version', () => {
  const missing = 'metadata.resourceVersion: Invalid value: 0x0: must be specified for an update';
  it('are refused for kinds that take none', async () => {
    const budget = { metadata: { name: 'b' }, spec: { minAvailable: 1 } };
    await call('POST', inDefault('poddisruptionbudgets', 'policy/v1'), budget);
    const { status, body } = await call('PUT', `${inDefault('poddisruptionbudgets', 'policy/v1')}/b`, budget);
    expect([status, body.message, body.details.kind]).toEqual([
      422,
      `poddisruptionbudgets.policy "b" is invalid: ${missing}`,
      'poddisruptionbudgets',
    ]);
  });

  it('are refused for custom resources and their status', async () => {
    await call('POST', definitionsPath, definitionOf({ type: 'object', properties: { n: { type: 'integer' } } }));
    await sandbox.settle();
    await call('POST', widgetsPath, widget({ n: 1 }));
    for (const path of [`${widgetsPath}/a`, `${widgetsPath}/a/status`])
      expect((await call('PUT', path, widget({ n: 2 }))).body.message).toBe(`widgets.example.com "a" is invalid: ${missing}`);
  });
});

describe('scales of custom resources', () => {
  it('take no strategic patches, and are checked by the path of their replicas', async () => {
    const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
    const definition = definitionOf(
      { type: 'object', properties: { n: { type: 'integer' } } },
      { version: { subresources: { status: {}, scale } } },
    );
    await call('POST', definitionsPath, definition);
    await sandbox.settle();
    await call('POST', widgetsPath, widget({ n: 1 }));
    const patch = { spec: { replicas: -1 } };
    const type = (name: string) => ({ 'content-type': `application/${name}-patch+json` });
    expect((await call('PATCH', `${widgetsPath}/a/scale`, patch, type('strategic-merge'))).status).toBe(415);
    expect((await call('PATCH', `${widgetsPath}/a/scale`, patch, type('merge'))).body.message).toBe(
      'Widget.example.com "a" is invalid: .spec.n: Invalid value: -1: should be a non-negative integer',
    );
  });
});

describe('namespaces', () => {
  it('that are being deleted may be deleted again', async () => {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    const { body: first } = await call('DELETE', '/api/v1/namespaces/shop');
    const { status, body } = await call('DELETE', '/api/v1/namespaces/shop');
    expect([status, body]).toEqual([200, first]);
    const other = await call('DELETE', '/api/v1/namespaces/shop', { preconditions: { uid: 'x' } });
    expect(other.body.message).toBe(
      `Operation cannot be fulfilled on namespaces "shop": Precondition failed: UID in precondition: x, UID in object meta: ${body.metadata.uid}`,
    );
  });
});
