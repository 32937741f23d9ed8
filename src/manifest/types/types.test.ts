import { describe, expect, test } from 'vitest';
import {
  builtinDefinition,
  builtinResources,
  builtinSchema,
  builtinVersions,
  resourceOfKind,
  resourceOfPlural,
  schemaFromOpenApiV3,
  validateShape,
} from './index.js';
import type { TypeSchema } from './schema.js';

const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' }) as TypeSchema;

function at(schema: TypeSchema, path: string): TypeSchema {
  return path.split('.').reduce((s, key) => (key === '[]' ? s.items : (s.properties?.get(key) ?? s.additional)) as TypeSchema, schema);
}

describe('built-in schemas', () => {
  test('lists carry what they merge by', () => {
    const containers = at(deployment, 'spec.template.spec.containers');
    expect(containers).toMatchObject({
      kind: 'array',
      listType: 'map',
      mapKeys: ['name'],
      patchMergeKey: 'name',
      patchStrategy: ['merge'],
    });
    expect(at(deployment, 'spec.template.spec.volumes').patchStrategy).toEqual(['merge', 'retainKeys']);
    expect(at(deployment, 'metadata.finalizers')).toMatchObject({ kind: 'array', listType: 'set' });
  });

  test('keys that may be left out have their defaults', () => {
    expect(at(deployment, 'spec.template.spec.containers.[].ports.[].protocol').default).toBe('TCP');
    expect(at(builtinSchema({ group: '', version: 'v1', kind: 'Service' }) as TypeSchema, 'spec.ports.[].protocol').default).toBe('TCP');
    expect(at(deployment, 'spec.template.spec.containers.[].name').default).toBe('');
    expect(at(deployment, 'spec.template.spec.containers.[].image').default).toBeUndefined();
  });

  test('a field says more than the definition it refers to', () => {
    expect(at(deployment, 'spec.selector').mapType).toBe('atomic');
    expect(at(deployment, 'spec.template.spec.nodeSelector')).toMatchObject({ kind: 'map', mapType: 'atomic' });
    expect(at(deployment, 'spec.replicas')).toMatchObject({ kind: 'integer', format: 'int32' });
    expect(at(deployment, 'spec.strategy.rollingUpdate.maxSurge').intOrString).toBe(true);
    expect(at(deployment, 'spec.template.spec.containers.[].resources.limits.cpu').format).toBe('quantity');
  });

  test('definitions that contain themselves end', () => {
    const props = builtinDefinition('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps') as TypeSchema;
    expect(at(props, 'properties.x.properties.y.not').name).toMatch(/JSONSchemaProps$/);
  });

  test('unknown kinds have none, names of prototypes among them', () => {
    for (const kind of ['Nope', 'constructor', '__proto__', 'toString'])
      expect(builtinSchema({ group: 'apps', version: 'v1', kind })).toBeUndefined();
  });
});

describe('built-in resources', () => {
  test('tell scope, names and subresources', () => {
    expect(resourceOfPlural('', 'v1', 'pods')).toMatchObject({
      kind: 'Pod',
      namespaced: true,
      shortNames: ['po'],
      categories: ['all'],
      singular: 'pod',
    });
    expect(resourceOfKind('', 'v1', 'Namespace')).toMatchObject({ plural: 'namespaces', namespaced: false });
    expect(resourceOfKind('apps', 'v1', 'Deployment')?.subresources.map((s) => [s.name, s.group, s.kind])).toEqual([
      ['scale', 'autoscaling', 'Scale'],
      ['status', 'apps', 'Deployment'],
    ]);
    expect(resourceOfKind('', 'v1', 'ConfigMap')?.verbs).toEqual([
      'create',
      'delete',
      'deletecollection',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ]);
    expect(resourceOfKind('authorization.k8s.io', 'v1', 'SelfSubjectAccessReview')?.verbs).toEqual(['create']);
    expect(builtinVersions()['autoscaling']).toEqual(['v2', 'v1']);
  });

  test('every listed kind that can be listed has a schema', () => {
    const without = builtinResources().filter((r) => r.verbs.includes('list') && builtinSchema(r) === undefined);
    expect(without.map((r) => r.kind)).toEqual([]);
  });
});

describe('schemas of custom resources', () => {
  const widget = schemaFromOpenApiV3({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', format: 'int32', default: 1 },
          port: { 'x-kubernetes-int-or-string': true },
          parts: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: { type: 'string' } } },
          },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
          labels: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
          maybe: { type: 'string', nullable: true, enum: ['a', 'b'] },
        },
      },
    },
  });

  test('carry the extensions', () => {
    expect(at(widget, 'spec')).toMatchObject({ kind: 'object', required: ['size'] });
    expect(at(widget, 'spec.size')).toMatchObject({ kind: 'integer', format: 'int32', default: 1 });
    expect(at(widget, 'spec.port')).toMatchObject({ kind: 'any', intOrString: true });
    expect(at(widget, 'spec.parts')).toMatchObject({ listType: 'map', mapKeys: ['name'] });
    expect(at(widget, 'spec.labels')).toMatchObject({ kind: 'map', mapType: 'atomic' });
    expect(at(widget, 'spec.maybe')).toMatchObject({ nullable: true, enum: ['a', 'b'] });
    expect(at(widget, 'spec.template')).toMatchObject({ embeddedResource: true, preserveUnknown: true });
    expect(at(widget, 'spec.template.metadata.ownerReferences').mapKeys).toEqual(['uid']);
    expect(at(widget, 'metadata.finalizers').listType).toBe('set');
  });

  test('wrong members are told, kept ones are not', () => {
    const problems = validateShape(widget, {
      apiVersion: 'x/v1',
      kind: 'Widget',
      spec: { size: 'big', sise: 1, free: { any: 1 }, port: 'http' },
    });
    expect(problems.map((p) => p.message)).toEqual([
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
      'unknown field "spec.sise"',
    ]);
  });
});

describe('validateShape', () => {
  const object = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec });

  test('finds misspelt fields with their path', () => {
    const problems = validateShape(deployment, object({ replcas: 1, template: { spec: { containers: [{ name: 'a', imge: 'x' }] } } }));
    expect(problems).toEqual([
      { kind: 'unknown', path: 'spec.replcas', message: 'unknown field "spec.replcas"' },
      { kind: 'unknown', path: 'spec.template.spec.containers[0].imge', message: 'unknown field "spec.template.spec.containers[0].imge"' },
    ]);
  });

  test('words wrong types as the server does', () => {
    const [problem] = validateShape(deployment, object({ replicas: '3' }));
    expect(problem).toEqual({
      kind: 'type',
      path: 'spec.replicas',
      message: 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    });
    expect(validateShape(deployment, object({ replicas: 1.5 }))[0]?.message).toContain('number 1.5');
    expect(validateShape(deployment, object({ template: { spec: { containers: {} } } }))[0]?.message).toBe(
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    );
  });

  test('null is nothing, quantities and int-or-string take both forms', () => {
    const spec = {
      replicas: null,
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
      template: { spec: { containers: [{ name: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } } }] } },
    };
    expect(validateShape(deployment, object(spec))).toEqual([]);
  });
});
