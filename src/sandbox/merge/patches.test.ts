import { describe, expect, test } from 'vitest';
import { deploymentSchema, serviceSchema } from './fixtures.js';
import { jsonMergePatch, jsonPatch, PatchError, strategicMergePatch } from './index.js';

function failure(body: () => unknown): [number, string] {
  try {
    body();
  } catch (error) {
    if (error instanceof PatchError) return [error.status, error.message];
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('strategic merge patch', () => {
  const web = { name: 'web', image: 'nginx:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80, protocol: 'TCP' }] };
  const pod = (containers: unknown, rest: object = {}) => ({ spec: { template: { spec: { containers, ...rest } } } });
  const deployment = {
    metadata: { labels: { app: 'web' }, finalizers: ['a', 'b'] },
    spec: { ...pod([web], { tolerations: [{ key: 'x' }] }).spec, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
  };
  const patch = (body: object, original: object = deployment) => strategicMergePatch(deploymentSchema, original, body) as typeof deployment;
  const containers = (body: object, original?: object) => (patch(body, original).spec.template.spec as { containers: unknown }).containers;

  test('lists merge by key; what the patch names comes first and in its order', () => {
    expect(
      containers(
        pod([
          { name: 'side', image: 's' },
          { name: 'web', image: 'nginx:2' },
        ]),
      ),
    ).toEqual([
      { name: 'side', image: 's' },
      { ...web, image: 'nginx:2' },
    ]);
    expect(containers(pod([{ name: 'web', env: [{ name: 'B', value: '2' }] }]))).toEqual([
      {
        ...web,
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      },
    ]);
  });

  test('lists without a merge strategy are replaced, maps merge', () => {
    expect(patch(pod(undefined, { tolerations: [{ key: 'y' }] })).spec.template.spec).toMatchObject({
      tolerations: [{ key: 'y' }],
      containers: [web],
    });
    expect(patch({ metadata: { labels: { app: null, tier: 'x' } } }).metadata.labels).toEqual({ tier: 'x' });
    expect(patch({ metadata: { annotations: { a: null, b: '1' } } }).metadata).toMatchObject({ annotations: { b: '1' } });
  });

  test('$patch deletes an item, replaces a list or a map, empties a map', () => {
    expect(containers(pod([{ name: 'web', $patch: 'delete' }]))).toEqual([]);
    expect(containers(pod([{ $patch: 'replace' }, { name: 'only' }]))).toEqual([{ name: 'only' }]);
    expect(patch({ metadata: { labels: { $patch: 'replace', x: 'y' } } }).metadata.labels).toEqual({ x: 'y' });
    expect(patch({ metadata: { labels: { $patch: 'delete' } } }).metadata.labels).toEqual({});
    expect(failure(() => patch({ metadata: { labels: { $patch: 'explode' } } }))).toEqual([
      500,
      'unknown patch type: explode in map: map[$patch:explode]',
    ]);
  });

  test('$retainKeys leaves only what it names', () => {
    expect(patch({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }).spec.strategy).toEqual({ type: 'Recreate' });
    expect(failure(() => patch({ spec: { strategy: { $retainKeys: ['x'], type: 'Recreate' } } }))).toEqual([
      400,
      'invalid patch format of retainKeys',
    ]);
  });

  test('primitive lists merge and shrink', () => {
    expect(patch({ metadata: { finalizers: ['c', 'a'] } }).metadata.finalizers).toEqual(['c', 'a', 'b']);
    expect(patch({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }).metadata.finalizers).toEqual(['b']);
    expect(failure(() => patch({ metadata: { $deleteFromPrimitiveList: ['a'] } }))).toEqual([
      400,
      'invalid patch format of primitive list',
    ]);
  });

  test('$setElementOrder orders, without a list of its own too', () => {
    const two = { spec: pod([{ name: 'a' }, { name: 'b' }, { name: 'server' }]).spec };
    const order = (names: string[], items?: object[]) => pod(items, { '$setElementOrder/containers': names.map((name) => ({ name })) });
    expect(containers(order(['b', 'a']), two)).toEqual([{ name: 'b' }, { name: 'a' }, { name: 'server' }]);
    expect(containers(order(['b', 'new'], [{ name: 'new', image: 'x' }]), two)).toEqual(
      [{ name: 'a' }, { name: 'b' }, { name: 'new', image: 'x' }, { name: 'server' }]
        .filter((c) => c.name !== 'server')
        .concat([{ name: 'server' }]),
    );
    expect(failure(() => patch(order(['a', 'b'], [{ name: 'b' }, { name: 'a' }]), two))[1]).toContain(
      "doesn't match $setElementOrder list",
    );
  });

  test('unknown fields and items without their key are told', () => {
    expect(failure(() => patch({ spec: { nope: { a: 1 } } }, { spec: { nope: { b: 1 } } }))[1]).toBe(
      'unable to find api field in struct DeploymentSpec for the json field "nope"',
    );
    expect(failure(() => patch(pod([{ image: 'x' }])))[1]).toBe('map: map[image:x] does not contain declared merge key: name');
    expect(failure(() => strategicMergePatch(serviceSchema, {}, []))[0]).toBe(400);
  });

  test('the original stays as it was', () => {
    const before = structuredClone(deployment);
    patch(pod([{ name: 'web', $patch: 'delete' }, { name: 'x' }]));
    patch({ metadata: { labels: { app: null } } });
    expect(deployment).toEqual(before);
  });
});

describe('JSON merge patch', () => {
  test('the examples of RFC 7386 that have objects on both sides', () => {
    const cases: [object, object, object][] = [
      [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
      [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
      [{ a: 'b' }, { a: null }, {}],
      [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
      [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
      [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [original, patch, result] of cases) expect(jsonMergePatch(original, patch)).toEqual(result);
  });

  test('only objects are patches, and prototypes are out of reach', () => {
    expect(failure(() => jsonMergePatch({}, null))).toEqual([400, 'Invalid JSON Patch']);
    expect(failure(() => jsonMergePatch({}, [1]))[1]).toBe(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
    const patched = jsonMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as { polluted?: unknown };
    expect(patched.polluted).toBeUndefined();
    expect(Object.hasOwn(patched, '__proto__')).toBe(true);
  });
});

describe('JSON patch', () => {
  const document = { a: { 'b/c': 1, 'm~n': 2 }, list: [1, 2, 3], none: null };

  test('all operations', () => {
    const run = (...operations: object[]) => jsonPatch(document, operations);
    expect(run({ op: 'add', path: '/list/1', value: 9 })).toMatchObject({ list: [1, 9, 2, 3] });
    expect(run({ op: 'add', path: '/list/-', value: 9 })).toMatchObject({ list: [1, 2, 3, 9] });
    expect(run({ op: 'add', path: '/list/-1', value: 9 })).toMatchObject({ list: [1, 2, 3, 9] });
    expect(run({ op: 'remove', path: '/a/b~1c' })).toMatchObject({ a: { 'm~n': 2 } });
    expect(run({ op: 'remove', path: '/list/-1' })).toMatchObject({ list: [1, 2] });
    expect(run({ op: 'replace', path: '/a/m~0n', value: { x: 1 } })).toMatchObject({ a: { 'm~n': { x: 1 } } });
    expect(run({ op: 'replace', path: '/a/new', value: 1 })).toMatchObject({ a: { new: 1 } });
    expect(run({ op: 'move', from: '/list/0', path: '/first' })).toMatchObject({ list: [2, 3], first: 1 });
    expect(run({ op: 'copy', from: '/a', path: '/b' })).toMatchObject({ a: document.a, b: document.a });
    expect(run({ op: 'test', path: '/a', value: { 'm~n': 2, 'b/c': 1 } }, { op: 'test', path: '/nothing', value: null })).toEqual(document);
    expect(run({ op: 'replace', path: '', value: [1] })).toEqual([1]);
  });

  test('failures in the library’s words', () => {
    const cases: [object, string][] = [
      [{ op: 'test', path: '/list/0', value: 2 }, 'testing value /list/0 failed: test failed'],
      [{ op: 'remove', path: '/a/x' }, "error in remove for path: '/a/x': Unable to remove nonexistent key: x: missing value"],
      [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
      [
        { op: 'add', path: '/list/7', value: 1 },
        "error in add for path: '/list/7': Unable to access invalid index: 7: invalid index referenced",
      ],
      [
        { op: 'add', path: '/list/x', value: 1 },
        "error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
      ],
      [{ op: 'replace', path: '/x/y', value: 1 }, 'replace operation does not apply: doc is missing path: /x/y: missing value'],
      [{ op: 'replace', path: '/list/7', value: 1 }, 'replace operation does not apply: doc is missing key: /list/7: missing value'],
      [{ op: 'replace', value: 1 }, 'replace operation failed to decode path: operation missing path field: missing value'],
      [{ op: 'move', from: '/x', path: '/y' }, "error in move for path: 'x': Unable to remove nonexistent key: x: missing value"],
      [{ op: 'launch', path: '/x' }, 'Unexpected kind: launch'],
    ];
    for (const [operation, message] of cases) expect(failure(() => jsonPatch(document, [operation]))).toEqual([422, message]);
    expect(failure(() => jsonPatch(document, { op: 'add' }))).toEqual([
      400,
      'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    ]);
  });

  test('the document stays as it was, and prototypes are out of reach', () => {
    const before = structuredClone(document);
    const value = { deep: 1 };
    const patched = jsonPatch(document, [
      { op: 'add', path: '/v', value },
      { op: 'add', path: '/v/more', value: 1 },
      { op: 'add', path: '/__proto__', value: { polluted: 1 } },
    ]) as { polluted?: unknown };
    expect(document).toEqual(before);
    expect(value).toEqual({ deep: 1 });
    expect(patched.polluted).toBeUndefined();
    expect(failure(() => jsonPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }]))[0]).toBe(422);
  });
});
