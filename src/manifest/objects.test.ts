import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvenkeelError } from '../model/index.js';
import { readManifests } from './objects.js';
import { parseYaml } from './yaml/index.js';

const read = (text: string) => readManifests(parseYaml(text, { file: 'f.yaml' }), 'f.yaml');

function refusal(text: string): EvenkeelError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof EvenkeelError) return error;
    throw error;
  }
  throw new Error(`was read: ${text}`);
}

const head = 'apiVersion: v1\nkind: ConfigMap\n';

describe('readManifests', () => {
  it('gives each object with the place where it begins', () => {
    const manifests = read(`# c\n---\n${head}metadata: {name: a}\n---\n{apiVersion: v1, kind: Secret, metadata: {generateName: b-}}\n`);
    expect(manifests.map(({ object, source }) => [object.kind, source])).toStrictEqual([
      ['ConfigMap', { file: 'f.yaml', line: 3, column: 1 }],
      ['Secret', { file: 'f.yaml', line: 7, column: 1 }],
    ]);
  });

  it('takes lists apart, nested and typed ones, and gives items of a typed list their type', () => {
    const manifests = read(
      [
        'apiVersion: v1',
        'kind: List',
        'items:',
        '- apiVersion: v1',
        '  kind: ConfigMapList',
        '  items:',
        '  - metadata: {name: a}',
        '  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}',
        '- apiVersion: apps/v1',
        '  kind: DeploymentList',
        '  items: []',
        '- apiVersion: v1',
        '  kind: PodList',
        '  items: null',
      ].join('\n'),
    );
    expect(manifests.map(({ object, source }) => [object.apiVersion, object.kind, object.metadata.name, source.line])).toStrictEqual([
      ['v1', 'ConfigMap', 'a', 7],
      ['v1', 'ConfigMap', 'b', 8],
    ]);
  });

  it('takes apart what has objects in items, whatever its kind, but keeps other kinds with a field of that name', () => {
    const inner = '{apiVersion: v1, kind: ConfigMap, metadata: {name: q}}';
    expect(read(`apiVersion: e.com/v1\nkind: Foo\nmetadata: {name: x}\nitems: [${inner}]\n`)[0]?.object.metadata.name).toBe('q');
    expect(read('apiVersion: e.com/v1\nkind: Foo\nmetadata: {name: x}\nitems: [a, b]\n')[0]?.object).toMatchObject({
      kind: 'Foo',
      items: ['a', 'b'],
    });
  });

  it('leaves out null metadata and reads null labels as empty texts', () => {
    const [manifest] = read(`${head}metadata:\n  name: a\n  annotations:\n  labels:\n    x:\n  creationTimestamp: null\n`);
    expect(manifest?.object.metadata).toStrictEqual({ name: 'a', labels: { x: '' }, creationTimestamp: null });
  });

  it.each([
    ['- a\n', 'MANIFEST_NOT_OBJECT', 1, undefined],
    ['hello\n', 'MANIFEST_NOT_OBJECT', 1, undefined],
    ['replicaCount: 1\n', 'MANIFEST_NOT_OBJECT', 1, undefined],
    ['apiVersion: v1\nmetadata: {name: x}\n', 'MANIFEST_NOT_OBJECT', 1, undefined],
    ['kind: Pod\nmetadata: {name: x}\n', 'MANIFEST_NOT_OBJECT', 1, undefined],
    ['apiVersion: 1\nkind: Pod\nmetadata: {name: x}\n', 'MANIFEST_NOT_OBJECT', 1, 'apiVersion'],
    ['apiVersion: a/b/c\nkind: Pod\nmetadata: {name: x}\n', 'MANIFEST_NOT_OBJECT', 1, 'apiVersion'],
    ['apiVersion: v1\nkind: "Pod/x"\nmetadata: {name: x}\n', 'MANIFEST_NOT_OBJECT', 2, 'kind'],
    [head, 'MANIFEST_METADATA_INVALID', 1, undefined],
    [`${head}metadata: x\n`, 'MANIFEST_METADATA_INVALID', 3, 'metadata'],
    [`${head}metadata: {}\n`, 'MANIFEST_NAME_INVALID', 3, 'metadata'],
    [`${head}metadata:\n  name: 12\n`, 'MANIFEST_METADATA_INVALID', 4, 'metadata.name'],
    [`${head}metadata:\n  name: ""\n`, 'MANIFEST_NAME_INVALID', 4, 'metadata.name'],
    [`${head}metadata:\n  name: a/b\n`, 'MANIFEST_NAME_INVALID', 4, 'metadata.name'],
    [`${head}metadata:\n  name: "a\\e[31m"\n`, 'MANIFEST_NAME_INVALID', 4, 'metadata.name'],
    [`${head}metadata:\n  name: ..\n`, 'MANIFEST_NAME_INVALID', 4, 'metadata.name'],
    [`${head}metadata:\n  name: a\n  namespace: A_b\n`, 'MANIFEST_NAME_INVALID', 5, 'metadata.namespace'],
    [`${head}metadata:\n  name: a\n  labels:\n    a.b/c: on\n`, 'MANIFEST_METADATA_INVALID', 6, 'metadata.labels["a.b/c"]'],
    [`${head}metadata:\n  name: a\n  annotations: [x]\n`, 'MANIFEST_METADATA_INVALID', 5, 'metadata.annotations'],
    [`${head}metadata:\n  name: a\n  finalizers: [1]\n`, 'MANIFEST_METADATA_INVALID', 5, 'metadata.finalizers[0]'],
    ['apiVersion: v1\nkind: List\nitems:\n- 1\n', 'MANIFEST_NOT_OBJECT', 4, undefined],
    ['apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  metadata:\n    name: 1\n', 'MANIFEST_NOT_OBJECT', 4, undefined],
  ] as const)('refuses %j', (text, code, line, field) => {
    const error = refusal(text);
    expect([error.code, error.where.line, error.where.field]).toStrictEqual([code, line, field]);
    expect(error.message).not.toContain('\u001b');
  });

  it('takes names that only some kinds allow', () =>
    expect(read(`${head}metadata: {name: "system:node:A_b"}\n`)[0]?.object.metadata.name).toBe('system:node:A_b'));

  it('says that a field is only misspelt', () =>
    expect(refusal('apiversion: v1\nkind: Pod\nmetadata: {name: x}\n').message).toContain('"apiversion"'));

  it('names all mistakes at once', () => {
    const error = refusal(`${head}metadata: {name: 1}\n---\n${head}metadata: {name: fine}\n---\nx: 1\n`);
    expect(error.message).toMatch(/\(and 1 more\)$/);
    expect(error.details['problems']).toMatchObject([{ where: { line: 3 } }, { code: 'MANIFEST_NOT_OBJECT', where: { line: 9 } }]);
  });

  it('throws nothing but our error, whatever the document holds', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, 1, true, 'v1', 'List', 'Pod', ''),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('apiVersion', 'kind', 'metadata', 'items', 'name', 'labels', 'namespace', '__proto__'), tie('any')),
      ),
    })).any;
    fc.assert(
      fc.property(value, (document) => {
        try {
          read(`---\n${JSON.stringify(document)}\n`);
        } catch (error) {
          if (!(error instanceof EvenkeelError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
