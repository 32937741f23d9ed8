import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../index.js';
import { type Client, clientOf, mergeType } from '../../test/client.js';
import { definitionOf, definitionsPath, refusalsOf, widget, widgetsPath } from './fixtures.js';

let sandbox: Sandbox;
let client: Client;
beforeEach(async () => {
  sandbox = await createSandbox({ controllers: false });
  client = clientOf(sandbox.wire);
});
afterEach(() => sandbox.close());

const properties = {
  min: { type: 'integer' },
  max: { type: 'integer' },
  ratio: { type: 'number' },
  name: { type: 'string' },
  any: { 'x-kubernetes-int-or-string': true },
  when: { type: 'string', format: 'date-time' },
  wait: { type: 'string', format: 'duration' },
  list: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } },
  map: { type: 'object', additionalProperties: { type: 'integer' } },
  namespace: { type: 'string' },
  'a-b': { type: 'string' },
};

const full = {
  min: 1,
  max: 2,
  ratio: 2,
  name: 'abc 123',
  any: '50%',
  when: '2026-01-01T00:00:00Z',
  wait: '1h',
  list: ['a', 'b', 'b'],
  map: { x: 1, y: 2 },
  namespace: 'n',
  'a-b': 'c',
};

const serve = (rules: object[], more: object = {}) =>
  client('POST', definitionsPath, definitionOf({ type: 'object', properties, 'x-kubernetes-validations': rules, ...more }));

describe('rules', () => {
  it.each([
    'self.min <= self.max',
    'self.ratio == 2.0 && self.ratio > double(self.min)',
    "self.name.startsWith('abc') && self.name.size() == 7",
    "self.any == '50%' && type(self.any) == string",
    "self.when < timestamp('2027-01-01T00:00:00Z') && self.when.getFullYear() == 2026",
    "self.wait > duration('30m')",
    "self.list.all(x, x in ['a', 'b']) && self.list.exists_one(x, x == 'a')",
    'self.map.all(k, self.map[k] > 0) && has(self.map.x)',
    "self.__namespace__ == 'n' && self.a__dash__b == 'c'",
    '!has(self.list) || self.list.isSorted()',
    'self.list.indexOf("b") == 1 && self.list.lastIndexOf("b") == 2 && [1, 3].sum() == 4 && [1, 3].max() == 3',
    "self.name.find('[0-9]+') == '123' && self.name.findAll('[a-z]') == ['a', 'b', 'c']",
    "self.name.replace('abc', 'x').split(' ')[0] == 'x' && self.name.upperAscii() == 'ABC 123'",
    "url('https://a.example:80/x?k=v').getHost() == 'a.example:80' && isURL('/x') && !isURL('x')",
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('500m')).asInteger() == 1 && !isQuantity('x')",
    "sets.contains(self.list, ['a']) && !sets.intersects(self.list, ['z'])",
    "self.map.exists(k, k == 'x') ? self.max > 1 : true",
  ])('hold: %s', async (rule) => {
    const { status, body } = await serve([{ rule }]);
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    expect(await refusalsOf(client, widgetsPath, widget(full))).toEqual([]);
  });

  it('name the field, the message or the rule', async () => {
    await serve([
      { rule: 'self.min <= self.max' },
      { rule: 'self.min > 0', message: 'min has to be positive' },
      { rule: 'self.max < 9', messageExpression: "'at most 8, not ' + string(self.max)" },
      { rule: 'self.min != 5', message: 'five', reason: 'FieldValueForbidden', fieldPath: '.min' },
    ]);
    expect(await refusalsOf(client, widgetsPath, widget({ ...full, min: -1, max: -2 }))).toEqual([
      'spec: Invalid value: "object": failed rule: self.min <= self.max',
      'spec: Invalid value: "object": min has to be positive',
    ]);
    expect(await refusalsOf(client, widgetsPath, widget({ ...full, max: 10 }))).toEqual([
      'spec: Invalid value: "object": at most 8, not 10',
    ]);
    expect(await refusalsOf(client, widgetsPath, widget({ ...full, min: 5, max: 6 }))).toEqual(['spec.min: Forbidden: five']);
  });

  const noOverload = "'no such overload': call arguments did not match a supported operator, function or macro signature for rule:";
  it.each([
    ['self.map["none"] > 0', 'no such key: none evaluating rule:'],
    ["self.list[5] == 'a'", 'index out of bounds: 5 evaluating rule:'],
    ['1 / (self.min - 1) == 1', 'division by zero evaluating rule:'],
    ['1 % (self.min - 1) == 1', 'modulus by zero evaluating rule:'],
    ['self.min + 9223372036854775807 > 0', 'integer overflow evaluating rule:'],
    ['int(self.name) == 1', "type conversion error from 'string' to 'int' evaluating rule:"],
    ["duration(self.name) > duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule:"],
    ['timestamp(self.name) > self.when', "type conversion error from 'string' to 'google.protobuf.Timestamp' evaluating rule:"],
    ['self.any > 5', noOverload],
  ])('tell what went wrong in them: %s', async (rule, wanted) => {
    await serve([{ rule }]);
    expect(await refusalsOf(client, widgetsPath, widget(full))).toEqual([`spec: Invalid value: "object": ${wanted} ${rule}`]);
  });

  it('are not looked at where the object is broken', async () => {
    await serve([{ rule: 'self.min > 5' }], { required: ['name'] });
    expect(await refusalsOf(client, widgetsPath, widget({ min: 1 }))).toEqual([
      'spec.name: Required value',
      '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('compare with what was', async () => {
    await serve([{ rule: 'self.min >= oldSelf.min', message: 'min never shrinks' }]);
    expect((await client('POST', widgetsPath, widget(full))).status).toBe(201);
    const patch = (min: number) => client('PATCH', `${widgetsPath}/a`, { spec: { min } }, mergeType);
    expect((await patch(2)).status).toBe(200);
    expect(await patch(1)).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'spec', message: 'Invalid value: "object": min never shrinks' }] } },
    });
  });

  it('see names and kind at the root, and stand in lists and maps', async () => {
    const definition = definitionOf({
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] } },
        map: { type: 'object', additionalProperties: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] } },
      },
    });
    const schema = definition.spec.versions[0]?.schema.openAPIV3Schema as { [key: string]: unknown };
    schema['x-kubernetes-validations'] = [{ rule: "self.metadata.name != 'bad' && self.kind == 'Widget'" }];
    expect((await client('POST', definitionsPath, definition)).status).toBe(201);
    expect(await refusalsOf(client, widgetsPath, widget({ list: [1, 0], map: { x: 0 } }))).toEqual([
      'spec.list[1]: Invalid value: "integer": failed rule: self > 0',
      'spec.map[x]: Invalid value: "integer": failed rule: self > 0',
    ]);
    expect(await refusalsOf(client, widgetsPath, widget({}, 'bad'))).toEqual([
      `<nil>: Invalid value: "object": failed rule: self.metadata.name != 'bad' && self.kind == 'Widget'`,
    ]);
  });
});
