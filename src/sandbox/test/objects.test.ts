import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../index.js';
import { applyType, type Client, clientOf, configMap, deployment, inDefault, mergeType } from './client.js';

let sandbox: Sandbox;
let call: Client;
beforeEach(async () => {
  sandbox = await createSandbox({ controllers: false });
  call = clientOf(sandbox.wire);
});
afterEach(() => sandbox.close());

const maps = inDefault('configmaps');
const deployments = inDefault('deployments', 'apps/v1');

describe('objects', () => {
  it('are created, read, changed and deleted', async () => {
    const created = await call('POST', maps, configMap('a', { k: 'v' }));
    expect(created).toMatchObject({
      status: 201,
      body: { metadata: { namespace: 'default', managedFields: [{ manager: 'test', operation: 'Update' }] }, data: { k: 'v' } },
    });
    expect(await call('POST', maps, configMap('a'))).toMatchObject({
      status: 409,
      body: { reason: 'AlreadyExists', message: 'configmaps "a" already exists' },
    });
    expect(await call('PATCH', `${maps}/a`, { data: { k: null, l: 'w' } }, mergeType)).toMatchObject({
      status: 200,
      body: { data: { l: 'w' } },
    });
    expect(
      await call('PUT', `${maps}/a`, {
        ...configMap('a'),
        metadata: { name: 'a', resourceVersion: created.body.metadata.resourceVersion },
      }),
    ).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    });
    expect(await call('DELETE', `${maps}/a`)).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success', details: { name: 'a' } },
    });
    expect(await call('GET', `${maps}/a`)).toMatchObject({ status: 404, body: { message: 'configmaps "a" not found' } });
  });

  it('are not stored by a dry run', async () => {
    const { status, body } = await call('POST', `${maps}?dryRun=All`, configMap('a'));
    expect([status, body.metadata.uid, body.metadata.resourceVersion]).toEqual([201, expect.any(String), undefined]);
    expect((await call('GET', `${maps}/a`)).status).toBe(404);
  });

  it('are read from YAML', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
    expect(await call('POST', maps, text, { 'content-type': 'application/yaml' })).toMatchObject({
      status: 201,
      body: { data: { a: '1' } },
    });
  });

  it('keep integers beyond 2^53', async () => {
    const definition = crd({ type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } });
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    const path = '/apis/example.com/v1/namespaces/default/widgets';
    await call('POST', path, '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"n":9007199254740993}}');
    const answer = await sandbox.wire({ method: 'GET', path: `${path}/w`, headers: {} });
    expect(answer.body).toContain('"n":9007199254740993');
  });

  it('wait for their finalizers', async () => {
    await call('POST', maps, { ...configMap('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    expect((await call('DELETE', `${maps}/a`)).body.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect((await call('GET', `${maps}/a`)).status).toBe(200);
    await call('PATCH', `${maps}/a`, { metadata: { finalizers: null } }, mergeType);
    expect((await call('GET', `${maps}/a`)).status).toBe(404);
  });

  it('do not lose the namespaces that every cluster needs', async () => {
    expect(await call('DELETE', '/api/v1/namespaces/default')).toMatchObject({
      status: 403,
      body: { message: 'namespaces "default" is forbidden: this namespace may not be deleted' },
    });
  });

  it('need a namespace that exists', async () => {
    expect(await call('POST', '/api/v1/namespaces/nowhere/configmaps', configMap('a'))).toMatchObject({
      status: 404,
      body: { message: 'namespaces "nowhere" not found' },
    });
  });
});

describe('server-side apply', () => {
  it('creates, agrees, and refuses what another manager owns', async () => {
    const apply = (manager: string, image: string, more = '') =>
      call('PATCH', `${deployments}/web?fieldManager=${manager}${more}`, deployment('web', image), applyType);
    expect((await apply('one', 'nginx:1')).status).toBe(201);
    const again = await apply('one', 'nginx:1');
    expect(again.status).toBe(200);
    expect(await apply('two', 'nginx:2')).toMatchObject({
      status: 409,
      body: {
        details: {
          causes: [
            { reason: 'FieldManagerConflict', field: '.spec.template.spec.containers[name="main"].image', message: 'conflict with "one"' },
          ],
        },
      },
    });
    expect((await apply('two', 'nginx:2', '&force=true')).body.metadata.generation).toBe(2);
  });

  it('changes nothing where nothing differs', async () => {
    const first = await call('PATCH', `${deployments}/web?fieldManager=one`, deployment('web'), applyType);
    const second = await call('PATCH', `${deployments}/web?fieldManager=one`, deployment('web'), applyType);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });
});

describe('lists', () => {
  it('select, page and go on', async () => {
    for (const name of ['a', 'b', 'c']) await call('POST', maps, { ...configMap(name), metadata: { name, labels: { x: name } } });
    const names = async (query: string) =>
      (await call('GET', `${maps}?${query}`)).body.items.map((i: { metadata: { name: string } }) => i.metadata.name);
    expect(await names('labelSelector=x+in+(a,c)')).toEqual(['a', 'c']);
    expect(await names('fieldSelector=metadata.name!=b')).toEqual(['a', 'c']);
    const page = await call('GET', `${maps}?limit=2`);
    expect(page.body.metadata.remainingItemCount).toBe(1);
    expect(await names(`limit=2&continue=${page.body.metadata.continue}`)).toEqual(['c']);
    expect((await call('GET', `${maps}?resourceVersion=999999`)).status).toBe(504);
  });

  it('come as tables and as metadata only', async () => {
    await call('POST', deployments, deployment('web'));
    const table = await call('GET', deployments, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' });
    expect(table.body).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['web', '0/1', 0, 0, expect.any(String), 'main', 'nginx:1.25', 'app=web'] }],
    });
    const partial = await call('GET', deployments, undefined, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(partial.body.items[0]).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } });
    expect(partial.body.items[0]).not.toHaveProperty('spec');
  });
});

describe('watches', () => {
  const lines = (text: string) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } });

  it('tell changes after a version, as a selector sees them', async () => {
    await call('POST', maps, { ...configMap('a'), metadata: { name: 'a', labels: { on: 'yes' } } });
    const { body } = await call('GET', maps);
    await call('PATCH', `${maps}/a`, { metadata: { labels: { on: 'no' } } }, mergeType);
    await call('PATCH', `${maps}/a`, { metadata: { labels: { on: 'yes' } } }, mergeType);
    await call('DELETE', `${maps}/a`);
    const answer = await sandbox.wire({
      method: 'GET',
      path: `${maps}?watch=true&labelSelector=on=yes&resourceVersion=${body.metadata.resourceVersion}`,
      headers: {},
    });
    let text = '';
    for await (const piece of answer.body as AsyncIterable<string>) {
      text += piece;
      if (lines(text).length === 3) break;
    }
    expect(lines(text).map((l) => l.type)).toEqual(['DELETED', 'ADDED', 'DELETED']);
  });

  it('end with their signal', async () => {
    const abort = new AbortController();
    const answer = await sandbox.wire({ method: 'GET', path: `${maps}?watch=true`, headers: {}, signal: abort.signal });
    abort.abort();
    for await (const _ of answer.body as AsyncIterable<string>) throw new Error('nothing was to be told');
  });

  it('begin with what is there where asked to, and say when that was all', async () => {
    await call('POST', maps, configMap('a'));
    const path = `${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
    const answer = await sandbox.wire({ method: 'GET', path, headers: {} });
    let text = '';
    for await (const piece of answer.body as AsyncIterable<string>) {
      text += piece;
      if (text.includes('BOOKMARK')) break;
    }
    expect(lines(text)).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'a' } } },
      { type: 'BOOKMARK', object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } },
    ]);
  });
});

const crd = (schema: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      },
    ],
  },
});

describe('custom resources', () => {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const widgets = '/apis/example.com/v1/namespaces/default/widgets';
  const widget = (spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec });
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        'x-kubernetes-validations': [
          { rule: 'self.size < 10 || self.big', message: 'large ones must be big' },
          { rule: 'self.size >= oldSelf.size', message: 'may not shrink' },
        ],
        properties: { size: { type: 'integer', minimum: 1 }, big: { type: 'boolean', default: false } },
      },
    },
  };

  it('are unknown before their definition, then pruned, defaulted, checked, and gone with it', async () => {
    expect((await call('GET', widgets)).status).toBe(404);
    expect((await call('POST', definitions, crd(schema))).status).toBe(201);
    expect((await call('GET', `${definitions}/widgets.example.com`)).body.status.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ]);
    expect(await call('POST', widgets, widget({ size: 0 }))).toMatchObject({
      status: 422,
      body: {
        details: { causes: [{ field: 'spec.size', message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1' }] },
      },
    });
    expect((await call('POST', widgets, widget({ size: 2, other: 1 }))).body.spec).toEqual({ size: 2, big: false });
    const table = await call('GET', widgets, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(table.body.rows[0].cells).toEqual(['w', 2]);
    await call('DELETE', `${definitions}/widgets.example.com`);
    expect((await call('GET', widgets)).status).toBe(404);
    expect((await call('GET', `${definitions}/widgets.example.com`)).status).toBe(404);
  });

  it('are held to their rules, old values included', async () => {
    await call('POST', definitions, crd(schema));
    expect(await call('POST', widgets, widget({ size: 11 }))).toMatchObject({
      status: 422,
      body: { message: 'Widget.example.com "w" is invalid: spec: Invalid value: "object": large ones must be big' },
    });
    expect((await call('POST', widgets, widget({ size: 11, big: true }))).status).toBe(201);
    expect(await call('PATCH', `${widgets}/w`, { spec: { size: 5 } }, mergeType)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('may not shrink') },
    });
    expect((await call('PATCH', `${widgets}/w`, { spec: { size: 12 } }, mergeType)).status).toBe(200);
  });

  it('are served in every version of their definition', async () => {
    const two = crd(schema);
    const later = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, color: { type: 'string', default: 'red' } } } },
    };
    two.spec.versions.push({
      ...(two.spec.versions[0] as (typeof two.spec.versions)[0]),
      name: 'v2',
      storage: false,
      schema: { openAPIV3Schema: later },
    });
    await call('POST', definitions, two);
    await call('POST', widgets, widget({ size: 2 }));
    const path = widgets.replace('v1', 'v2');
    expect((await call('GET', `${path}/w`)).body).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 2, color: 'red' } });
    expect((await call('PATCH', `${path}/w`, { spec: { size: 3 } }, mergeType)).body.spec.size).toBe(3);
    expect((await call('GET', `${widgets}/w`)).body).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 3 } });
  });

  it('need a structural schema', async () => {
    expect(await call('POST', definitions, crd({ type: 'object', properties: { spec: { properties: {} } } }))).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'spec.validation.openAPIV3Schema.properties[spec].type' }] } },
    });
  });
});

describe('the simulated cluster', () => {
  it('brings a deployment up, scales it, and clears a namespace away', async () => {
    const running = await createSandbox({ pace: 0 });
    const ask = clientOf(running.wire);
    await ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    const path = '/apis/apps/v1/namespaces/shop/deployments';
    await ask('POST', path, deployment('web', 'nginx:1', 2));
    await running.settle();
    expect((await ask('GET', `${path}/web`)).body.status).toMatchObject({ readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 });
    await ask('PUT', `${path}/web/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web' },
      spec: { replicas: 1 },
    });
    await running.settle();
    expect((await ask('GET', '/api/v1/namespaces/shop/pods')).body.items).toHaveLength(1);
    await ask('DELETE', '/api/v1/namespaces/shop');
    await running.settle();
    expect((await ask('GET', '/api/v1/namespaces/shop')).status).toBe(404);
    expect((await ask('GET', path)).body.items).toEqual([]);
    await running.close();
  });
});

describe('hostile requests', () => {
  it.each([
    ['{', 400],
    ['[]', 400],
    ['null', 422],
    ['"x"', 400],
    [`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, 400],
    [`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`, 413],
    ['{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"../../etc"}}', 422],
    ['{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}', 400],
  ])('are refused: %#', async (body, status) => {
    const answer = await call('POST', maps, body);
    expect([answer.status, answer.body.kind]).toEqual([status, 'Status']);
  });

  it('find no way around the routes', async () => {
    expect((await call('GET', '/api/v1/namespaces/%')).status).toBe(400);
    expect((await call('GET', '/api/v1/namespaces/default/configmaps/a/b/c/d')).status).toBe(404);
    expect((await call('POST', '/api/v1/configmaps', configMap('a'))).status).toBe(405);
    expect((await call('GET', '/api/v1/namespaces/default/nodes')).status).toBe(404);
    expect((await call('GET', '/apis/__proto__/v1/constructor')).status).toBe(404);
    expect((await call('PATCH', `${maps}/a`, 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

describe('intercept', () => {
  it('answers instead of the server', async () => {
    const other = await createSandbox({
      controllers: false,
      intercept: async (r) => (r.method === 'DELETE' ? { status: 503, headers: {}, body: '' } : undefined),
    });
    const ask = clientOf(other.wire);
    expect((await ask('POST', maps, configMap('a'))).status).toBe(201);
    expect((await ask('DELETE', `${maps}/a`)).status).toBe(503);
    expect((await ask('GET', `${maps}/a`)).status).toBe(200);
    await other.close();
  });
});
