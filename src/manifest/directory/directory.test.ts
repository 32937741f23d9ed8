import { describe, expect, it } from 'vitest';
import { compareText, EvenkeelError, type FileTree, sha256, type TreeEntry } from '../../model/index.js';
import { type LoadDirectoryOptions, loadDirectory, type ParseCache } from './index.js';

/** A tree in memory: `->target` is a symlink, `@` a submodule. */
function treeOf(files: { [path: string]: string | Uint8Array }): FileTree & { reads: string[][] } {
  const contents = new Map<string, Uint8Array>();
  const entries = new Map<string, TreeEntry>();
  for (const [path, given] of Object.entries(files)) {
    const text = typeof given === 'string' ? given : '';
    const type = text.startsWith('->') ? 'symlink' : text === '@' ? 'submodule' : 'file';
    const bytes = typeof given === 'string' ? new TextEncoder().encode(type === 'symlink' ? given.slice(2) : given) : given;
    const id = sha256(bytes);
    contents.set(id, bytes);
    entries.set(path, { path, type, id });
    const names = path.split('/');
    for (let i = 1; i < names.length; i++) {
      const folder = names.slice(0, i).join('/');
      entries.set(folder, { path: folder, type: 'directory', id: `tree ${folder}` });
    }
  }
  const sorted = [...entries.values()].sort((a, b) => compareText(a.path, b.path));
  const below = (folder: string) => sorted.filter(({ path }) => folder === '' || path.startsWith(`${folder}/`));
  const reads: string[][] = [];
  return {
    reads,
    revision: 'f'.repeat(40),
    origin: 'memory',
    entry: async (path) => entries.get(path),
    walk: async (folder) => below(folder).filter(({ type }) => type !== 'directory'),
    list: async (folder) => below(folder).filter(({ path }) => !path.slice(folder === '' ? 0 : folder.length + 1).includes('/')),
    read: async (wanted, maxBytes = Number.POSITIVE_INFINITY) => {
      reads.push(wanted.map(({ path }) => path));
      return wanted.map(({ id, path }) => {
        const bytes = contents.get(id) as Uint8Array;
        if (bytes.length > maxBytes) throw new EvenkeelError('FILE_TOO_LARGE', `${path} is too large`);
        return bytes;
      });
    },
  };
}

const config = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

async function namesIn(files: { [path: string]: string }, path = '', options: LoadDirectoryOptions = {}): Promise<string[]> {
  const { manifests } = await loadDirectory(treeOf(files), path, options);
  return manifests.map(({ object, source }) => `${source.file}:${object.metadata.name}`);
}

async function refusal(step: Promise<unknown>): Promise<EvenkeelError> {
  const error = await step.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EvenkeelError) return error;
  throw error ?? new Error('nothing was thrown');
}

describe('loadDirectory', () => {
  const files = {
    'app/b.yml': config('b'),
    'app/a.yaml': `${config('a2')}---\n${config('a1')}`,
    'app/sub/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    'app/README.md': '# {{ not yaml',
    'app/.hidden.yaml': ': [',
    'app/.github/workflow.yaml': ': [',
    'other/d.yaml': config('d'),
  };

  it('reads yaml, yml and json below the path, by path and then as they stand', async () => {
    expect(await namesIn(files, 'app')).toStrictEqual(['app/a.yaml:a2', 'app/a.yaml:a1', 'app/b.yml:b', 'app/sub/c.json:c']);
    expect(await namesIn(files, './other/')).toStrictEqual(['other/d.yaml:d']);
    expect(await namesIn(files, 'app', { recurse: false })).toStrictEqual(['app/a.yaml:a2', 'app/a.yaml:a1', 'app/b.yml:b']);
    expect(await namesIn(files)).toHaveLength(5);
  });

  it('reads a single file whatever its name', async () => {
    expect(await namesIn({ 'a/x.txt': config('x') }, 'a/x.txt')).toStrictEqual(['a/x.txt:x']);
    expect(await namesIn(files, 'app/b.yml')).toStrictEqual(['app/b.yml:b']);
  });

  it('takes globs relative to the path', async () => {
    expect(await namesIn(files, 'app', { include: ['*.json'] })).toStrictEqual(['app/sub/c.json:c']);
    expect(await namesIn(files, 'app', { exclude: ['sub', 'a.*'] })).toStrictEqual(['app/b.yml:b']);
    expect(await namesIn(files, '', { include: ['app/**', 'other/*'], exclude: ['**/sub/**', '.*', '.github'] })).toHaveLength(4);
  });

  it('names every file that it read, all in one batch', async () => {
    const tree = treeOf(files);
    const { read } = await loadDirectory(tree, 'app');
    expect(read.map(({ path }) => path)).toStrictEqual(['app/a.yaml', 'app/b.yml', 'app/sub/c.json']);
    expect(tree.reads).toHaveLength(1);
  });

  it('reports kustomization files and submodules instead of reading them', async () => {
    const result = await loadDirectory(treeOf({ ...files, 'app/kustomization.yaml': 'resources: []', 'app/vendor': '@' }), 'app');
    expect(result.kustomizationFiles).toStrictEqual(['app/kustomization.yaml']);
    expect(result.warnings).toStrictEqual(['app/vendor is a Git submodule and is not read']);
    expect(result.manifests).toHaveLength(4);
  });

  it('gathers the mistakes of all files', async () => {
    const error = await refusal(loadDirectory(treeOf({ 'a.yaml': 'a: [', 'b.yaml': 'replicas: 1\n', 'c.yaml': config('c') }), ''));
    expect(error.message).toMatch(/\(and 1 more\)$/);
    expect(error.details['problems']).toMatchObject([
      { code: 'MANIFEST_YAML_INVALID', where: { file: 'a.yaml' } },
      { code: 'MANIFEST_NOT_OBJECT', where: { file: 'b.yaml', line: 1 }, hint: expect.stringContaining('exclude') as string },
    ]);
  });

  it('warns of a file without objects and of keys that stand twice', async () => {
    const { warnings } = await loadDirectory(
      treeOf({ 'a.yaml': '# nothing\n', 'b.yaml': `${config('b')}data: {x: "1"}\ndata: {x: "2"}\n` }),
      '',
    );
    expect(warnings).toMatchObject(['a.yaml holds no Kubernetes object', expect.stringMatching(/^b\.yaml:5:1: the key "data"/)]);
  });

  it('refuses what is not UTF-8, and says UTF-16 where it is that', async () => {
    const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0]);
    expect((await refusal(loadDirectory(treeOf({ 'a.yaml': utf16 }), ''))).message).toContain('UTF-16');
    expect((await refusal(loadDirectory(treeOf({ 'a.yaml': new Uint8Array([0x61, 0xe9]) }), ''))).code).toBe('MANIFEST_NOT_UTF8');
  });

  it('keeps to its limits', async () => {
    const three = { 'a.yaml': config('a'), 'b.yaml': config('b'), 'c.yaml': config('c') };
    expect((await refusal(loadDirectory(treeOf(three), '', { maxFiles: 2 }))).code).toBe('MANIFEST_TOO_LARGE');
    expect((await refusal(loadDirectory(treeOf(three), '', { maxTotalBytes: 100 }))).code).toBe('MANIFEST_TOO_LARGE');
    expect((await refusal(loadDirectory(treeOf(three), '', { maxFileBytes: 10 }))).code).toBe('FILE_TOO_LARGE');
  });
});

describe('paths that do not exist', () => {
  it('names the nearest folder that does, and what was meant', async () => {
    const error = await refusal(loadDirectory(treeOf({ 'k8s/production/a.yaml': config('a') }), 'k8s/prodution/x'));
    expect(error.code).toBe('MANIFEST_PATH_NOT_FOUND');
    expect(error.details['nearestExisting']).toBe('k8s');
    expect(error.hint).toContain('k8s/production');
  });
  it('lists what there is where nothing is near', async () => {
    expect((await refusal(loadDirectory(treeOf({ 'k8s/a.yaml': config('a') }), 'zzzzzz'))).hint).toContain('k8s');
  });
});

describe('symbolic links', () => {
  it('are followed inside the tree, to files and folders, through others', async () => {
    const files = {
      'base/a.yaml': config('a'),
      'base/deep/b.yaml': config('b'),
      'app/link.yaml': '->../base/a.yaml',
      'app/all': '->./two',
      'app/two': '->../base/deep',
    };
    expect(await namesIn(files, 'app', { exclude: ['two'] })).toStrictEqual(['app/all/b.yaml:b', 'app/link.yaml:a']);
    expect(await namesIn(files, 'app/all')).toStrictEqual(['app/all/b.yaml:b']);
    expect(await namesIn(files, 'app/link.yaml')).toStrictEqual(['app/link.yaml:a']);
  });

  it.each([
    ['->/etc/passwd', 'MANIFEST_LINK_OUTSIDE'],
    ['->../../x', 'MANIFEST_LINK_OUTSIDE'],
    ['->../../../app/a.yaml', 'MANIFEST_LINK_OUTSIDE'],
    ['->nothing.yaml', 'MANIFEST_LINK_BROKEN'],
    ['->l.yaml', 'MANIFEST_LINK_BROKEN'],
    ['->.', 'MANIFEST_LINK_BROKEN'],
    ['->..', 'MANIFEST_LINK_BROKEN'],
  ])('refuses %s', async (link, code) => {
    const error = await refusal(loadDirectory(treeOf({ 'app/l.yaml': link, 'app/a.yaml': config('a') }), 'app'));
    expect(error.code).toBe(code);
    expect(error.message).toContain('app/l.yaml');
    expect(await namesIn({ 'app/l.yaml': link, 'app/a.yaml': config('a') }, 'app', { exclude: ['l.yaml'] })).toHaveLength(1);
  });

  it('do not multiply folders beyond the limit', async () => {
    const files: { [path: string]: string } = { 'd20/a.yaml': config('a') };
    for (let i = 0; i < 20; i++) for (const name of ['x', 'y']) files[`d${i}/${name}`] = `->../d${i + 1}`;
    expect((await refusal(loadDirectory(treeOf(files), 'd0', { maxFiles: 1000 }))).code).toBe('MANIFEST_TOO_LARGE');
  });
});

describe('the cache', () => {
  it('saves reading and parsing, by contents and whatever the path', async () => {
    const stored = new Map<string, string>();
    const cache: ParseCache = {
      get: async (ids) => new Map(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id) as string]] : []))),
      put: async (entries) => {
        for (const { key, value } of entries) stored.set(key, value);
      },
    };
    const big = `${config('a')}data: {}\nspec: {n: 9007199254740993}\n`;
    const first = await loadDirectory(treeOf({ 'a.yaml': big }), '', { cache });
    const tree = treeOf({ 'moved/b.yaml': big });
    const second = await loadDirectory(tree, 'moved', { cache });
    expect(tree.reads.flat()).toStrictEqual([]);
    expect(second.manifests[0]?.object).toStrictEqual(first.manifests[0]?.object);
    expect(second.manifests[0]?.source).toStrictEqual({ file: 'moved/b.yaml', line: 1, column: 1 });
  });

  it('holds no file with a Secret', async () => {
    const puts: unknown[] = [];
    const cache: ParseCache = { get: async () => new Map(), put: async (entries) => void puts.push(...entries) };
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: hunter2}\n';
    await loadDirectory(treeOf({ 'a.yaml': config('a'), 's.yaml': secret }), '', { cache });
    expect(puts).toHaveLength(1);
    expect(JSON.stringify(puts)).not.toContain('hunter2');
  });
});
