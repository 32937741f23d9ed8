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

const at = 'spec.validation.openAPIV3Schema.properties[spec]';
const advice = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const path = `${definitionsPath}/widgets.example.com`;

// biome-ignore lint/suspicious/noExplicitAny: a definition that is about to be broken
type Definition = any;

describe('schemas of definitions', () => {
  it.each<[string, object, string[]]>([
    ['a type', { properties: {} }, [`${at}.type: Required value: must not be empty for specified object fields`]],
    ['items', { type: 'array' }, [`${at}.items: Required value: must be specified`]],
    [
      'a known type',
      { type: 'text' },
      [`${at}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`],
    ],
    [
      'either properties or others',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
      [`${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'unique items by list type',
      { type: 'array', uniqueItems: true, items: { type: 'string' } },
      [`${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`],
    ],
    [
      'shapes outside of checks',
      { type: 'object', anyOf: [{ properties: { a: { type: 'string' } } }] },
      [`${at}.anyOf[0].properties[a].type: Forbidden: must be empty to be structural`],
    ],
    [
      'numbers or texts without a type',
      { type: 'integer', 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`],
    ],
    [
      'keys of map lists',
      { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object', properties: {} } },
      [`${at}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'keys that are there',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      },
      [
        `${at}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'defaults that fit',
      { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
      [`${at}.properties[a].default: Invalid value: "string": ${at}.properties[a].default in body must be of type integer: "string"`],
    ],
    [
      'defaults without unknown fields',
      { type: 'object', default: { z: 1 } },
      [`${at}.default: Invalid value: map[string]interface {}{"z":1}: must not have unknown fields`],
    ],
    [
      'patterns that compile',
      { type: 'string', pattern: 'a(' },
      [
        `${at}.pattern: Invalid value: "a(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`a(\``,
      ],
    ],
    [
      'rules that compile',
      { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.b > 1' }] },
      [
        `${at}.x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.b > 1", Message:""}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`,
      ],
    ],
    [
      'rules of one type',
      { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: "self.a > 'x'" }] },
      [
        `${at}.x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.a > 'x'", Message:""}: compilation failed: ERROR: <input>:1:8: found no matching overload for '_>_' applied to '(int, string)'\n | self.a > 'x'\n | .......^`,
      ],
    ],
    [
      'rules that answer yes or no',
      { type: 'string', 'x-kubernetes-validations': [{ rule: 'size(self)' }] },
      [
        `${at}.x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"size(self)", Message:""}: cel expression must evaluate to a bool`,
      ],
    ],
    [
      'rules with a text',
      { type: 'string', 'x-kubernetes-validations': [{ rule: ' ' }] },
      [`${at}.x-kubernetes-validations[0].rule: Required value: rule is not specified`],
    ],
    [
      'a past that can be told',
      {
        type: 'array',
        maxItems: 10,
        items: { type: 'string', maxLength: 10, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
      },
      [
        `${at}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}`,
      ],
    ],
    [
      'rules that cost little',
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y))' }] },
      [
        `${at}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (${advice})`,
        `${at}.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
        `spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (${advice})`,
      ],
    ],
    [
      'limits around rules',
      { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.contains('test')" }] }, maxItems: 40 },
      [`${at}.items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.258296x (${advice})`],
    ],
    [
      'no limits where rules cost little',
      {
        type: 'array',
        items: { type: 'object', properties: { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self != "x"' }] } } },
      },
      [],
    ],
  ])('need %s', async (_, schema, refusals) => {
    const found = await refusalsOf(client, definitionsPath, definitionOf(schema));
    // A default's own path stands in the sentence without its place.
    expect(found.map((f) => f.replace(`: ${at}.properties[a].default in body`, ':  in body'))).toEqual(
      refusals.map((f) => f.replace(`: ${at}.properties[a].default in body`, ':  in body')),
    );
  });

  it('stand in their versions where these differ', async () => {
    const definition: Definition = definitionOf(free);
    definition.spec.versions.push({ name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'array' } } });
    expect((await refusalsOf(client, definitionsPath, definition)).map((f) => f.split(':')[0])).toContain(
      'spec.versions[1].schema.openAPIV3Schema.items',
    );
  });
});

describe('definitions', () => {
  it.each<[string, (definition: Definition) => void, string]>([
    [
      'their name',
      (d) => {
        d.metadata.name = 'x.example.com';
      },
      'metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group',
    ],
    [
      'a scope',
      (d) => {
        d.spec.scope = 'Galaxy';
      },
      'spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"',
    ],
    [
      'a schema',
      (d) => {
        delete d.spec.versions[0].schema;
      },
      'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required',
    ],
    [
      'one stored version',
      (d) => {
        d.spec.versions[0].storage = false;
      },
      'must have exactly one version marked as storage version',
    ],
    [
      'pruning',
      (d) => {
        d.spec.preserveUnknownFields = true;
      },
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
    [
      'known columns',
      (d) => {
        d.spec.versions[0].additionalPrinterColumns = [{ name: 'A', type: 'text', jsonPath: '.a' }];
      },
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    ],
    [
      'paths below spec',
      (d) => {
        d.spec.versions[0].subresources = { scale: { specReplicasPath: '.x', statusReplicasPath: '.status.x' } };
      },
      'spec.subresources.scale.specReplicasPath: Invalid value: ".x": should be a json path under .spec',
    ],
    [
      'a webhook only where one converts',
      (d) => {
        d.spec.conversion = { strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } };
      },
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
    [
      'a warning only where deprecated',
      (d) => {
        d.spec.versions[0].deprecationWarning = 'x';
      },
      'spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions',
    ],
    [
      'approval in protected groups',
      (d) => {
        d.spec.group = 'x.k8s.io';
        d.metadata.name = 'widgets.x.k8s.io';
      },
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation',
    ],
  ])('need %s', async (_, change, refusal) => {
    const definition = definitionOf(free);
    change(definition);
    expect((await refusalsOf(client, definitionsPath, definition)).join('\n')).toContain(refusal);
  });

  it('keep their scope, kind and stored versions', async () => {
    await client('POST', definitionsPath, definitionOf(free));
    const { body } = await client('GET', path);
    const changed = structuredClone(body);
    changed.spec.scope = 'Cluster';
    changed.spec.versions[0].name = 'v2';
    const { status, body: answer } = await client('PUT', path, changed);
    expect(status).toBe(422);
    expect(answer.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions',
    ]);
  });

  it('wait for names that others have, and get them when those go', async () => {
    await client('POST', definitionsPath, definitionOf(free, { plural: 'widgets' }));
    const second: Definition = definitionOf(free, { plural: 'gadgets', kind: 'Widget' });
    second.spec.names.shortNames = ['wd'];
    await client('POST', definitionsPath, second);
    const waiting = await client('GET', `${definitionsPath}/gadgets.example.com`);
    expect(waiting.body.status).toMatchObject({
      acceptedNames: { plural: 'gadgets', shortNames: ['wd'], kind: '' },
      conditions: [
        { type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' },
        { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
      ],
    });
    expect((await client('GET', '/apis/example.com/v1/gadgets')).status).toBe(404);
    await client('DELETE', path);
    const served = await client('GET', `${definitionsPath}/gadgets.example.com`);
    expect(served.body.status.conditions.map((c: { status: string }) => c.status)).toEqual(['True', 'True']);
    expect((await client('GET', '/apis/example.com/v1/gadgets')).status).toBe(200);
  });

  it('go only when their objects have gone, and take no new ones until then', async () => {
    await client('POST', definitionsPath, definitionOf(free));
    await client('POST', widgetsPath, widget({}, 'a', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }));
    await client('DELETE', path);
    const held = await client('GET', path);
    expect(held.body.status.conditions.at(-1)).toMatchObject({ type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress' });
    expect(await client('POST', widgetsPath, widget({}, 'b'))).toMatchObject({
      status: 405,
      body: { reason: 'MethodNotAllowed', message: 'create not allowed while custom resource definition is terminating' },
    });
    await client('PATCH', `${widgetsPath}/a`, { metadata: { finalizers: null } }, mergeType);
    expect((await client('GET', path)).status).toBe(404);
    expect((await client('GET', widgetsPath)).status).toBe(404);
    expect((await client('POST', definitionsPath, definitionOf(free))).status).toBe(201);
    expect((await client('GET', widgetsPath)).body.items).toEqual([]);
  });

  it('serve one object in all of their versions', async () => {
    const definition: Definition = definitionOf({ type: 'object', properties: { a: { type: 'string' } } });
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer', default: 1 } } } },
    };
    definition.spec.versions.push({ name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: schema } });
    definition.spec.versions.push({ name: 'v3', served: false, storage: false, schema: { openAPIV3Schema: schema } });
    await client('POST', definitionsPath, definition);
    await client('POST', widgetsPath, widget({ a: 'x' }));
    const second = await client('GET', `${widgetsPath.replace('v1', 'v2')}/a`);
    expect([second.body.apiVersion, second.body.spec]).toEqual(['example.com/v2', { a: 'x', b: 1 }]);
    expect((await client('GET', `${widgetsPath.replace('v1', 'v3')}/a`)).status).toBe(404);
    const { body } = await client('PATCH', `${widgetsPath.replace('v1', 'v2')}/a`, { spec: { a: 'y' } }, mergeType);
    expect(body.metadata.managedFields.map((m: { apiVersion: string }) => m.apiVersion)).toEqual(['example.com/v1', 'example.com/v2']);
  });
});

describe('published schemas', () => {
  it('say what definitions say, and that custom resources take no strategic patches', async () => {
    await client(
      'POST',
      definitionsPath,
      definitionOf({ type: 'object', description: 'What is wanted.', properties: { a: { type: 'string' } } }),
    );
    const third = (await client('GET', '/openapi/v3/apis/example.com/v1')).body;
    expect(third.components.schemas['com.example.v1.Widget'].properties.spec).toMatchObject({
      description: 'What is wanted.',
      properties: { a: { type: 'string' } },
    });
    const item = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}';
    const media = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
    expect(Object.keys(third.paths[item].patch.requestBody.content)).toEqual(media);
    const second = (await client('GET', '/openapi/v2')).body;
    expect(second.paths[item].patch.consumes).toEqual(media);
    await client('DELETE', path);
    expect((await client('GET', '/openapi/v3/apis/example.com/v1')).status).toBe(404);
  });
});
