import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitionOf, definitionsPath, widget, widgetsPath } from '../crd/test/fixtures.js';
import { createSandbox } from '../index.js';
import type { Sandbox } from '../types.js';
import { applyType, type Client, clientOf, configMap, deployment, inDefault, mergeType } from './client.js';

let sandbox: Sandbox;
let call: Client;
const maps = inDefault('configmaps');
const web = `${inDefault('deployments', 'apps/v1')}/web`;
const typeMeta = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const yaml = { 'content-type': 'application/yaml' };
const jsonType = { 'content-type': 'application/json-patch+json' };
const strategicType = { 'content-type': 'application/strategic-merge-patch+json' };

beforeAll(async () => {
  sandbox = await createSandbox({ controllers: false });
  call = clientOf(sandbox.wire);
  await call('POST', maps, configMap('a', { k: 'v' }));
  await call('POST', inDefault('deployments', 'apps/v1'), deployment('web'));
  await call('POST', definitionsPath, definitionOf({ type: 'object', properties: { n: { type: 'integer' } } }, { status: false }));
  await sandbox.settle();
});
afterAll(() => sandbox.close());

const told = async (...args: Parameters<Client>) => {
  const { status, body } = await call(...args);
  return `${status} ${body.message ?? body.kind ?? body}`;
};

describe('objects that cannot be read', () => {
  const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): ';
  it.each([
    ['', `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`],
    [
      '{"a":1,}',
      `${unrecognized}couldn't get version/kind; json parse error: invalid character '}' looking for beginning of object key string ({"a":1,})`,
    ],
    [
      '[]',
      `${unrecognized}couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${typeMeta} (5b5d)`,
    ],
    [
      '{"kind":1}',
      `${unrecognized}couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
    ],
    ['{"apiVersion":"a/b/c"}', `${unrecognized}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`],
    [
      '{"apiVersion":"v2"}',
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      '{"kind":"Nope"}',
      'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      '{"apiVersion":"apps/v1","kind":"Deployment"}',
      'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"data":{"a":1}}',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
  ])('%s', async (body, message) => expect(await told('POST', maps, body)).toBe(`400 ${message}`));

  it('are told of by their line where they are YAML', async () => {
    expect(await told('POST', maps, 'a: b\nc: [d\n', yaml)).toMatch(
      /error converting YAML to JSON: yaml: line 2: did not find expected ',' or '\]' /,
    );
    expect(await told('POST', maps, 'a:\n  b: c\n d: e\n', yaml)).toMatch(/: yaml: line 2: did not find expected key /);
    expect(await told('POST', maps, 'a:\n  b: c: d\n', yaml)).toMatch(/: yaml: line 2: mapping values are not allowed in this context /);
  });

  it('of another version are refused after they are read', async () => {
    const scaler = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'a' } };
    expect(await told('POST', inDefault('horizontalpodautoscalers', 'autoscaling/v2'), scaler)).toBe(
      '400 the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    );
  });

  it('name keys twice in YAML too', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  k: a\n  k: b\n';
    const problem = 'yaml: unmarshal errors:\n  line 6: key "k" already set in map';
    expect(await told('POST', `${maps}?fieldValidation=Strict`, text, yaml)).toBe(
      `400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${problem}`,
    );
    const apply = await told('PATCH', `${maps}/twice?fieldManager=x&fieldValidation=Strict`, text, applyType);
    expect(apply).toBe(`400 error strict decoding YAML: error converting YAML to JSON: ${problem}`);
    expect((await call('PATCH', `${maps}/twice?fieldManager=x`, text, applyType)).headers['warning']).toHaveLength(1);
  });
});

describe('custom resources that cannot be read', () => {
  it.each([
    [
      { ...widget({}), kind: undefined },
      "400 the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{\"apiVersion\"",
    ],
    [
      { ...widget({}), apiVersion: undefined },
      '400 the API version in the data () does not match the expected API version (example.com/v1)',
    ],
    [
      { ...widget({}), apiVersion: 'example.com/v2' },
      '400 the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)',
    ],
    [{ ...widget({}), kind: 'Gadget' }, '422 Gadget.example.com "a" is invalid: kind: Invalid value: "Gadget": must be Widget'],
    [
      '[]',
      `400 the object provided is unrecognized (must be of type Widget): couldn't get version/kind; json parse error: json: cannot unmarshal array`,
    ],
  ])('%j', async (body, message) => expect(await told('POST', widgetsPath, body)).toContain(message));

  it('nor found', async () => {
    expect(await told('GET', `${widgetsPath}/a/status`)).toBe('404 widgets.example.com "a" not found');
    expect(await told('GET', '/apis/example.com/v1/namespaces/default/gadgets')).toBe('404 404 page not found\n');
    expect(await told('GET', '/apis/apps/v9/deployments')).toBe('404 the server could not find the requested resource');
    expect(await told('GET', '/apis/nope.example.com/v1')).toBe('404 404 page not found\n');
    expect(await told('GET', '/api/v9')).toBe('404 the server could not find the requested resource');
  });
});

describe('patches that cannot be read', () => {
  const toStruct = (what: string) => `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
  it.each([
    ['merge', 'x', "400 error decoding patch: invalid character 'x' looking for beginning of value"],
    ['merge', '[]', `400 error decoding patch: ${toStruct('array')}`],
    ['merge', 'null', '400 Invalid JSON Patch'],
    ['strategic', 'x', "400 invalid character 'x' looking for beginning of value"],
    ['strategic', '[]', `400 ${toStruct('array')}`],
    ['json', '{}', '400 error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    ['json', '[1]', '400 error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
    ['json', '[{"op":1}]', '400 error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
    ['apply', 'hello', `400 error decoding YAML: error unmarshaling JSON: while decoding JSON: ${toStruct('string')}`],
    ['apply', '', '400 Incorrect version specified in apply patch. Specified patch version: , expected: v1'],
    ['apply', '{"apiVersion":"v1"}', '500 failed to create typed patch object (/; /v1, Kind=): no corresponding type for /v1, Kind='],
  ])('%s %s', async (kind, body, message) => {
    const headers = { merge: mergeType, strategic: strategicType, json: jsonType, apply: applyType }[kind] as { [name: string]: string };
    expect(await told('PATCH', `${maps}/a?fieldManager=x`, body, headers)).toBe(message);
  });

  it('are not looked at where there is nothing to patch', async () =>
    expect(await told('PATCH', `${maps}/missing`, 'x', mergeType)).toBe('404 configmaps "missing" not found'));

  it('have to name what they create', async () =>
    expect(await told('PATCH', `${maps}/new?fieldManager=x`, '{"apiVersion":"v1","kind":"ConfigMap"}', applyType)).toBe(
      '400 the name of the object (new based on URL) was undeterminable: name must be provided',
    ));

  it('are told of fields that no operation has', async () => {
    const { headers } = await call('PATCH', `${maps}/a`, '[{"op":"test","path":"/data/k","value":"v","from":"","x":1}]', jsonType);
    expect(headers['warning']).toEqual(['299 - "json patch unknown field \\"[0].x\\""']);
  });
});

describe('strategic patches whose result is no such object', () => {
  it.each([
    [{ spec: { replicas: 'x' } }, 'map[spec:map[replicas:x]]', 'unrecognized type: int32'],
    [{ spec: { replicas: 1.5 } }, 'map[spec:map[replicas:1.5]]', 'cannot convert float64 to int32'],
    [{ spec: { paused: 'x' } }, 'map[spec:map[paused:x]]', 'unrecognized type: bool'],
    [{ spec: 'x' }, 'map[spec:x]', 'cannot restore struct from: string'],
    [{ metadata: { labels: { a: 1 } } }, 'map[metadata:map[labels:map[a:1]]]', 'cannot convert int64 to string'],
    [{ metadata: { labels: 'x' } }, 'map[metadata:map[labels:x]]', 'cannot restore map from string'],
    [{ metadata: { finalizers: {} } }, 'map[metadata:map[finalizers:map[]]]', 'cannot restore slice from map'],
    [
      { spec: { strategy: { rollingUpdate: { maxSurge: true } } } },
      'map[spec:map[strategy:map[rollingUpdate:map[maxSurge:true]]]]',
      'json: cannot unmarshal bool into Go value of type int32',
    ],
  ])('%j', async (patch, shown, why) => {
    const { status, body } = await call('PATCH', web, patch, strategicType);
    expect([status, body.message]).toEqual([422, ` "" is invalid: patch: Invalid value: ${JSON.stringify(shown)}: ${why}`]);
  });
});

describe('answers in YAML', () => {
  const asYaml = { accept: 'application/yaml' };
  it('are given to who asks for it, refusals too', async () => {
    const { headers, body } = await call('GET', `${maps}/a`, undefined, asYaml);
    expect(headers['content-type']).toBe('application/yaml');
    expect(body).toMatch(/^apiVersion: v1\ndata:\n {2}k: v\nkind: ConfigMap\nmetadata:\n/);
    expect((await call('GET', `${maps}/missing`, undefined, asYaml)).body).toBe(
      `apiVersion: v1
code: 404
details:
  kind: configmaps
  name: missing
kind: Status
message: configmaps "missing" not found
metadata: {}
reason: NotFound
status: Failure
`,
    );
    expect((await call('GET', '/apis/apps', undefined, asYaml)).body).toMatch(/^apiVersion: v1\nkind: APIGroup\nname: apps\n/);
  });

  it('are not given to who takes JSON as well', async () => {
    const { headers } = await call('GET', `${maps}/a`, undefined, { accept: 'application/json, application/yaml' });
    expect(headers['content-type']).toBe('application/json');
  });
});
