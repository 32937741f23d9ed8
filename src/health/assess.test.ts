import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/index.js';
import { healthOrder } from './aggregate.js';
import { assessHealth } from './assess.js';
import { explainWait } from './explain.js';
import { builtinKinds } from './kinds/table.js';
import { ruleTables } from './rules/registry.js';
import { conditions, object } from './test-objects.js';

const everyKind = [
  ...builtinKinds.keys(),
  ...ruleTables
    .flat()
    .flatMap((entry) =>
      (entry.kinds === '*' ? ['Anything', 'SomePolicy'] : entry.kinds).map((kind) => `${entry.group.replace('*', 'x')}/${kind}`),
    ),
];

const word = fc.constantFrom('Ready', 'True', 'False', 'Unknown', 'Running', 'Failed', 'Synced', '__proto__', 'constructor', '', '2');
const fieldName = fc.constantFrom(
  'conditions',
  'phase',
  'state',
  'status',
  'observedGeneration',
  'replicas',
  'readyReplicas',
  'type',
  'reason',
  'message',
  'ingress',
  'parents',
  'ancestors',
  'listeners',
  'canaryStatus',
  'strategy',
  'canary',
  'executorState',
  'spec',
  'metadata',
  '__proto__',
  'toString',
);
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 1, 2, 2n ** 60n, -1, 0.5),
    word,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.record({ type: word, status: word, reason: tie('value'), message: tie('value'), observedGeneration: tie('value') }), {
      maxLength: 3,
    }),
    fc.dictionary(fieldName, tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
})).value;

describe('assessHealth', () => {
  it('takes any JSON for any kind, throws nothing, gives the same answer twice and leaves the object alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyKind, 'example.org/Widget'), anything, anything, anything, (key, metadata, spec, status) => {
        const input = {
          apiVersion: `${key.slice(0, key.lastIndexOf('/'))}/v1`,
          kind: key.slice(key.lastIndexOf('/') + 1),
          metadata,
          spec,
          status,
        } as unknown as KubeObject;
        const before = structuredClone(input);
        const health = assessHealth(input);
        expect(assessHealth(input)).toEqual(health);
        expect(input).toEqual(before);
        if (health !== null) {
          expect(healthOrder).toContain(health.status);
          expect(typeof health.message).toBe('string');
        }
        expect(explainWait(input, health)).not.toMatch(/\n/);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes what is no object at all', () => {
    fc.assert(
      fc.property(anything, (value) => {
        assessHealth(value as KubeObject);
      }),
    );
    expect(assessHealth(null as unknown as KubeObject)).toBeNull();
  });

  it('is pure: frozen objects will do', () => {
    const frozen = Object.freeze(object('Service', { spec: Object.freeze({ type: 'ClusterIP' }) }));
    expect(assessHealth(frozen)?.status).toBe('Healthy');
  });

  it('says that what is being deleted is pending, whatever its status says', () => {
    const metadata = { deletionTimestamp: '2030-01-01T00:00:00Z' };
    for (const kind of ['apps/Deployment', 'ConfigMap', 'cert-manager.io/Certificate', 'example.org/Widget'])
      expect(assessHealth(object(kind, { metadata, status: { conditions: conditions('Ready=True') } }))).toEqual({
        status: 'Progressing',
        message: 'Pending deletion',
      });
  });

  it('reads how a hook ended while its finalizer keeps it', () => {
    const metadata = { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['argocd.argoproj.io/hook-finalizer'] };
    expect(assessHealth(object('batch/Job', { metadata, status: { conditions: conditions('Complete=True') } }))?.status).toBe('Healthy');
  });

  it.each(['cert-manager.io/Certificate', 'kafka.strimzi.io/KafkaTopic', 'policy/PodDisruptionBudget', 'example.org/Widget'])(
    'does not believe a status of %s that is older than the spec',
    (kind) => {
      const at = (observedGeneration: number) =>
        assessHealth(object(kind, { metadata: { generation: 2 }, status: { observedGeneration, conditions: conditions('Ready=True:x') } }));
      expect(at(1)?.status).toBe('Progressing');
      expect(at(2)?.status).toBe('Healthy');
    },
  );

  it('does not believe a Ready condition that is older than the spec, but lets other conditions lie', () => {
    const certificate = (ready: number, issuing: number) =>
      assessHealth(
        object('cert-manager.io/Certificate', {
          metadata: { generation: 2 },
          status: {
            conditions: [
              { type: 'Ready', status: 'True', observedGeneration: ready },
              { type: 'Issuing', status: 'False', observedGeneration: issuing },
            ],
          },
        }),
      )?.status;
    expect(certificate(1, 2)).toBe('Progressing');
    expect(certificate(2, 1)).toBe('Healthy');
  });
});
