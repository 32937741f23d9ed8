import { describe, expect, test } from 'vitest';
import { parseFields } from '../../manifest/index.js';
import type { KubeObject, ManagedFieldsEntry } from '../../model/index.js';
import { configMap, configMapSchema, deploymentSchema, gadget, gadgetSchema, now, nowText, owners } from './fixtures.js';
import { ignoreTimesOnly, parentManagedFields, scaleManagedFields, serverSideApply, type TrackOptions, trackUpdate } from './index.js';

function track(live: KubeObject | undefined, next: KubeObject, manager: string, rest: Partial<TrackOptions> = {}): KubeObject {
  return trackUpdate({ schema: configMapSchema, next, manager, time: now, ...(live === undefined ? {} : { live }), ...rest }).object;
}

const created = () => track(undefined, configMap({ k: 'v' }, { uid: 'u', labels: { a: '1' } }), 'kubectl-create');

describe('updates', () => {
  test('who creates an object owns its fields', () => {
    expect(owners(created())).toEqual(['kubectl-create/Update {"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:a":{}}}}']);
  });

  test('structures that are always there are not set by anybody', () => {
    const empty: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
      status: {},
    };
    const next = {
      ...empty,
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        strategy: { type: 'Recreate' },
        template: { metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] } },
      },
    };
    expect(owners(track(undefined, next, 'm', { schema: deploymentSchema, empty }))).toEqual([
      'm/Update {"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:type":{}},"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:name":{},"f:resources":{}}}}}}}',
    ]);
  });

  test('a change moves the field; the time moves with it', () => {
    const live = created();
    const next = track(live, { ...live, data: { k: 'w' } }, 'kubectl-edit', { time: now + 61_000 });
    expect(owners(next)).toEqual([
      'kubectl-create/Update {"f:data":{},"f:metadata":{"f:labels":{".":{},"f:a":{}}}}',
      'kubectl-edit/Update {"f:data":{"f:k":{}}}',
    ]);
    expect(next.metadata.managedFields?.map((e) => e.time)).toEqual([nowText, '2026-01-02T03:05:06Z']);
  });

  test('nothing changed is nothing changed', () => {
    const live = created();
    const result = trackUpdate({ schema: configMapSchema, live, next: structuredClone(live), manager: 'other', time: now + 5000 });
    expect(result.changed).toBe(false);
    expect(result.object).toBe(live);
  });

  test('a removed field is nobody’s, an entry without fields goes', () => {
    const live = track(created(), { ...created(), data: { k: 'v', own: '1' } }, 'edit');
    const next = track(live, { ...live, data: { k: 'v' } }, 'third');
    expect(owners(next)).toEqual(owners(created()));
  });

  test('an applier loses what an update changes', () => {
    const live = serverSideApply({ schema: configMapSchema, applied: configMap({ a: '1', b: '1' }), manager: 'one', time: now }).object;
    expect(owners(track(live, { ...live, data: { a: '2', b: '1' } }, 'edit'))).toEqual([
      'one/Apply {"f:data":{"f:b":{}}}',
      'edit/Update {"f:data":{"f:a":{}}}',
    ]);
  });

  test('reset with [] or [{}]; untracked until somebody applies', () => {
    const live = created();
    for (const managedFields of [[], [{}]]) {
      const reset = track(live, { ...live, metadata: { ...live.metadata, managedFields } }, 'x');
      expect(reset.metadata).not.toHaveProperty('managedFields');
      expect(track(reset, { ...reset, data: { k: 'w' } }, 'x').metadata).not.toHaveProperty('managedFields');
    }
  });

  test('managedFields that a client sends count; broken ones do not', () => {
    const live = created();
    const entry = live.metadata.managedFields?.[0] as ManagedFieldsEntry;
    const sent = { ...live, metadata: { ...live.metadata, managedFields: [{ ...entry, manager: 'renamed' }] } };
    expect(owners(track(live, sent, 'x'))[0]).toMatch(/^renamed/);
    const broken = { ...live, metadata: { ...live.metadata, managedFields: [{ ...entry, fieldsType: 'V9' }] } };
    expect(owners(track(live, broken, 'x'))).toEqual(owners(live));
    const ofStatus = track(live, sent, 'x', { subresource: 'status' });
    expect(owners(ofStatus)).toEqual(owners(live));
  });

  test('what is reset is not owned', () => {
    const live = track(undefined, gadget({ size: 1 }), 'one', { schema: gadgetSchema });
    const next = { ...live, status: { phase: 'x' } };
    expect(owners(track(live, next, 'ctl', { schema: gadgetSchema, resetFields: parseFields({ 'f:status': {} }) }))).toHaveLength(1);
    const status = track(live, next, 'ctl', { schema: gadgetSchema, subresource: 'status', resetFields: parseFields({ 'f:spec': {} }) });
    expect(owners(status)).toContain('ctl/Update/status {"f:status":{".":{},"f:phase":{}}}');
  });

  test('an object whose list has two items of one key is not tracked', () => {
    const next = gadget({ labels: ['a', 'a'] });
    expect(track(undefined, next, 'x', { schema: gadgetSchema }).metadata).not.toHaveProperty('managedFields');
  });

  test('more than ten updaters are folded, the oldest first', () => {
    let live = track(undefined, configMap({ k0: '0' }, { uid: 'u' }), 'm0');
    for (let i = 1; i <= 12; i++)
      live = track(live, { ...live, data: { ...(live['data'] as object), [`k${i}`]: '1' } }, `m${i}`, { time: now + i * 1000 });
    const names = live.metadata.managedFields?.map((e) => e.manager);
    expect(names).toHaveLength(10);
    expect(names).toEqual(['ancient-changes', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12']);
    expect(owners(live)[0]).toContain('"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}');
  });
});

test('a write that changes times only is none', () => {
  const live = created();
  const [entry] = live.metadata.managedFields ?? [];
  const later = (data: object): KubeObject => ({
    ...live,
    data,
    metadata: { ...live.metadata, managedFields: [{ ...entry, time: '2026-02-02T00:00:00Z' }] },
  });
  expect(ignoreTimesOnly(live, later({ k: 'v' }))).toBe(live);
  const changed = later({ k: 'w' });
  expect(ignoreTimesOnly(live, changed)).toBe(changed);
});

describe('scale', () => {
  const parent: ManagedFieldsEntry[] = [
    {
      manager: 'gitops',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: nowText,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    },
    {
      manager: 'ctl',
      operation: 'Update',
      apiVersion: 'apps/v1',
      time: nowText,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:paused': {} } },
    },
  ];
  const options = { parent, apiVersion: 'apps/v1' };

  test('shows who owns the number of replicas', () => {
    expect(scaleManagedFields(options)).toEqual([{ ...parent[0], apiVersion: 'autoscaling/v1' }]);
  });

  test('a scale that somebody else wrote takes the replicas', () => {
    const written: ManagedFieldsEntry[] = [
      {
        manager: 'hpa',
        operation: 'Update',
        apiVersion: 'autoscaling/v1',
        time: nowText,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        subresource: 'scale',
      },
    ];
    const { time: _, ...untimed } = written[0] as ManagedFieldsEntry;
    expect(parentManagedFields(options, written)).toEqual([{ ...untimed, apiVersion: 'apps/v1' }, parent[1]]);
  });

  test('an unchanged scale changes nothing', () => {
    expect(parentManagedFields(options, scaleManagedFields(options))).toEqual(parent);
  });
});
