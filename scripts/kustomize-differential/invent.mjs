// Trees of kustomizations by chance, the same for the same seed.
import { inventObject, kinds } from './objects.mjs';
import { inventPatch } from './patches.mjs';
import { makeRandom } from './random.mjs';
import { yaml } from './yaml.mjs';

/**
 * @param {number} seed
 * @param {number} size how many objects a base has at most
 * @returns {{ files: { [path: string]: string }, path: string }}
 */
export function inventTree(seed, size) {
  const random = makeRandom(seed);
  const files = {};
  const objects = [];
  const bases = random.int(1, 2);
  for (let i = 0; i < bases; i++) {
    const folder = `base${i}`;
    const own = [];
    for (let j = random.int(1, size); j > 0; j--) own.push(inventObject(random, random.pick(kinds)));
    objects.push(...own);
    const names = [];
    const split = random.chance(0.6);
    if (split)
      for (const [j, object] of own.entries()) {
        names.push(`r${j}.yaml`);
        files[`${folder}/r${j}.yaml`] = yaml(object, random);
      }
    else {
      names.push('all.yaml');
      files[`${folder}/all.yaml`] = own.map((object) => yaml(object, random)).join('---\n');
    }
    const k = { resources: names, ...inventFields(random, { objects: own, files, folder, many: 0.25 }) };
    files[`${folder}/kustomization.yaml`] = yaml(k, random);
  }
  const folder = 'overlay';
  const k = {
    resources: Array.from({ length: bases }, (_, i) => `../base${i}`),
    ...inventFields(random, { objects, files, folder, many: 0.5 }),
  };
  if (random.chance(0.2)) {
    files['component/kustomization.yaml'] = yaml(
      {
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
        ...inventFields(random, { objects, files, folder: 'component', many: 0.3 }),
      },
      random,
    );
    k.components = ['../component'];
  }
  if (random.chance(0.1)) k.sortOptions = { order: random.pick(['fifo', 'legacy']) };
  if (random.chance(0.1)) k.buildMetadata = [random.pick(['originAnnotations', 'transformerAnnotations', 'managedByLabel'])];
  files[`${folder}/kustomization.yaml`] = yaml(k, random);
  if (random.chance(0.6)) return { files, path: folder };
  // Another layer, in which a base may stand twice.
  const again = random.chance(0.6);
  if (again) {
    const second = {
      resources: ['../base0'],
      namePrefix: 'second-',
      ...inventFields(random, { objects, files, folder: 'second', many: 0.15 }),
    };
    if (random.chance(0.2)) second.namespace = 'second';
    files['second/kustomization.yaml'] = yaml(second, random);
  }
  files['top/kustomization.yaml'] = yaml(
    { resources: ['../overlay', ...(again ? ['../second'] : [])], ...inventFields(random, { objects, files, folder: 'top', many: 0.2 }) },
    random,
  );
  return { files, path: 'top' };
}

function inventFields(random, { objects, files, folder, many }) {
  const k = {};
  const maybe = (chance = 1) => random.chance(many * chance);
  const object = () => random.pick(objects);
  if (maybe()) k.namespace = random.pick(['shop', 'prod', 'default', 'a-b']);
  if (maybe()) k.namePrefix = random.pick(['dev-', 'x-', 'a1-']);
  if (maybe(0.6)) k.nameSuffix = random.pick(['-v2', '-blue']);
  if (maybe(0.6))
    k.commonLabels = random.pick([{ app: 'web' }, { app: 'other', tier: 'front' }, { 'app.kubernetes.io/name': 'x', n: '1' }]);
  if (maybe(0.6))
    k.labels = [
      {
        pairs: random.pick([{ team: 'red' }, { app: 'web' }, { v: 'true', w: 'no' }]),
        ...(random.chance(0.4) ? { includeSelectors: random.chance(0.7) } : {}),
        ...(random.chance(0.4) ? { includeTemplates: random.chance(0.7) } : {}),
        ...(random.chance(0.2) ? { fields: [{ path: 'spec/extra/labels', kind: 'Widget', create: true }] } : {}),
      },
    ];
  if (maybe(0.6))
    k.commonAnnotations = random.pick([{ note: 'a: b' }, { note: 'true', 'x.y/z': '1' }, { long: 'word '.repeat(25).trim() }]);
  if (maybe(0.7))
    k.images = Array.from({ length: random.int(1, 2) }, () => ({
      name: random.pick(['nginx', 'registry.example/shop/web', 'busy.*', 'redis', 'ngin']),
      ...(random.chance(0.4) ? { newName: random.pick(['mirror/nginx', 'localhost:5000/x']) } : {}),
      ...(random.chance(0.5) ? { newTag: random.pick(['1.2.3', 'latest', '1']) } : {}),
      ...(random.chance(0.15) ? { digest: `sha256:${'ab'.repeat(32)}` } : {}),
      ...(random.chance(0.1) ? { tagSuffix: '-alpine' } : {}),
    }));
  const scaled = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  if (scaled.length > 0 && maybe(0.4)) k.replicas = [{ name: random.pick(scaled).metadata.name, count: random.int(0, 9) }];
  if (maybe(0.8))
    k.patches = Array.from({ length: random.int(1, 3) }, (_, i) => inventPatch(random, { object: object(), files, folder, i }));
  if (maybe(0.2)) {
    const { patch } = inventPatch(random, { object: object(), files, folder, i: 9, merge: true, inline: true });
    k.patchesStrategicMerge = [patch];
  }
  if (maybe(0.2)) {
    const target = object();
    const operations = inventPatch(random, { object: target, files, folder, i: 8, json: true, inline: true }).patch;
    k.patchesJson6902 = [{ target: { kind: target.kind, name: target.metadata.name }, patch: operations }];
  }
  if (maybe(0.15)) {
    files[`${folder}/schema.json`] = JSON.stringify(widgetSchema);
    k.openapi = { path: 'schema.json' };
  }
  if (maybe(0.15)) {
    files[`${folder}/made.yaml`] = yaml(
      {
        apiVersion: 'builtin',
        kind: 'ConfigMapGenerator',
        metadata: { name: `${folder}-made`, namespace: 'shop' },
        literals: ['a=1'],
        options: { disableNameSuffixHash: random.chance(0.5) },
      },
      random,
    );
    k.generators = ['made.yaml'];
  }
  if (maybe(0.6)) k.configMapGenerator = [generator(random, files, folder, 'ConfigMap')];
  if (maybe(0.3)) k.secretGenerator = [generator(random, files, folder, 'Secret')];
  if (maybe(0.2))
    k.generatorOptions = random.pick([
      { disableNameSuffixHash: true },
      { labels: { g: 'x' }, immutable: true },
      { annotations: { g: 'x' } },
    ]);
  if (maybe(0.5)) k.replacements = [replacement(random, objects)];
  if (maybe(0.2)) {
    const target = object();
    k.vars = [
      {
        name: 'NAME',
        objref: { apiVersion: target.apiVersion, kind: target.kind, name: target.metadata.name },
        ...(random.chance(0.4)
          ? { fieldref: { fieldpath: random.pick(['metadata.name', 'spec.replicas', 'metadata.labels.app', 'kind']) } }
          : {}),
      },
    ];
  }
  if (maybe(0.2)) {
    files[`${folder}/config.yaml`] = yaml(
      {
        nameReference: [{ kind: 'ConfigMap', version: 'v1', fieldSpecs: [{ path: 'spec/configName', kind: 'Widget' }] }],
        ...(random.chance(0.5) ? { images: [{ path: 'spec/image', kind: 'Widget' }] } : {}),
        ...(random.chance(0.5) ? { commonLabels: [{ path: 'spec/selector/labels', create: random.chance(0.5), kind: 'Widget' }] } : {}),
        ...(random.chance(0.5) ? { replicas: [{ path: 'spec/size', create: true, kind: 'Widget' }] } : {}),
        ...(random.chance(0.3) ? { namePrefix: [{ path: 'spec/configName', kind: 'Widget' }] } : {}),
      },
      random,
    );
    k.configurations = ['config.yaml'];
  }
  if (maybe(0.2))
    k.transformers = [
      yaml(
        random.pick([
          {
            apiVersion: 'builtin',
            kind: 'LabelTransformer',
            metadata: { name: 'x' },
            labels: { t: 'x' },
            fieldSpecs: [{ path: 'metadata/labels', create: true }],
          },
          {
            apiVersion: 'builtin',
            kind: 'NamespaceTransformer',
            metadata: { name: 'x', namespace: 'forced' },
            unsetOnly: random.chance(0.5),
            setRoleBindingSubjects: random.pick(['allServiceAccounts', 'none', 'defaultOnly']),
            fieldSpecs: [{ path: 'metadata/name', kind: 'Namespace', create: true }],
          },
          {
            apiVersion: 'builtin',
            kind: 'PrefixTransformer',
            metadata: { name: 'x' },
            prefix: 'p-',
            fieldSpecs: [{ path: 'metadata/name' }],
          },
        ]),
        random,
      ),
    ];
  return k;
}

function generator(random, files, folder, kind) {
  const name = random.chance(0.2) ? random.pick(['settings', 'web', 'config']) : `${folder}-${kind.toLowerCase()}`;
  const args = { name };
  if (random.chance(0.7))
    args.literals = Array.from(
      { length: random.int(1, 3) },
      (_, i) => `k${i}=${random.pick(['v', 'a b', '"q"', "'q", '', 'x=y', 'é', '<&>', '1', 'true'])}`,
    );
  if (random.chance(0.3)) {
    files[`${folder}/app.properties`] = random.pick([
      'a=1\nb=2\n',
      'line  \nwith trailing\n',
      '\ttab\n',
      'no newline',
      'x\n\n\n',
      ' lead\n',
      '\u2028',
      'a'.repeat(200),
    ]);
    args.files = random.chance(0.5) ? ['app.properties'] : ['other=app.properties'];
  }
  if (random.chance(0.2)) {
    files[`${folder}/.env`] = random.pick(['E=1\n# c\nF= x \n', 'E\nG=a=b\n\n', '  E="q"\r\n']);
    args.envs = ['.env'];
  }
  if (random.chance(0.3))
    args.options = random.pick([{ disableNameSuffixHash: true }, { labels: { l: '1' } }, { annotations: { a: 'x' }, immutable: true }]);
  if (random.chance(name.includes('-') ? 0.02 : 0.5)) args.behavior = random.pick(['merge', 'replace', 'create']);
  if (random.chance(0.2)) args.namespace = random.pick(['shop', 'other']);
  if (kind === 'Secret' && random.chance(0.3)) args.type = 'kubernetes.io/tls';
  return args;
}

function replacement(random, objects) {
  const from = random.pick(objects);
  const to = random.pick(objects);
  return {
    source: {
      kind: from.kind,
      ...(random.chance(0.8) ? { name: from.metadata.name } : {}),
      ...(random.chance(0.8) ? { fieldPath: random.pick(['metadata.name', ...paths(from)]) } : {}),
      ...(random.chance(0.2) ? { options: { delimiter: random.pick([':', '-']), index: random.chance(0.8) ? 0 : 1 } } : {}),
    },
    targets: [
      {
        select: { kind: to.kind, ...(random.chance(0.6) ? { name: to.metadata.name } : {}) },
        ...(random.chance(0.2) ? { reject: [{ name: random.pick(objects).metadata.name }] } : {}),
        fieldPaths: [
          random.pick([
            'metadata.name',
            ...paths(to),
            'metadata.annotations.copied',
            'metadata.labels.app',
            'spec.template.spec.containers.[name=web].image',
            'spec.template.spec.containers.*.env.[name=MODE].value',
            'spec.replicas',
            'spec.extra.0.value',
            'metadata.annotations.[x.y/z]',
          ]),
        ],
        ...(random.chance(0.6)
          ? {
              options: {
                ...(random.chance(0.9) ? { create: true } : {}),
                ...(random.chance(0.3) ? { delimiter: ':', index: random.pick([0, 1, -1, 5]) } : {}),
              },
            }
          : {}),
      },
    ],
  };
}

/** Dotted paths to scalars of an object. */
function paths(value, path = '') {
  if (value === null || typeof value !== 'object' || '$raw' in value)
    return path === '' || path.startsWith('apiVersion') || path === 'kind' ? [] : [path];
  return Object.entries(value).flatMap(([key, item]) =>
    paths(item, `${path === '' ? '' : `${path}.`}${/[.]/.test(key) ? `[${key}]` : key}`),
  );
}

/** Items of a widget's `extra` merge by their value, those of its containers by name. */
const widgetSchema = {
  definitions: {
    'com.example.v1.Widget': {
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
      properties: {
        spec: {
          type: 'object',
          properties: {
            extra: {
              type: 'array',
              items: { type: 'object' },
              'x-kubernetes-patch-strategy': 'merge',
              'x-kubernetes-patch-merge-key': 'value',
            },
            containers: {
              type: 'array',
              items: { $ref: '#/definitions/com.example.v1.Container' },
              'x-kubernetes-patch-strategy': 'merge',
              'x-kubernetes-patch-merge-key': 'name',
            },
          },
        },
      },
    },
    'com.example.v1.Container': { type: 'object', properties: { name: { type: 'string' }, image: { type: 'string' } } },
  },
};
