import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../index.js';
import { applyType, type Client, clientOf, mergeType } from '../../test/client.js';
import { definitionOf, definitionsPath, refusalsOf, widget, widgetsPath } from './fixtures.js';

let sandbox: Sandbox;
let client: Client;
beforeEach(async () => {
  sandbox = await createSandbox({ controllers: false });
  client = clientOf(sandbox.wire);
});
afterEach(() => sandbox.close());

const serve = async (spec: object, options = {}) => {
  const { status, body } = await client('POST', definitionsPath, definitionOf(spec, options));
  expect(body).toMatchObject({ kind: 'CustomResourceDefinition' });
  expect(status).toBe(201);
};

const fields = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

describe('values under a schema', () => {
  it.each<[string, object, unknown, string[]]>([
    [
      'types',
      { a: { type: 'integer' } },
      { a: 'x' },
      ['spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
    ],
    [
      'fractions',
      { a: { type: 'integer' } },
      { a: 1.5 },
      ['spec.a: Invalid value: "number": spec.a in body must be of type integer: "number"'],
    ],
    ['whole numbers', { a: { type: 'number' } }, { a: 2 }, []],
    ['enums', { a: { type: 'string', enum: ['x', 'y'] } }, { a: 'z' }, ['spec.a: Unsupported value: "z": supported values: "x", "y"']],
    ['numeric enums', { a: { type: 'integer', enum: [1, 2] } }, { a: 3 }, ['spec.a: Unsupported value: 3: supported values: "1", "2"']],
    [
      'patterns',
      { a: { type: 'string', pattern: '^a+$' } },
      { a: 'b' },
      ['spec.a: Invalid value: "b": spec.a in body should match \'^a+$\''],
    ],
    [
      'minima',
      { a: { type: 'integer', minimum: 1 } },
      { a: 0 },
      ['spec.a: Invalid value: 0: spec.a in body should be greater than or equal to 1'],
    ],
    [
      'exclusive maxima',
      { a: { type: 'number', maximum: 1, exclusiveMaximum: true } },
      { a: 1 },
      ['spec.a: Invalid value: 1: spec.a in body should be less than 1'],
    ],
    [
      'multiples',
      { a: { type: 'integer', multipleOf: 5 } },
      { a: 7 },
      ['spec.a: Invalid value: 7: spec.a in body should be a multiple of 5'],
    ],
    [
      'short texts',
      { a: { type: 'string', minLength: 2 } },
      { a: 'é' },
      ['spec.a: Invalid value: "é": spec.a in body should be at least 2 chars long'],
    ],
    ['long texts', { a: { type: 'string', maxLength: 1 } }, { a: 'ab' }, ['spec.a: Too long: may not be longer than 1']],
    [
      'long lists',
      { a: { type: 'array', maxItems: 1, items: { type: 'string' } } },
      { a: ['x', 'y'] },
      ['spec.a: Too many: 2: must have at most 1 items'],
    ],
    [
      'short lists',
      { a: { type: 'array', minItems: 1, items: { type: 'string' } } },
      { a: [] },
      ['spec.a: Invalid value: 0: spec.a in body should have at least 1 items'],
    ],
    [
      'small maps',
      { a: { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 } },
      { a: {} },
      ['spec.a: Invalid value: 0: spec.a in body should have at least 1 properties'],
    ],
    [
      'items',
      { a: { type: 'array', items: { type: 'string' } } },
      { a: ['x', 1] },
      ['spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type string: "integer"'],
    ],
    [
      'map values',
      { a: { type: 'object', additionalProperties: { type: 'string' } } },
      { a: { k: 1 } },
      ['spec.a.k: Invalid value: "integer": spec.a.k in body must be of type string: "integer"'],
    ],
    [
      'formats',
      { a: { type: 'string', format: 'ipv4' } },
      { a: 'x' },
      ['spec.a: Invalid value: "x": spec.a in body must be of type ipv4: "x"'],
    ],
    ['unknown formats', { a: { type: 'string', format: 'colour' } }, { a: 'x' }, []],
    [
      'numbers or texts',
      { a: { 'x-kubernetes-int-or-string': true } },
      { a: true },
      ['spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"'],
    ],
    ['nulls that may be', { a: { type: 'string', nullable: true } }, { a: null }, []],
    ['nulls that may not', { a: { type: 'string' } }, { a: null }, []],
    [
      'one of',
      { a: { type: 'integer', oneOf: [{ minimum: 5 }, { minimum: 10 }] } },
      { a: 12 },
      ['<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'any of',
      { a: { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] } },
      { a: 3 },
      [
        '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
        'spec.a: Invalid value: 3: spec.a in body should be greater than or equal to 5',
      ],
    ],
    [
      'all of',
      { a: { type: 'integer', allOf: [{ minimum: 5 }] } },
      { a: 3 },
      [
        'spec.a: Invalid value: 3: spec.a in body should be greater than or equal to 5',
        '<nil>: Invalid value: "": "spec.a" must validate all the schemas (allOf). None validated',
      ],
    ],
    [
      'not',
      { a: { type: 'integer', not: { minimum: 5 } } },
      { a: 7 },
      ['<nil>: Invalid value: "": "spec.a" must not validate the schema (not)'],
    ],
    [
      'sets',
      { a: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } },
      { a: ['x', 'y', 'x', 'x'] },
      ['spec.a[2]: Duplicate value: "x"'],
    ],
    [
      'maps by keys',
      {
        a: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
        },
      },
      { a: [{ k: 'x' }, { k: 'x' }] },
      ['spec.a[1]: Duplicate value: map[string]interface {}{"k":"x"}'],
    ],
    [
      'embedded objects',
      { a: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
      { a: { kind: 'x y' } },
      [
        'spec.a.apiVersion: Required value: must not be empty',
        "spec.a.kind: Invalid value: \"x y\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
  ])('checks %s', async (_, properties, spec, refusals) => {
    await serve(fields(properties));
    expect(await refusalsOf(client, widgetsPath, widget(spec))).toEqual(refusals);
  });

  it('names what is required by its path, with its reason', async () => {
    await serve(fields({ a: { type: 'string' } }, { required: ['a'] }));
    const { body } = await client('POST', widgetsPath, widget({}));
    expect(body).toMatchObject({
      code: 422,
      message: 'Widget.example.com "a" is invalid: spec.a: Required value',
      details: { causes: [{ reason: 'FieldValueRequired', field: 'spec.a', message: 'Required value' }] },
    });
  });
});

describe('pruning and defaults', () => {
  const nested = fields({
    list: { type: 'array', items: fields({ a: { type: 'integer', default: 1 }, b: { type: 'string' } }) },
    map: { type: 'object', additionalProperties: fields({ c: { type: 'boolean', default: true } }) },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: fields({}) } },
    object: fields({ d: { type: 'string', default: 'x' } }, { default: {} }),
    null: { type: 'string', default: 'given' },
    open: { type: 'object' },
  });

  it('drops what is not in the schema, also within lists and maps, and fills in defaults everywhere', async () => {
    await serve(nested);
    const given = { list: [{ b: 'x', z: 1 }], map: { k: {} }, free: { any: 1, known: { z: 1 } }, null: null, open: { z: 1 }, z: 1 };
    const { body, headers } = await client('POST', `${widgetsPath}?fieldValidation=Warn`, widget(given, 'a', { other: 1 }));
    expect(body.spec).toEqual({
      list: [{ a: 1, b: 'x' }],
      map: { k: { c: true } },
      free: { any: 1, known: {} },
      object: { d: 'x' },
      null: 'given',
      open: {},
    });
    expect(body.other).toBeUndefined();
    expect(headers['warning']).toEqual(
      ['other', 'spec.free.known.z', 'spec.list[0].z', 'spec.open.z', 'spec.z'].map((f) => `299 - "unknown field \\"${f}\\""`),
    );
  });

  it('refuses unknown fields where it is asked to', async () => {
    await serve(nested);
    const { status, body } = await client('POST', `${widgetsPath}?fieldValidation=Strict`, {
      ...widget({ z: 1 }),
      metadata: { name: 'a', colour: 'red' },
    });
    expect(status).toBe(400);
    expect(body.message).toContain('strict decoding error: unknown field "metadata.colour", unknown field "spec.z"');
  });

  it('reads what was stored under the schema of today', async () => {
    await serve(fields({ a: { type: 'string' }, old: { type: 'string' } }));
    await client('POST', widgetsPath, widget({ a: 'x', old: 'y' }));
    const path = `${definitionsPath}/widgets.example.com`;
    const { body: definition } = await client('GET', path);
    definition.spec.versions[0].schema.openAPIV3Schema.properties.spec = fields({
      a: { type: 'string' },
      b: { type: 'integer', default: 3 },
    });
    expect((await client('PUT', path, definition)).status).toBe(200);
    expect((await client('GET', `${widgetsPath}/a`)).body.spec).toEqual({ a: 'x', b: 3 });
    expect((await client('GET', widgetsPath)).body.items[0].spec).toEqual({ a: 'x', b: 3 });
  });

  it('keeps to the metadata that there is', async () => {
    await serve(fields({}));
    const { body } = await client('POST', widgetsPath, { ...widget({}), metadata: { name: 'a', colour: 'red', labels: { a: 'b' } } });
    expect(body.metadata.colour).toBeUndefined();
    expect(body.metadata.labels).toEqual({ a: 'b' });
    const bad = await client('POST', widgetsPath, { ...widget({}), metadata: { name: 'b', labels: 'none' } });
    expect(bad.status).toBe(400);
  });
});

describe('status and generation', () => {
  it('writes status only through its subresource, and counts what is not status', async () => {
    await serve(fields({ a: { type: 'integer' } }));
    const made = await client('POST', widgetsPath, widget({ a: 1 }, 'a', { status: { x: 1 } }));
    expect([made.body.status, made.body.metadata.generation]).toEqual([undefined, 1]);
    const put = await client('PATCH', `${widgetsPath}/a/status`, { spec: { a: 5 }, status: { x: 2 } }, mergeType);
    expect([put.body.spec, put.body.status, put.body.metadata.generation]).toEqual([{ a: 1 }, { x: 2 }, 1]);
    const spec = await client('PATCH', `${widgetsPath}/a`, { spec: { a: 2 }, status: { x: 9 } }, mergeType);
    expect([spec.body.status, spec.body.metadata.generation]).toEqual([{ x: 2 }, 2]);
    const labels = await client('PATCH', `${widgetsPath}/a`, { metadata: { labels: { a: 'b' } } }, mergeType);
    expect(labels.body.metadata.generation).toBe(2);
  });

  it('has no status subresource where the definition has none, and then counts status too', async () => {
    await serve(fields({}), { status: false });
    await client('POST', widgetsPath, widget({}));
    expect((await client('PATCH', `${widgetsPath}/a/status`, { status: { x: 1 } }, mergeType)).status).toBe(404);
    expect((await client('PATCH', `${widgetsPath}/a`, { status: { x: 1 } }, mergeType)).body.metadata.generation).toBe(2);
  });

  it('scales along the paths of the definition', async () => {
    const scale = { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count', labelSelectorPath: '.status.selector' };
    await serve(fields({ count: { type: 'integer' } }), { version: { subresources: { status: {}, scale } } });
    await client('POST', widgetsPath, widget({ count: 2 }));
    await client('PATCH', `${widgetsPath}/a/status`, { status: { count: 1, selector: 'a=b' } }, mergeType);
    const read = await client('GET', `${widgetsPath}/a/scale`);
    expect([read.body.spec, read.body.status]).toEqual([{ replicas: 2 }, { replicas: 1, selector: 'a=b' }]);
    await client('PATCH', `${widgetsPath}/a/scale`, { spec: { replicas: 4 } }, mergeType);
    expect((await client('GET', `${widgetsPath}/a`)).body.spec.count).toBe(4);
    expect(await refusalsOf(client, widgetsPath, widget({ count: -1 }, 'b'))).toEqual([
      '.spec.count: Invalid value: -1: should be a non-negative integer',
    ]);
  });
});

describe('server-side apply', () => {
  it('merges lists by the keys of the schema', async () => {
    const list = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'integer' } } },
    };
    await serve(fields({ list }));
    const apply = (manager: string, spec: unknown) => client('PATCH', `${widgetsPath}/a?fieldManager=${manager}`, widget(spec), applyType);
    await apply('one', { list: [{ k: 'x', v: 1 }] });
    const { body } = await apply('two', { list: [{ k: 'y', v: 2 }] });
    expect(body.spec.list).toEqual([
      { k: 'x', v: 1 },
      { k: 'y', v: 2 },
    ]);
    expect((await apply('two', { list: [{ k: 'x', v: 3 }] })).status).toBe(409);
  });
});
