import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, KubeObject } from '../../model/index.js';
import { adviceOn } from '../advice.js';
import { fieldChanges } from '../field-changes.js';
import { buildGraph } from '../graph.js';
import { noRules } from '../rules.js';
import type { Compared } from '../types.js';
import { impactOf } from './index.js';

const names = [
  'spec',
  'template',
  'metadata',
  'labels',
  'containers',
  'name',
  'image',
  'resources',
  'limits',
  'memory',
  'selector',
  'matchLabels',
  'matchExpressions',
  'ports',
  'port',
  'rules',
  'verbs',
  'apiGroups',
  'subjects',
  'roleRef',
  'backendRefs',
  'http',
  'paths',
  'backend',
  'service',
  'webhooks',
  'versions',
  'volumes',
  'hostPath',
  'securityContext',
  'capabilities',
  'add',
  'replicas',
  'data',
  'tls',
  'hosts',
  '__proto__',
  'constructor',
];

const value: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 6, depthIdentifier: 'json' },
    fc.constantFrom<Json>(null, true, 0, 3, -1, '', 'x', '*', '1Gi', '100%', 'app'),
    fc.array(tie('any'), { maxLength: 3, depthIdentifier: 'json' }),
    fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 5, depthIdentifier: 'json', noNullPrototype: true }),
  ) as fc.Arbitrary<Json>,
})).any;

const types: readonly (readonly [string, string])[] = [
  ['v1', 'ConfigMap'],
  ['v1', 'Service'],
  ['v1', 'Namespace'],
  ['v1', 'Pod'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'ServiceAccount'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ['toString/v1', 'constructor'],
];

const object: fc.Arbitrary<KubeObject> = fc
  .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4, noNullPrototype: true }), value)
  .map(([[apiVersion, kind], rest, spec]) => ({
    ...rest,
    spec,
    apiVersion,
    kind,
    metadata: { name: 'x', namespace: 'ns', labels: { app: 'x' } },
  }));

const item = (before: KubeObject, after: KubeObject): Compared => ({
  desired: {
    key: { group: '', kind: after.kind, namespace: 'ns', name: 'x' },
    gvk: { group: '', version: 'v1', kind: after.kind },
    resource: undefined,
    object: after,
    hash: '',
    wave: 0,
    source: { file: 'x.yaml' },
    rules: noRules,
  },
  action: 'update',
  live: before,
  send: after,
  force: false,
  afterDeletion: false,
  conflicts: [],
  warnings: [],
});

describe('impact and warnings', () => {
  it('come to an end with few short sentences for objects of any shape', () => {
    fc.assert(
      fc.property(object, object, fc.array(object, { maxLength: 4 }), (before, after, others) => {
        const old = { ...before, apiVersion: after.apiVersion, kind: after.kind };
        const graph = buildGraph([after, ...others]);
        const changes = fieldChanges(old, after);
        for (const type of ['create', 'update', 'delete'] as const) {
          const { reasons } = impactOf({
            type,
            object: after,
            ...(type === 'create' ? {} : { live: old }),
            changes,
            graph,
            restarts: () => false,
          });
          expect(reasons.length).toBeLessThanOrEqual(31);
          for (const reason of reasons) expect(reason.length).toBeLessThanOrEqual(401);
        }
        adviceOn({
          comparison: { items: [item(old, after)], prune: [], leftovers: [], gone: [], warnings: [] },
          graph,
          changed: [{ item: item(old, after), paths: ['data.x'] }],
          restarts: () => false,
          hooks: [after],
        });
      }),
      { numRuns: 300 },
    );
  });
});
