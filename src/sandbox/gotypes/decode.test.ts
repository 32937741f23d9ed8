import { describe, expect, it } from 'vitest';
import { DecodeError, decodeStruct, zeroStruct } from './decode.js';
import { type GoStruct, kindStruct } from './types.js';

const deployment = kindStruct('apps', 'v1', 'Deployment') as GoStruct;
const read = (value: unknown) => decodeStruct(deployment, value, 'v1.Deployment');

describe('decodeStruct', () => {
  it('writes empty structures and leaves out empty optional fields', () => {
    const { value } = read({
      metadata: { labels: {} },
      spec: { paused: false, template: { spec: { containers: [{ name: 'a', args: [] }] } } },
    });
    expect(value).toEqual({
      metadata: { creationTimestamp: null },
      spec: {
        selector: null,
        strategy: {},
        template: { metadata: { creationTimestamp: null }, spec: { containers: [{ name: 'a', resources: {} }] } },
      },
      status: {},
    });
  });

  it('tells unknown fields with their place', () => {
    expect(read({ spec: { replicaCount: 1, template: { spec: { containers: [{ imge: 'x' }] } } } }).unknown).toEqual([
      'spec.template.spec.containers[0].imge',
      'spec.replicaCount',
    ]);
  });

  it.each([
    [{ spec: { replicas: 'three' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [{ spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [{ metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    [[], 'json: cannot unmarshal array into Go value of type v1.Deployment'],
  ])('words %j as the API server does', (value, message) => expect(() => read(value)).toThrow(new DecodeError(message)));

  it('drops nulls, canonicalises quantities, keeps integers beyond 2^53', () => {
    const { value } = read({
      metadata: { generation: 9007199254740993n },
      spec: { replicas: null, template: { spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1000m' } } }] } } },
    });
    expect(value).toMatchObject({
      metadata: { generation: 9007199254740993n },
      spec: { template: { spec: { containers: [{ resources: { limits: { cpu: '1' } } }] } } },
    });
    expect(value['spec']).not.toHaveProperty('replicas');
  });

  it('keeps keys that are dangerous as their own', () => {
    const labels = JSON.parse('{"__proto__":"x"}') as object;
    const { value } = read({ metadata: { labels } });
    expect(Object.keys((value['metadata'] as { labels: object }).labels)).toEqual(['__proto__']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('knows the empty form of each kind', () => {
    expect(zeroStruct(kindStruct('', 'v1', 'ConfigMap') as GoStruct)).toEqual({ metadata: { creationTimestamp: null } });
    expect(zeroStruct(kindStruct('apps', 'v1', 'StatefulSet') as GoStruct)).toMatchObject({
      spec: { serviceName: '' },
      status: { replicas: 0, availableReplicas: 0 },
    });
  });
});
