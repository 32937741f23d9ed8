import { describe, expect, test } from 'vitest';
import { parseFields } from '../../manifest/index.js';
import type { KubeObject } from '../../model/index.js';
import { configMap, configMapSchema, deploymentSchema, gadget, gadgetSchema, now, nowText, owners, serviceSchema } from './fixtures.js';
import { ApplyConflict, ApplyError, type ApplyOptions, serverSideApply, trackUpdate } from './index.js';

type Rest = Partial<ApplyOptions>;

function applyTo(live: KubeObject | undefined, applied: KubeObject, manager: string, rest: Rest = {}): KubeObject {
  return serverSideApply({ schema: configMapSchema, applied, manager, time: now, ...(live === undefined ? {} : { live }), ...rest }).object;
}

function gadgets(live: KubeObject | undefined, spec: object | undefined, manager: string, rest: Rest = {}): KubeObject {
  return applyTo(live, gadget(spec), manager, { schema: gadgetSchema, ...rest });
}

function failure(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('ownership', () => {
  test('an applier owns what it applies and nothing of metadata that is not its own', () => {
    const live = applyTo(undefined, configMap({ k: 'v' }, { namespace: 'x', labels: { app: 'a' } }), 'one');
    expect(live.metadata.managedFields).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'v1',
        time: nowText,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:k': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
      },
    ]);
  });

  test('applying the same again changes nothing and gives the object itself back', () => {
    const live = applyTo(undefined, configMap({ k: 'v' }), 'one');
    const result = serverSideApply({ schema: configMapSchema, live, applied: configMap({ k: 'v' }), manager: 'one', time: now + 60_000 });
    expect(result.changed).toBe(false);
    expect(result.object).toBe(live);
  });

  test('a value that another has already is shared, without a time', () => {
    const live = applyTo(undefined, configMap({ k: 'v', own: '1' }), 'one');
    const shared = applyTo(live, configMap({ k: 'v' }), 'two', { time: now + 60_000 });
    expect(owners(shared)).toEqual(['two/Apply {"f:data":{"f:k":{}}}', 'one/Apply {"f:data":{"f:k":{},"f:own":{}}}']);
    expect(shared.metadata.managedFields?.[0]).not.toHaveProperty('time');
  });

  test('conflicts name the field and the owner', () => {
    const live = applyTo(undefined, configMap({ k: 'v' }), 'one');
    const error = failure(() => applyTo(live, configMap({ k: 'w' }), 'two')) as ApplyConflict;
    expect(error).toBeInstanceOf(ApplyConflict);
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.k');
    expect(error.causes).toEqual([{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.k' }]);
    expect(error.conflicts).toEqual([
      { manager: 'one', operation: 'Apply', apiVersion: 'v1', time: nowText, path: ['f:data', 'f:k'], field: '.data.k' },
    ]);
  });

  test('conflicts with several managers are listed by manager', () => {
    let live = applyTo(undefined, configMap({ a: '1', b: '1' }), 'one');
    live = trackUpdate({
      schema: configMapSchema,
      live,
      next: { ...live, data: { a: '1', b: '1', c: '1' } },
      manager: 'kubectl-edit',
      time: now,
    }).object;
    const error = failure(() => applyTo(live, configMap({ a: '2', b: '2', c: '2' }), 'two'));
    expect(error.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "kubectl-edit" using v1:\n- .data.c\nconflicts with "one":\n- .data.a\n- .data.b',
    );
  });

  test('force takes the field away from its owner', () => {
    const live = applyTo(undefined, configMap({ k: 'v', own: '1' }), 'one');
    const forced = applyTo(live, configMap({ k: 'w' }), 'two', { force: true });
    expect(forced['data']).toEqual({ k: 'w', own: '1' });
    expect(owners(forced)).toEqual(['one/Apply {"f:data":{"f:own":{}}}', 'two/Apply {"f:data":{"f:k":{}}}']);
  });

  test('what an applier leaves out goes, unless somebody else owns it', () => {
    let live = applyTo(undefined, configMap({ a: '1', b: '1' }), 'one');
    live = applyTo(live, configMap({ b: '1' }), 'two');
    live = applyTo(live, configMap({}), 'one');
    expect(live['data']).toEqual({ b: '1' });
    expect(owners(live)).toEqual(['two/Apply {"f:data":{"f:b":{}}}', 'one/Apply {"f:data":{}}']);
  });

  test('an object nobody tracked belongs to before-first-apply', () => {
    const live = { ...configMap({ k: 'v' }, { uid: 'u' }) };
    expect(owners(applyTo(live, configMap({ own: '1' }), 'one'))).toEqual([
      'one/Apply {"f:data":{"f:own":{}}}',
      'before-first-apply/Update {"f:data":{".":{},"f:k":{}}}',
    ]);
    expect(failure(() => applyTo(live, configMap({ k: 'w' }), 'one')).message).toContain(
      'conflict with "before-first-apply" using v1: .data.k',
    );
  });

  test('status is not applied through the object itself', () => {
    const resetFields = parseFields({ 'f:status': {} });
    const applied = { ...gadget({ size: 1 }), status: { phase: 'x' } };
    expect(owners(applyTo(undefined, applied, 'one', { schema: gadgetSchema, resetFields }))).toEqual([
      'one/Apply {"f:spec":{"f:size":{}}}',
    ]);
  });

  test('a subresource has an owner of its own', () => {
    const live = applyTo(gadgets(undefined, { size: 1 }, 'one'), { ...gadget(), status: { phase: 'x' } }, 'one', {
      schema: gadgetSchema,
      subresource: 'status',
    });
    expect(owners(live)).toEqual(['one/Apply {"f:spec":{"f:size":{}}}', 'one/Apply/status {"f:status":{"f:phase":{}}}']);
  });

  test('managers of versions that are gone are forgotten', () => {
    const live = gadgets(undefined, { size: 1 }, 'one');
    const entries =
      live.metadata.managedFields?.map((e) => ({ ...e, manager: 'old', operation: 'Update', apiVersion: 'gone.example.com/v1' })) ?? [];
    const old = { ...live, metadata: { ...live.metadata, managedFields: entries } };
    expect(owners(gadgets(old, { size: 2 }, 'two'))).toEqual(['two/Apply {"f:spec":{"f:size":{}}}']);
  });

  test('another version of the group keeps its fields, and moving to it prunes', () => {
    const live = gadgets(undefined, { size: 1, options: { a: '1' } }, 'one');
    const moved = { ...live, apiVersion: 'example.com/v2' };
    const applied = { ...gadget({ size: 1 }), apiVersion: 'example.com/v2' };
    const next = applyTo(moved, applied, 'one', { schema: gadgetSchema });
    expect((next['spec'] as { options?: unknown }).options ?? null).toBeNull();
    expect(next.metadata.managedFields).toMatchObject([{ manager: 'one', apiVersion: 'example.com/v2' }]);
  });
});

describe('lists', () => {
  test('items merge by their keys, and come in the order of both lists', () => {
    let live = gadgets(
      undefined,
      {
        parts: [
          { name: 'b', n: 1 },
          { name: 'd', n: 1 },
        ],
      },
      'one',
    );
    live = gadgets(live, { parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, 'two');
    expect((live['spec'] as { parts: object[] }).parts).toEqual([{ name: 'a' }, { name: 'b', n: 1 }, { name: 'd', n: 1 }, { name: 'c' }]);
  });

  test('an item goes with its last owner; its fields go with theirs', () => {
    let live = gadgets(undefined, { parts: [{ name: 'x', n: 1, tags: { t: '1' } }] }, 'one');
    live = gadgets(live, { parts: [{ name: 'x', tags: { u: '2' } }] }, 'two');
    live = gadgets(live, { parts: [] }, 'one');
    expect((live['spec'] as { parts: object[] }).parts).toEqual([{ name: 'x', tags: { u: '2' } }]);
    live = gadgets(live, {}, 'two');
    expect((live['spec'] as { parts?: unknown } | null)?.parts ?? null).toBeNull();
  });

  test('sets merge by value', () => {
    let live = gadgets(undefined, { labels: ['p', 'q'] }, 'one');
    live = gadgets(live, { labels: ['q', 'r'] }, 'two');
    expect(owners(live)).toEqual([
      'one/Apply {"f:spec":{"f:labels":{"v:\\"p\\"":{},"v:\\"q\\"":{}}}}',
      'two/Apply {"f:spec":{"f:labels":{"v:\\"q\\"":{},"v:\\"r\\"":{}}}}',
    ]);
    live = gadgets(live, { labels: ['p'] }, 'one');
    expect((live['spec'] as { labels: string[] }).labels).toEqual(['p', 'q', 'r']);
  });

  test('atomic values are owned whole', () => {
    const live = gadgets(undefined, { box: { a: '1' }, plain: [1] }, 'one');
    expect(owners(live)).toEqual(['one/Apply {"f:spec":{"f:box":{},"f:plain":{}}}']);
    expect(failure(() => gadgets(live, { box: { b: '2' } }, 'two')).message).toContain('.spec.box');
  });

  test('a port is known by port and protocol, TCP where none is given', () => {
    const service = (ports: object[]): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports } });
    const options = { schema: serviceSchema, manager: 'one', time: now };
    const live = serverSideApply({ ...options, applied: service([{ port: 53 }, { port: 53, protocol: 'UDP' }]) }).object;
    expect(owners(live)[0]).toContain(
      '"k:{\\"port\\":53,\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}},"k:{\\"port\\":53,\\"protocol\\":\\"UDP\\"}"',
    );
    const named = failure(() =>
      serverSideApply({
        ...options,
        manager: 'two',
        live,
        applied: service([
          { port: 53, protocol: 'TCP', name: 'dns' },
          { port: 53, name: 'x' },
        ]),
      }),
    );
    expect(named.message).toContain('.spec.ports: duplicate entries for key [port=53,protocol="TCP"]');
  });
});

describe('what cannot be applied', () => {
  const apply = (applied: object, rest: Rest = {}) => failure(() => applyTo(configMap({}), applied as KubeObject, 'one', rest));

  test('is told in the words of the API server', () => {
    const cases: [object, number, string][] = [
      [
        { kind: 'ConfigMap', metadata: { name: 'a' } },
        400,
        'Incorrect version specified in apply patch. Specified patch version: , expected: v1',
      ],
      [configMap({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
      [
        configMap({ k: 1 }),
        500,
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:1}',
      ],
      [
        configMap({ k: { x: 'y' } }),
        500,
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"x":"y"}}',
      ],
      [
        { ...configMap({}), date: {} },
        500,
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .date: field not declared in schema',
      ],
      [
        { ...configMap({}), data: 'x' },
        500,
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data: expected map, got &{x}',
      ],
      [
        { ...configMap({}), immutable: 'yes' },
        500,
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{yes}',
      ],
    ];
    for (const [applied, status, message] of cases) {
      const error = apply(applied) as ApplyError;
      expect(error).toBeInstanceOf(ApplyError);
      expect([error.status, error.message]).toEqual([status, message]);
    }
    expect(apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }).message).toMatch(
      /^failed to merge config: expected objects of the same type, but got \{0x/,
    );
  });

  test('several problems are listed', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'x' },
      spec: { replicas: 'three', template: { spec: { containers: [{ name: 'a', image: 1 }] } } },
    } as KubeObject;
    const error = failure(() => serverSideApply({ schema: deploymentSchema, applied: deployment, manager: 'm', time: now }));
    expect(error.message).toBe(
      'failed to create typed patch object (x/web; apps/v1, Kind=Deployment): errors:\n' +
        '  .spec.replicas: expected numeric (int or float), got string\n' +
        '  .spec.template.spec.containers[name="a"].image: expected string, got &value.valueUnstructured{Value:1}',
    );
  });

  test('items without their key and with the same key', () => {
    expect(failure(() => gadgets(undefined, { parts: [{ n: 1 }] }, 'one')).message).toContain(
      '.spec.parts: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    );
    expect(failure(() => gadgets(undefined, { labels: ['a', 'a'] }, 'one')).message).toContain(
      '.spec.labels: duplicate entries for key [="a"]',
    );
    expect(failure(() => gadgets(undefined, { parts: [null] }, 'one')).message).toContain('may not have a null element');
  });

  test('managed fields that are none', () => {
    const live = configMap({}, { managedFields: [{ manager: 'x', operation: 'Guess', apiVersion: 'v1', fieldsType: 'FieldsV1' }] });
    expect(failure(() => applyTo(live, configMap({}), 'one')).message).toBe(
      'failed to decode managed fields: operation must be `Apply` or `Update`',
    );
  });
});

describe('kinds without a schema', () => {
  test('objects merge key by key, lists as a whole', () => {
    const object = (spec: object): KubeObject => ({ apiVersion: 'x.io/v1', kind: 'Thing', metadata: { name: 't' }, spec });
    const options = { schema: undefined, time: now };
    let live = serverSideApply({ ...options, applied: object({ a: { b: 1 }, list: [1, { c: 2 }] }), manager: 'one' }).object;
    live = serverSideApply({ ...options, live, applied: object({ a: { d: 2 } }), manager: 'two' }).object;
    expect(live['spec']).toEqual({ a: { b: 1, d: 2 }, list: [1, { c: 2 }] });
    expect(owners(live)[0]).toBe('one/Apply {"f:spec":{".":{},"f:a":{".":{},"f:b":{}},"f:list":{}}}');
  });
});

describe('moving from kubectl apply', () => {
  const lastApplied = JSON.stringify(configMap({ k: 'v' }));
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };

  test('kubectl takes over what its last client-side apply wrote, and keeps the annotation', () => {
    const next = configMap({ k: 'v' }, { annotations });
    const live = trackUpdate({ schema: configMapSchema, next, manager: 'kubectl-client-side-apply', time: now }).object;
    const result = applyTo(live, configMap({ k: 'w' }), 'kubectl');
    expect(result['data']).toEqual({ k: 'w' });
    expect(JSON.parse(result.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '')).toEqual(
      configMap({ k: 'w' }),
    );
    expect(() => applyTo(live, configMap({ k: 'w' }), 'other')).toThrow(ApplyConflict);
  });

  test('but not what somebody has changed since', () => {
    const next = configMap({ k: 'drifted' }, { annotations });
    const live = trackUpdate({ schema: configMapSchema, next, manager: 'edit', time: now }).object;
    expect(() => applyTo(live, configMap({ k: 'w' }), 'kubectl')).toThrow(ApplyConflict);
  });
});
