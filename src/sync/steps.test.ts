import { describe, expect, it } from 'vitest';
import { type Compared, type Hook, noRules } from '../compare/index.js';
import { gvkOf, type KubeObject, keyOf } from '../model/index.js';
import { failHooks, orderSteps } from './steps.js';

const object = (apiVersion: string, kind: string, name: string, namespace?: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...rest,
});

function item(o: KubeObject, wave = 0): Compared {
  return {
    desired: { key: keyOf(o), gvk: gvkOf(o), resource: undefined, object: o, hash: '', wave, source: { file: 'x' }, rules: noRules },
    action: 'create',
    send: o,
    force: false,
    afterDeletion: false,
    conflicts: [],
    warnings: [],
  };
}

const hook = (name: string, phases: Hook['phases'], wave = 0): Hook => {
  const o = object('batch/v1', 'Job', name, 'n');
  return { gvk: gvkOf(o), resource: undefined, object: o, phases, wave, deletePolicies: [], source: { file: 'x' } };
};

const told = (items: Compared[], hooks: Hook[] = []) =>
  orderSteps(items, hooks).map(
    (step) =>
      `${step.phase} ${step.wave}: ${[...step.tiers.map((t) => t.map((i) => i.desired.key.name).join('+')), ...step.hooks.map((h) => `(${h.object.metadata.name})`)].join(' ')}`,
  );

describe('orderSteps', () => {
  it('goes by phase, wave and kind', () => {
    const items = [
      item(object('apps/v1', 'Deployment', 'web', 'n')),
      item(object('v1', 'Service', 'svc', 'n')),
      item(object('v1', 'ConfigMap', 'b', 'n')),
      item(object('v1', 'ConfigMap', 'a', 'n')),
      item(object('apps/v1', 'Deployment', 'late', 'n'), 5),
      item(object('apps/v1', 'Deployment', 'early', 'n'), -1),
    ];
    expect(told(items, [hook('pre', ['PreSync']), hook('mid', ['Sync'], 1), hook('post', ['PostSync', 'SyncFail'])])).toEqual([
      'PreSync 0: (pre)',
      'Sync -1: early',
      'Sync 0: a+b+svc web',
      'Sync 1: (mid)',
      'Sync 5: late',
      'PostSync 0: (post)',
    ]);
  });

  it('puts Namespaces and definitions before their users, even from later waves', () => {
    const crd = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'boats.example.com', undefined, {
      spec: { group: 'example.com', names: { kind: 'Boat' } },
    });
    const items = [
      item(object('example.com/v1', 'Boat', 'boat', 'harbour'), -1),
      item(object('v1', 'Namespace', 'harbour'), 3),
      item(object('v1', 'Namespace', 'other'), 3),
      item(crd, 2),
    ];
    expect(told(items)).toEqual(['Sync -1: harbour boats.example.com boat', 'Sync 3: other']);
  });

  it('orders the hooks of a failure by wave', () => {
    expect(
      failHooks([hook('b', ['SyncFail'], 2), hook('a', ['SyncFail'], 1), hook('no', ['PostSync'])]).map((h) => h.object.metadata.name),
    ).toEqual(['a', 'b']);
  });
});
