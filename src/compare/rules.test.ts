import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/index.js';
import { autoscalerRules, fits, leaveIgnored, noRules, ruled, rulesFor } from './rules.js';
import type { Desired } from './types.js';

describe('fits', () => {
  it.each([
    ['web', 'web', true],
    ['web', 'web2', false],
    ['*', '', true],
    ['web-*', 'web-', true],
    ['web-*', 'api-web-1', false],
    ['*-web', 'api-web', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['spec.containers[*].image', 'spec.containers[name="web"].image', true],
    ['a.b', 'axb', false],
  ])('%s on %s: %s', (pattern, text, expected) => expect(fits(pattern, text)).toBe(expected));

  it('finds every text that the pattern was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 5 }), (pairs) => {
        const plain = pairs.map(([fixed, any]) => [fixed.replaceAll('*', ''), any] as const);
        expect(fits(plain.map(([fixed]) => `${fixed}*`).join('') || '*', plain.map(([fixed, any]) => fixed + any).join(''))).toBe(true);
      }),
    );
  });
});

const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };

describe('rules', () => {
  it('are chosen by object, and the first that fits decides', () => {
    const rules = rulesFor(
      {
        conflicts: [
          { kind: 'Service', action: 'take' },
          { kind: 'Deployment', namespace: 'sh*', path: 'spec.replicas', manager: 'keda*', action: 'yield' },
          { group: 'apps', name: 'w*', action: 'block' },
        ],
        ignore: [{ kind: 'Deployment', pointers: [], managers: ['mesh-*'] }],
      },
      key,
    );
    expect(ruled(rules, 'spec.replicas', 'keda-operator')).toBe('yielded');
    expect(ruled(rules, 'spec.replicas', 'kubectl')).toBe('blocked');
    expect(ruled({ ...rules, conflicts: [] }, 'spec.template.spec', 'mesh-injector')).toBe('ignored');
    expect(ruled({ ...rules, conflicts: [] }, 'spec.template.spec', 'other')).toBeUndefined();
    expect(ruled(noRules, 'spec', 'x')).toBeUndefined();
  });

  it('leave the replicas of what an autoscaler of the set scales to it', () => {
    const scaler: KubeObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'shop' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    };
    const ignore = autoscalerRules([scaler, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }]);
    expect(rulesFor({ conflicts: [], ignore }, key).ignore).toMatchObject([
      { pointers: ['/spec/replicas'], leftTo: 'HorizontalPodAutoscaler/h' },
    ]);
    expect(rulesFor({ conflicts: [], ignore }, { ...key, name: 'other' }).ignore).toEqual([]);
    expect(rulesFor({ conflicts: [], ignore }, { ...key, namespace: 'other' }).ignore).toEqual([]);
  });
});

describe('leaveIgnored', () => {
  const desired = (object: object) => ({ object }) as Desired;
  const object = (data: object, managedFields?: object[]) =>
    ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', ...(managedFields ? { managedFields } : {}) },
      data,
    }) as unknown as KubeObject;
  const rules = (...pointers: string[]) => ({ conflicts: [], ignore: [{ pointers, managers: [] }] });

  it('sends the live value where nobody else owns the field, since leaving it out would remove it', () => {
    const { send, ignored } = leaveIgnored(desired(object({ x: 'git', y: '1' })), object({ x: 'live' }), rules('/data/x'));
    expect(send['data']).toEqual({ x: 'live', y: '1' });
    expect(ignored).toMatchObject([{ steps: ['data', 'x'], ours: 'git', theirs: 'live', owner: '' }]);
  });

  it('leaves the field out where somebody else owns it', () => {
    const managed = [{ manager: 'hpa', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:x': {} } } }];
    expect(leaveIgnored(desired(object({ x: 'git' })), object({ x: 'live' }, managed), rules('/data/x')).send['data']).toEqual({});
  });

  it('leaves out what the cluster does not have, and touches nothing that is equal, absent or unreachable', () => {
    expect(leaveIgnored(desired(object({ x: 'git' })), object({}), rules('/data/x')).send['data']).toEqual({});
    const same = desired(object({ x: 'git', list: [1, { a: 1 }] }));
    for (const pointer of ['/data/x', '/data/none', '/data/x/deeper', '/data/list/-', '/data/__proto__/x', '/none/at/all'])
      expect(leaveIgnored(same, object({ x: 'git' }), rules(pointer))).toEqual({ send: same.object, ignored: [] });
    expect(leaveIgnored(same, object({ list: [1, { a: 2 }] }), rules('/data/list/1/a')).send['data']).toEqual({
      x: 'git',
      list: [1, { a: 2 }],
    });
  });

  it('reads escapes', () => {
    const { send } = leaveIgnored(desired(object({ 'a/b~c': '1' })), object({ 'a/b~c': '2' }), rules('/data/a~1b~0c'));
    expect(send['data']).toEqual({ 'a/b~c': '2' });
  });
});
