import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../model/index.js';
import { type MemoryFile, memoryTree } from '../../source/index.js';
import { type BuildOptions, build, formatBuild } from './index.js';

type Files = { [path: string]: MemoryFile };

const configMap = (name: string, extra = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${extra}`;
const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {template: {spec: {containers: [{name: main, image: "nginx:1"}]}}}\n`;

const text = async (files: Files, path = '', options?: BuildOptions) =>
  formatBuild((await build(memoryTree(files), path, options)).manifests);
const objects = async (files: Files, path = '', options?: BuildOptions): Promise<KubeObject[]> =>
  (await build(memoryTree(files), path, options)).manifests.map(({ object }) => object);
const refused = async (files: Files, path = '', options?: BuildOptions) => {
  const error = await build(memoryTree(files), path, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'EvenkeelError' });
  return expect(error);
};

describe('build', () => {
  it('reads a block of text that ends an inline JSON patch without its last line break, as Kustomize trims patches', async () => {
    const patch = '- op: add\n      path: /data\n      value:\n        a: |\n          one\n          two\n';
    const files = {
      'kustomization.yaml': `resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    ${patch}`,
      'a.yaml': configMap('a'),
    };
    expect(await objects(files)).toMatchObject([{ data: { a: 'one\ntwo' } }]);
  });

  it('keeps the schemas that are built in beside those of a component, once it has merged by them', async () => {
    const files = (patches: string) => ({
      'kustomization.yaml': 'resources: [base]\ncomponents: [component]\n',
      'base/kustomization.yaml': `resources: [a.yaml]\n${patches}`,
      'base/a.yaml': deployment('a'),
      'component/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nopenapi: {path: schema.json}\npatches: [{path: none.yaml, target: {kind: Deployment}}]\n',
      'component/schema.json': '{"definitions": {}}',
      'component/none.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n',
    });
    const merging = 'patches: [{patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 2}}"}]\n';
    expect(await objects(files(merging))).toMatchObject([{ spec: { template: { spec: { containers: [{ name: 'main' }] } } } }]);
    expect(await objects(files(''))).toMatchObject([{ spec: { template: { spec: { containers: [] } } } }]);
  });

  it('passes over options of buildMetadata that do not exist, and says so', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\nbuildMetadata: [orginAnnotations]\n', 'a.yaml': configMap('a') };
    const { manifests, warnings } = await build(memoryTree(files), '');
    expect(manifests.map(({ object }) => object.metadata)).toEqual([{ name: 'a' }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^kustomization\.yaml: buildMetadata\[0\] .*originAnnotations.* no orginAnnotations$/),
    ]);
  });

  it('follows a generated name through layers', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=1]}]\n',
      'base/web.yaml': `${deployment('web').trimEnd().slice(0, -2)}, volumes: [{name: v, configMap: {name: settings}}]}}}\n`.replace(
        '}]}, volumes',
        '}], volumes',
      ),
      'top/kustomization.yaml':
        'resources: [../base]\nnamePrefix: my-\nconfigMapGenerator: [{name: settings, behavior: merge, literals: [b=2]}]\n',
    };
    const [settings, web] = await objects(files, 'top');
    expect(settings?.metadata.name).toMatch(/^my-settings-[2456789bcdfghkmt]{10}$/);
    expect(settings?.['data']).toEqual({ a: '1', b: '2' });
    expect(web).toMatchObject({ spec: { template: { spec: { volumes: [{ configMap: { name: settings?.metadata.name } }] } } } });
  });

  it('takes integers beyond 2^53 as they are, and rounds them where a JSON patch touches the object', async () => {
    const files = { 'a.yaml': `apiVersion: x/v1\nkind: X\nmetadata: {name: x}\nspec: {n: 12345678901234567890}\n` };
    expect(await text({ ...files, 'kustomization.yaml': 'resources: [a.yaml]' })).toContain('"n": 12345678901234567890');
    const patch = 'patches: [{target: {kind: X}, patch: "- {op: add, path: /spec/m, value: 1}"}]';
    expect(await text({ ...files, 'kustomization.yaml': `resources: [a.yaml]\n${patch}` })).toContain('"n": 12345678901234567000');
  });

  it('says what it read and looked for, and that deprecated fields are', async () => {
    const tree = memoryTree({
      'a/kustomization.yaml': 'bases: [../b]\n',
      'b/Kustomization': 'resources: [x.yaml]\n',
      'b/x.yaml': configMap('x'),
    });
    const { read, lookups, warnings, remotes } = await build(tree, 'a');
    expect(read.map(({ path }) => path).sort()).toEqual(['a/kustomization.yaml', 'b/Kustomization', 'b/x.yaml']);
    expect(lookups).toEqual(
      expect.arrayContaining([
        { path: 'b', found: 'directory' },
        { path: 'a/kustomization.yml', found: 'missing' },
      ]),
    );
    expect(warnings).toEqual([expect.stringContaining("'bases' is deprecated")]);
    expect(remotes).toEqual([]);
  });

  it('follows links inside the tree only', async () => {
    const files: Files = {
      'k/kustomization.yaml': 'resources: [a.yaml]\n',
      'shared/a.yaml': configMap('a'),
      'k/a.yaml': { symlink: '../shared/a.yaml' },
    };
    await expect(objects(files, 'k')).rejects.toMatchObject({ code: 'KUSTOMIZE_FORBIDDEN' });
    expect(await objects(files, 'k', { loadRestrictor: 'none' })).toHaveLength(1);
    const out: Files = { ...files, 'k/a.yaml': { symlink: '../../etc/passwd' } };
    await expect(objects(out, 'k', { loadRestrictor: 'none' })).rejects.toMatchObject({ code: 'KUSTOMIZE_NOT_FOUND' });
    const circle: Files = { ...files, 'k/a.yaml': { symlink: 'a.yaml' } };
    await expect(objects(circle, 'k')).rejects.toMatchObject({ code: 'KUSTOMIZE_NOT_FOUND' });
  });

  it('brings bases of other repositories once, and says at which commits', async () => {
    const asked: string[] = [];
    const options: BuildOptions = {
      fetchRemote: async ({ url, ref }) => {
        asked.push(`${url}#${ref}`);
        return memoryTree({
          'x/kustomization.yaml': 'resources: [a.yaml, ../y]\n',
          'x/a.yaml': configMap('a'),
          'y/kustomization.yaml': 'resources: [b.yaml]\n',
          'y/b.yaml': configMap('b'),
        });
      },
    };
    const files = {
      'kustomization.yaml': 'resources: ["https://git.example/o/r//x?ref=v1", "https://git.example/o/r.git//y?ref=v1"]\nnamePrefix: p-\n',
    };
    // The second one names the repository in another way, so it is another one, and its object is there already.
    await expect(build(memoryTree(files), '', options)).rejects.toMatchObject({ code: 'KUSTOMIZE_CONFLICT' });
    const one = { 'kustomization.yaml': 'resources: ["https://git.example/o/r//x?ref=v1"]\ncomponents: []\nnamePrefix: p-\n' };
    const { manifests, remotes, read } = await build(memoryTree(one), '', options);
    expect(manifests.map(({ object }) => object.metadata.name)).toEqual(['p-a', 'p-b']);
    expect(remotes).toEqual([{ url: 'https://git.example/o/r', ref: 'v1', revision: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
    expect(read.map(({ path }) => path)).toEqual(['kustomization.yaml']);
    expect(asked).toHaveLength(3);
  });
});

describe('what is wrong is named with file and field', () => {
  const with_ = (kustomization: string, more: Files = {}): Files => ({
    'k/kustomization.yaml': kustomization,
    'k/a.yaml': configMap('a'),
    ...more,
  });
  const base = 'resources: [a.yaml]\n';

  it.each<[string, string, string, object, Files?]>([
    ['an unknown field', `${base}namePrefx: x`, 'KUSTOMIZE_INVALID', { field: 'namePrefx', line: 2 }],
    ['a field of the wrong type', `${base}namePrefix: 5`, 'KUSTOMIZE_INVALID', { field: 'namePrefix', line: 2 }],
    ['a word that YAML 1.1 takes for a boolean', `${base}namespace: n`, 'KUSTOMIZE_INVALID', { field: 'namespace' }],
    ['a list of the wrong things', 'resources: [{a: b}]', 'KUSTOMIZE_INVALID', { field: 'resources[0]' }],
    ['nothing', 'kind: Kustomization', 'KUSTOMIZE_INVALID', {}],
    ['another kind', `${base}kind: X`, 'KUSTOMIZE_INVALID', { field: 'kind' }],
    ['another version', `${base}apiVersion: x/v1`, 'KUSTOMIZE_INVALID', { field: 'apiVersion' }],
    ['no YAML', 'resources: [', 'KUSTOMIZE_YAML_INVALID', { line: 1 }],
    ['a missing file', 'resources: [gone.yaml]', 'KUSTOMIZE_NOT_FOUND', { field: 'resources[0]' }],
    ['a file above', 'resources: [../up.yaml]', 'KUSTOMIZE_FORBIDDEN', { field: 'resources[0]' }, { 'up.yaml': configMap('u') }],
    ['an absolute path', 'resources: [/etc/passwd]', 'KUSTOMIZE_FORBIDDEN', { field: 'resources[0]' }],
    ['a path out of the tree', 'resources: [../../x]', 'KUSTOMIZE_NOT_FOUND', { field: 'resources[0]' }],
    ['itself', 'resources: [.]', 'KUSTOMIZE_CYCLE', { field: 'resources[0]' }],
    [
      'a circle',
      'resources: [../b]',
      'KUSTOMIZE_CYCLE',
      { file: 'b/kustomization.yaml', field: 'resources[0]' },
      { 'b/kustomization.yaml': 'resources: [../k]' },
    ],
    ['a folder without a kustomization', 'resources: [../b]', 'KUSTOMIZE_NOT_FOUND', { file: 'b' }, { 'b/x.yaml': '' }],
    [
      'a component among resources',
      'resources: [../b]',
      'KUSTOMIZE_INVALID',
      { field: 'resources[0]' },
      { 'b/kustomization.yaml': 'kind: Component\nnamePrefix: x' },
    ],
    ['two kustomization files', base, 'KUSTOMIZE_INVALID', { file: 'k' }, { 'k/Kustomization': base }],
    ['an object twice', 'resources: [a.yaml, b.yaml]', 'KUSTOMIZE_CONFLICT', { file: 'k/b.yaml' }, { 'k/b.yaml': configMap('a') }],
    [
      'an object without a name',
      'resources: [b.yaml]',
      'KUSTOMIZE_RESOURCE_INVALID',
      { file: 'k/b.yaml', line: 3 },
      { 'k/b.yaml': '---\n\nkind: X\n' },
    ],
    [
      'an object that is no YAML',
      'resources: [b.yaml]',
      'KUSTOMIZE_YAML_INVALID',
      { file: 'k/b.yaml', line: 2 },
      { 'k/b.yaml': 'a: 1\n  b: 2\n' },
    ],
    [
      'a key that stands twice',
      'resources: [b.yaml]',
      'KUSTOMIZE_RESOURCE_INVALID',
      { file: 'k/b.yaml' },
      { 'k/b.yaml': `${configMap('b')}data: {a: x, a: y}\n` },
    ],
    [
      'a patch for nothing',
      `${base}patches: [{patch: "${configMap('b').replaceAll('\n', '\\n')}"}]`,
      'KUSTOMIZE_NO_MATCH',
      { field: 'patches[0]' },
    ],
    [
      'an ambiguous patch',
      `${base}patches: [{path: p.yaml}]`,
      'KUSTOMIZE_PATCH_INVALID',
      { file: 'k/p.yaml' },
      { 'k/p.yaml': '# nothing\n' },
    ],
    ['a patch that is nothing known', `${base}patches: [{patch: "x: 1"}]`, 'KUSTOMIZE_PATCH_INVALID', { field: 'patches[0].kind' }],
    [
      'a JSON patch without a target',
      `${base}patches: [{patch: "- {op: remove, path: /data}"}]`,
      'KUSTOMIZE_PATCH_INVALID',
      { field: 'patches[0].target' },
    ],
    [
      'a JSON patch that leads nowhere',
      `${base}patches: [{target: {kind: ConfigMap}, patch: "- {op: remove, path: /data/x}"}]`,
      'KUSTOMIZE_NO_MATCH',
      { field: 'patches[0]' },
    ],
    ['a regular expression', `${base}patches: [{target: {name: "("}, patch: "[]"}]`, 'KUSTOMIZE_PATCH_INVALID', { field: 'patches[0]' }],
    [
      'a regular expression of a target',
      `${base}patches: [{target: {name: "("}, patch: "- {op: remove, path: /x}"}]`,
      'KUSTOMIZE_REGEX_INVALID',
      { field: 'patches[0].target.name' },
    ],
    ['look-ahead, which Go has not', `${base}images: [{name: "(?=x)", newTag: x}]`, 'KUSTOMIZE_REGEX_INVALID', { field: 'images[0].name' }],
    [
      'a selector of labels',
      `${base}patches: [{target: {labelSelector: "a in"}, patch: "- {op: remove, path: /x}"}]`,
      'KUSTOMIZE_INVALID',
      { field: 'patches[0].target.labelSelector' },
    ],
    ['replicas of nothing', `${base}replicas: [{name: web, count: 2}]`, 'KUSTOMIZE_NO_MATCH', { field: 'replicas[0]' }],
    [
      'a replacement from nothing',
      `${base}replacements: [{source: {kind: X}, targets: [{select: {kind: ConfigMap}}]}]`,
      'KUSTOMIZE_NO_MATCH',
      { field: 'replacements[0]' },
    ],
    ['a var of nothing', `${base}vars: [{name: A, objref: {kind: X, name: x, apiVersion: v1}}]`, 'KUSTOMIZE_NO_MATCH', { field: 'vars' }],
    [
      'a generator without a name',
      `${base}configMapGenerator: [{literals: [a=1]}]`,
      'KUSTOMIZE_INVALID',
      { field: 'configMapGenerator[0].name' },
    ],
    [
      'a literal without a value',
      `${base}secretGenerator: [{name: s, literals: [password]}]`,
      'KUSTOMIZE_INVALID',
      { field: 'secretGenerator[0].literals' },
    ],
    ['helmCharts', `${base}helmCharts: [{name: x}]`, 'KUSTOMIZE_UNSUPPORTED', { field: 'helmCharts' }],
    [
      'a program as a plugin',
      `${base}transformers: [t.yaml]`,
      'KUSTOMIZE_FORBIDDEN',
      { file: 'k/t.yaml' },
      { 'k/t.yaml': 'apiVersion: my/v1\nkind: Run\nmetadata: {name: x}\n' },
    ],
    ['a file on a web server', 'resources: ["https://example.com/a.yaml"]', 'KUSTOMIZE_UNSUPPORTED', { field: 'resources[0]' }],
    ['another repository', 'resources: ["https://example.com/o/r//x"]', 'KUSTOMIZE_REMOTE', { field: 'resources[0]' }],
  ])('%s', async (_, kustomization, code, where, more = {}) => {
    const expected = { ...('file' in where ? {} : { file: 'k/kustomization.yaml' }), ...where };
    (await refused(with_(kustomization, more), 'k')).toMatchObject({ code, where: expected });
  });

  it('tells which field led to the file with the mistake', async () => {
    const files = with_('resources: [../b]', { 'b/kustomization.yaml': 'resources: [x.yaml]', 'b/x.yaml': 'kind: X' });
    (await refused(files, 'k')).toMatchObject({
      where: { file: 'b/x.yaml', field: 'metadata.name' },
      message: 'missing metadata.name in object {X} (by b/kustomization.yaml, resources[0])',
    });
  });

  it('never shows the value of a literal or of a Secret', async () => {
    const files = with_(`${base}secretGenerator: [{name: s, literals: ["=hunter2"]}]`);
    const error = await build(memoryTree(files), 'k').catch((thrown: Error) => thrown);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

describe('what is hostile ends', () => {
  it('aliases that multiply, depth without end, bases that multiply, patterns that backtrack', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n')}\n`;
    await expect(text({ 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': `${configMap('a')}${bomb}` })).rejects.toMatchObject({
      code: 'KUSTOMIZE_YAML_INVALID',
    });
    await expect(
      text({ 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': `${configMap('a')}x: ${'['.repeat(5000)}` }),
    ).rejects.toMatchObject({ code: 'KUSTOMIZE_YAML_INVALID' });
    const layers: Files = { 'l0/kustomization.yaml': 'resources: [a.yaml]\n', 'l0/a.yaml': configMap('a') };
    for (let i = 1; i < 14; i++)
      layers[`l${i}/kustomization.yaml`] = `resources: [${Array.from({ length: 2 }, (_, j) => `s${j}`).join(', ')}]\n`;
    for (let i = 1; i < 14; i++)
      for (let j = 0; j < 2; j++) layers[`l${i}/s${j}/kustomization.yaml`] = `resources: [../../l${i - 1}]\nnamePrefix: p${j}-\n`;
    await expect(text(layers, 'l13')).rejects.toMatchObject({ code: 'KUSTOMIZE_INVALID', message: expect.stringContaining('5000') });
    const slow = `resources: [a.yaml]\npatches: [{target: {name: "(a*)*b"}, patch: "- {op: remove, path: /x}"}]\n`;
    expect(await text({ 'kustomization.yaml': slow, 'a.yaml': configMap('a'.repeat(5000)) })).toContain('kind: ConfigMap');
  });

  it('names that JavaScript knows are names like others', async () => {
    const files = {
      'kustomization.yaml': 'resources: [a.yaml]\ncommonLabels: {constructor: x}\n',
      'a.yaml': `${configMap('a')}data: {__proto__: x, toString: z}\n`,
    };
    expect(await text(files)).toBe(
      'apiVersion: v1\ndata:\n  __proto__: x\n  toString: z\nkind: ConfigMap\nmetadata:\n  labels:\n    constructor: x\n  name: a\n',
    );
    (await refused({ 'kustomization.yaml': '__proto__: {resources: [a.yaml]}\n' })).toMatchObject({ code: 'KUSTOMIZE_INVALID' });
  });
});

describe('laws', () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const data = fc.dictionary(
    fc.stringMatching(/^[a-z._-]{1,8}$/),
    fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '1', '"', 'é') }),
    { maxKeys: 4 },
  );
  const resource = fc.record({ name, data, labels: fc.dictionary(name, name, { maxKeys: 2 }) });
  const fields = fc.record(
    {
      namePrefix: name.map((text) => `${text}-`),
      namespace: name,
      commonLabels: fc.dictionary(name, name, { minKeys: 1, maxKeys: 2 }),
      commonAnnotations: fc.dictionary(name, fc.string(), { maxKeys: 2 }),
      configMapGenerator: fc.tuple(
        fc.record({
          name: fc.constant('generated'),
          literals: fc.array(
            name.map((text) => `${text}=x`),
            { maxLength: 1 },
          ),
        }),
      ),
    },
    { requiredKeys: [] },
  );
  const unique = fc
    .uniqueArray(resource, { selector: (each) => each.name, minLength: 1, maxLength: 4 })
    .filter((all) => all.every((each) => each.name !== 'generated'));

  const objectOf = ({ name: called, data: content, labels }: { name: string; data: object; labels: object }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: called, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
    data: content,
  });
  const filesOf = (all: object[], kustomization: object): Files => ({
    ...Object.fromEntries(all.map((each, i) => [`r${i}.yaml`, JSON.stringify(each)])),
    'kustomization.yaml': JSON.stringify({ resources: all.map((_, i) => `r${i}.yaml`), ...kustomization }),
  });
  const shuffled = (value: unknown, turn: number): unknown => {
    if (Array.isArray(value)) return value.map((item) => shuffled(item, turn));
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, turn)] as const);
    return Object.fromEntries(
      [...entries.slice(turn % Math.max(1, entries.length)), ...entries.slice(0, turn % Math.max(1, entries.length))].reverse(),
    );
  };

  it('the same files give the same text', async () => {
    await fc.assert(
      fc.asyncProperty(unique, fields, async (all, k) => {
        const files = filesOf(all.map(objectOf), k);
        expect(await text(files)).toBe(await text(files));
      }),
      { numRuns: 40 },
    );
  });

  it('the order of keys in a file does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(unique, fields, fc.nat(7), async (all, k, turn) => {
        const plain = all.map(objectOf);
        const other = filesOf(
          plain.map((each) => shuffled(each, turn) as object),
          {},
        );
        const again = {
          ...other,
          'kustomization.yaml': JSON.stringify(shuffled({ resources: plain.map((_, i) => `r${i}.yaml`), ...k }, turn)),
        };
        expect(await text(again)).toBe(await text(filesOf(plain, k)));
      }),
      { numRuns: 60 },
    );
  });

  it('without transformations the resources come out as they went in, in their order where it is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(unique, async (all) => {
        const plain = all.map(objectOf);
        expect(await objects(filesOf(plain, {}), '', { reorder: 'none' })).toEqual(plain);
        expect(new Set((await objects(filesOf(plain, {}))).map(({ metadata }) => metadata.name))).toEqual(
          new Set(all.map((each) => each.name)),
        );
      }),
      { numRuns: 60 },
    );
  });
});
