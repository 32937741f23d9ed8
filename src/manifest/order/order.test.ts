import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../model/index.js';
import { builtinResources } from '../types/index.js';
import { compareForApply, compareForDelete, installRank } from './index.js';

const object = (apiVersion: string, kind: string, name = 'x', namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

describe('the order of installation', () => {
  it('puts what others need first and what answers every request last', () => {
    const wanted = [
      object('v1', 'Namespace'),
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
      object('v1', 'ResourceQuota'),
      object('v1', 'ServiceAccount'),
      object('v1', 'Secret'),
      object('v1', 'ConfigMap'),
      object('storage.k8s.io/v1', 'StorageClass'),
      object('v1', 'PersistentVolume'),
      object('v1', 'PersistentVolumeClaim'),
      object('rbac.authorization.k8s.io/v1', 'ClusterRole'),
      object('rbac.authorization.k8s.io/v1', 'RoleBinding'),
      object('v1', 'Service'),
      object('apps/v1', 'DaemonSet'),
      object('apps/v1', 'Deployment'),
      object('apps/v1', 'StatefulSet'),
      object('batch/v1', 'CronJob'),
      object('networking.k8s.io/v1', 'Ingress'),
      object('coordination.k8s.io/v1', 'Lease'),
      object('example.com/v1', 'Widget'),
      object('apiregistration.k8s.io/v1', 'APIService'),
      object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'),
      object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
    ];
    expect([...wanted].reverse().sort(compareForApply)).toStrictEqual(wanted);
    expect([...wanted].sort(compareForDelete)).toStrictEqual([...wanted].reverse());
  });

  it('goes by the group too: a custom kind of the same name is a custom kind', () =>
    expect(installRank({ group: 'serving.knative.dev', kind: 'Service' })).toBe(installRank({ group: 'e.com', kind: 'Widget' })));

  it('breaks ties by namespace, group, kind and name', () => {
    const wanted = [object('v1', 'Secret', 'b', 'a'), object('v1', 'Secret', 'a', 'b'), object('v1', 'Secret', 'b', 'b')];
    expect([...wanted].reverse().sort(compareForApply)).toStrictEqual(wanted);
  });

  it('counts every kind that Kubernetes serves by itself before custom kinds or among the last', () => {
    const custom = installRank({ group: 'e.com', kind: 'Widget' });
    for (const { group, kind } of builtinResources()) expect([kind, installRank({ group, kind }) === custom]).toStrictEqual([kind, false]);
  });

  it('is a total order', () => {
    const any = fc.record({
      kind: fc.constantFrom('Secret', 'Pod', 'Widget'),
      group: fc.constantFrom('v1', 'apps/v1', 'e.com/v1'),
      name: fc.constantFrom('a', 'b'),
      namespace: fc.constantFrom('', 'n'),
    });
    const make = (r: { kind: string; group: string; name: string; namespace: string }) => object(r.group, r.kind, r.name, r.namespace);
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (list) => {
        const sorted = list.map(make).sort(compareForApply);
        expect([...list].reverse().map(make).sort(compareForApply)).toStrictEqual(sorted);
      }),
    );
  });
});
