import { describe, expect, it } from 'vitest';
import { EvenkeelError, type Manifest } from '../model/index.js';
import { checkDuplicates } from './duplicates.js';
import { type KindResolver, resolverWithCrds } from './kinds.js';
import { assignNamespaces } from './namespaces.js';

const resources = [
  { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
];
const cluster: KindResolver = {
  resources,
  find: (gvk) => resources.find((r) => r.group === gvk.group && r.version === gvk.version && r.kind === gvk.kind),
};

function manifest(apiVersion: string, kind: string, metadata: Manifest['object']['metadata'], spec?: unknown): Manifest {
  return {
    object: { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) },
    source: { file: `${metadata.name}.yaml`, line: 7, column: 1 },
  };
}

function refusal(step: () => unknown): EvenkeelError {
  try {
    step();
  } catch (error) {
    if (error instanceof EvenkeelError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const crd = manifest(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  { name: 'crd' },
  {
    group: 'e.com',
    scope: 'Cluster',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      { name: 'v1', served: true },
      { name: 'v1alpha1', served: false },
    ],
  },
);

describe('assignNamespaces', () => {
  it('gives the default namespace, keeps a named one, and takes it off cluster-wide kinds with a warning', () => {
    const given = [
      manifest('v1', 'ConfigMap', { name: 'a' }),
      manifest('v1', 'ConfigMap', { name: 'b', namespace: 'own' }),
      manifest('v1', 'ConfigMap', { name: 'c', namespace: '' }),
      manifest('v1', 'Namespace', { name: 'd', namespace: 'shop' }),
    ];
    const { manifests, warnings } = assignNamespaces(given, { resolver: cluster, defaultNamespace: 'shop' });
    expect(manifests.map(({ object }) => object.metadata)).toStrictEqual([
      { name: 'a', namespace: 'shop' },
      { name: 'b', namespace: 'own' },
      { name: 'c', namespace: 'shop' },
      { name: 'd' },
    ]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^d\.yaml:7: .*"shop"/);
    expect(given[0]?.object.metadata).toStrictEqual({ name: 'a' });
  });

  it('knows kinds that the manifests define, in the versions that are served', () => {
    const widget = (version: string) => manifest(`e.com/${version}`, 'Widget', { name: 'w' });
    const base: KindResolver = {
      resources,
      find: (gvk) => (gvk.kind === 'CustomResourceDefinition' ? { namespaced: false, plural: 'x' } : cluster.find(gvk)),
    };
    const resolver = resolverWithCrds([crd], base);
    expect(assignNamespaces([crd, widget('v1')], { resolver, defaultNamespace: 'shop' }).manifests[1]?.object.metadata).toStrictEqual({
      name: 'w',
    });
    expect(refusal(() => assignNamespaces([widget('v1alpha1')], { resolver, defaultNamespace: 'shop' })).hint).toContain(
      'Widget of e.com/v1',
    );
  });

  it('survives a CustomResourceDefinition of any shape', () => {
    const odd = (spec: unknown) => manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { name: 'x' }, spec);
    for (const spec of [
      null,
      [],
      'x',
      { group: 1 },
      { group: 'e', names: [] },
      { group: 'e', names: { kind: 'K' }, versions: [null, 1, { name: 1 }] },
    ])
      expect(resolverWithCrds([odd(spec)], cluster).find({ group: 'e', version: 'v1', kind: 'K' })).toBeUndefined();
  });

  it('names all unknown kinds, where they are, and the nearest known one', () => {
    const error = refusal(() =>
      assignNamespaces(
        [
          manifest('apps/v1', 'Deploymnet', { name: 'a' }),
          manifest('apps/v1beta1', 'Deployment', { name: 'b' }),
          manifest('x.io/v1', 'Foo', { name: 'c' }),
        ],
        {
          resolver: cluster,
          defaultNamespace: 'shop',
        },
      ),
    );
    expect(error.code).toBe('MANIFEST_UNKNOWN_KIND');
    expect(error.where).toMatchObject({ file: 'a.yaml', line: 7, resource: 'Deploymnet/a' });
    expect(error.details['problems']).toMatchObject([
      { hint: expect.stringContaining('Is Deployment of apps/v1 meant?') as string },
      { hint: expect.stringContaining('Is Deployment of apps/v1 meant?') as string },
      { hint: expect.stringMatching(/^If it is a custom kind/) as string },
    ]);
  });
});

describe('checkDuplicates', () => {
  it('refuses the same object in two versions, naming both places', () => {
    const error = refusal(() =>
      checkDuplicates([
        { ...manifest('apps/v1', 'Deployment', { name: 'a', namespace: 'n' }), source: { file: 'x.yaml', line: 1, column: 1 } },
        { ...manifest('apps/v1beta1', 'Deployment', { name: 'a', namespace: 'n' }), source: { file: 'y.yaml', line: 9, column: 1 } },
      ]),
    );
    expect(error.code).toBe('MANIFEST_DUPLICATE');
    expect(error.message).toContain('x.yaml:1:1');
    expect(error.message).toContain('y.yaml:9:1');
  });

  it('lets pass what differs in group, kind, namespace or name, and what only generates a name', () => {
    expect(() =>
      checkDuplicates([
        manifest('apps/v1', 'Deployment', { name: 'a', namespace: 'n' }),
        manifest('x.io/v1', 'Deployment', { name: 'a', namespace: 'n' }),
        manifest('apps/v1', 'Deployment', { name: 'a', namespace: 'm' }),
        manifest('v1', 'ConfigMap', { name: 'a', namespace: 'n' }),
        manifest('v1', 'ConfigMap', { generateName: 'a-', namespace: 'n' }),
        manifest('v1', 'ConfigMap', { generateName: 'a-', namespace: 'n' }),
      ]),
    ).not.toThrow();
  });
});
